"""What a load run sends, and what must come of each message."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TIERS = ("lite", "basic", "premium")

SHARES = {
    "permanent": 0.05,
    "transient": 0.05,
    "large": 0.02,
    "crash": 0.01,
    "poison": 0.005,
    "unknown type": 0.02,
    "wrong tier": 0.02,
    "bad payload": 0.02,
    "sheet": 0.02,
}
"""Share of the jobs of each kind; the rest is fine. `sheet` is graded by the real reader."""

CODES = {
    "permanent": "image_unreadable",
    "poison": "retries_exhausted",
    "unknown type": "unknown_job_type",
    "wrong tier": "tier_mismatch",
    "bad payload": "payload_invalid",
}
"""The error code a kind ends with; every other kind is done."""

DUPLICATES = 0.10
CONFLICTS = 0.02
UNREADABLE = 0.01
"""Shares of the jobs that are sent twice, whose id is used again with another body, and of
messages beside them that are no jobs at all."""

DEADLY = ("crash", "poison")


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One job; `messages` are all the bodies sent under its id, the valid one first."""

    job_id: str
    tier: str
    kind: str
    messages: tuple[str, ...]

    @property
    def code(self) -> str | None:
        """The error code it must end with, None for done."""
        return CODES.get(self.kind)


def draw(count: int, seed: int, sheet: dict[str, Any]) -> list[LoadJob]:
    """Draw jobs; `sheet` is the payload of an answer sheet. Whatever kills comes in the first half.

    Killed handlers come back as new processes, whose memory says nothing about growth.
    """
    rng = random.Random(seed)
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(share * count))]
    kinds += ["fine"] * (count - len(kinds))
    rng.shuffle(kinds)
    kinds.sort(key=lambda kind: kind not in DEADLY)
    deadly = sum(kind in DEADLY for kind in kinds)
    head = kinds[: count // 2]
    rng.shuffle(head)
    assert deadly <= count // 2
    return [
        _job(number, kind, rng, sheet) for number, kind in enumerate(head + kinds[count // 2 :])
    ]


def _job(number: int, kind: str, rng: random.Random, sheet: dict[str, Any]) -> LoadJob:
    job_id = f"load-{number}"
    tier = rng.choice(TIERS[1:] if kind == "sheet" else TIERS)
    body: dict[str, Any] = {
        "job_id": job_id,
        "job_type": "omr_grading" if kind == "sheet" else "ocr",
        "payload": sheet
        if kind == "sheet"
        else {"download_url": f"http://localhost/{kind.replace(' ', '-')}/{job_id}"},
        "source_id": str(number),
    }
    if kind == "unknown type":
        body["job_type"] = "horoscope"
    elif kind == "wrong tier":
        body["tier"] = TIERS[(TIERS.index(tier) + 1) % 3]
    elif kind == "bad payload":
        body["payload"] = {}
    messages = [json.dumps(body)]
    if rng.random() < DUPLICATES:
        messages.append(messages[0])
    if rng.random() < CONFLICTS:
        messages.append(json.dumps(body | {"source_id": f"{number}0"}))
    return LoadJob(job_id, tier, kind, tuple(messages))


def messages(jobs: list[LoadJob], seed: int) -> Iterator[tuple[str, str]]:
    """(tier, body) of everything that is sent, in order; second messages come 200 jobs later."""
    rng = random.Random(seed)
    later: list[tuple[int, tuple[str, str]]] = []
    for number, job in enumerate(jobs):
        yield job.tier, job.messages[0]
        later += [(number + 200, (job.tier, body)) for body in job.messages[1:]]
        while later and later[0][0] <= number:
            yield later.pop(0)[1]
        if rng.random() < UNREADABLE:
            yield rng.choice(TIERS), '{"job_id": "load'
    for _, message in later:
        yield message
