"""The jobs a demo sends, and what must come of each at the API."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Check = Callable[[Mapping[str, Any]], str | None]
"""Looks at a result the API got; says what is wrong with it, None if nothing."""


@dataclass(frozen=True, slots=True)
class DemoJob:
    """One job; a `Path` anywhere in `payload` becomes the URL it is served under.

    `status` is what the API must be told: done, failed (with `code`), or None where the message
    is no job at all and must end in quarantine. `copies` is how often the message is sent.
    """

    title: str
    tier: str
    job_type: str
    payload: Mapping[str, Any]
    status: str | None = "done"
    code: str | None = None
    copies: int = 1
    check: Check | None = None
    raw: str | None = None
    job_id: str = field(default_factory=lambda: f"demo-{uuid.uuid4().hex[:12]}")

    def body(self, source_id: int, serve: Callable[[Path], str]) -> str:
        """Write the message as the academy's API sends it."""
        if self.raw is not None:
            return self.raw
        return json.dumps(
            {
                "job_id": self.job_id,
                "job_type": self.job_type,
                "tier": self.tier,
                "payload": _served(self.payload, serve),
                "source_id": str(source_id),
            },
            ensure_ascii=False,
        )

    @property
    def picture(self) -> Path | None:
        """The file this job is about, if there is one."""
        return next((path for path in _paths(self.payload)), None)


def refusals() -> list[DemoJob]:
    """List messages the system must refuse, each in its own way."""
    link = {"download_url": "http://localhost/never-fetched.jpg"}
    return [
        DemoJob(
            "an answer sheet in the lite tier",
            "lite",
            "omr_grading",
            link,
            status="failed",
            code="tier_forbidden",
        ),
        DemoJob(
            "a job type nobody knows",
            "premium",
            "horoscope",
            link,
            status="failed",
            code="unknown_job_type",
        ),
        DemoJob(
            "a payload without its link",
            "basic",
            "ocr",
            {},
            status="failed",
            code="payload_invalid",
        ),
        DemoJob(
            "a link to a machine that is not allowed",
            "lite",
            "ocr",
            {"download_url": "http://169.254.169.254/latest/meta-data/"},
            status="failed",
            code="download_forbidden",
        ),
        DemoJob(
            "a new problem, with no provider set up",
            "premium",
            "problem_generation",
            {"ocr_text": "이차방정식 x²-5x+6=0의 두 근의 합은?"},
            status="failed",
            code="not_configured",
        ),
        DemoJob(
            "a message that is not JSON",
            "basic",
            "(none)",
            {},
            status=None,
            raw="{this is not JSON",
        ),
    ]


def _served(value: Any, serve: Callable[[Path], str]) -> Any:
    if isinstance(value, Path):
        return serve(value)
    if isinstance(value, Mapping):
        return {name: _served(part, serve) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_served(part, serve) for part in value]
    return value


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    parts = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, Mapping | list | tuple):
        for part in parts:
            yield from _paths(part)
