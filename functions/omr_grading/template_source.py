"""Where a job's template comes from: its payload, the API, or legacy boxes in px."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from analysis.omr.sheet_code import is_of, sheet_code
from analysis.omr.template import Template, parse_template
from faults import Code, Permanent, Unavailable
from jobs import limits
from jobs.contract.omr import QUESTION_COUNTS, OmrPayload
from jobs.secrets import secret
from jobs.settings import EnvSettings
from jobs.template_api import fetch_template

Grey = NDArray[Any]


class TemplateApiSettings(EnvSettings):
    """The API that serves templates; both are configuration, never payload."""

    api_base_url: str = ""
    worker_token_secret_arn: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A template of the API, when it was asked for (s, monotonic), and its meta."""

    asked: float
    meta: Mapping[str, Any]
    template: Template


class TemplateSource:
    """Templates of a job; those of the API are kept and asked for anew every few minutes.

    A template that comes again unchanged is not parsed again; one of another version replaces
    the one known. While the API is down the one known serves on.
    """

    def __init__(
        self,
        ask: Callable[[int], Mapping[str, Any]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask or _asked
        self._clock = clock
        self._known: dict[int, Known] = {}

    def of(self, payload: OmrPayload, grey: Grey) -> tuple[Template, str | None]:
        """Find the template of a page, a uint8 picture; and why it cannot be the page's, if so.

        Of several templates the one named by the page's QR is taken. Raises
        `Permanent(template_invalid)`, or as `fetch_template`.
        """
        templates = self._offered(payload, (grey.shape[1], grey.shape[0]))
        if not any(template.code for template in templates):
            return templates[0], None
        code = sheet_code(grey, templates)
        if code is None:
            return templates[0], None if len(templates) == 1 else "code_unread"
        if payload.question_count is not None and not is_of(code, templates[0]):
            templates += tuple(self._others(payload.question_count))
        exact = [template for template in templates if template.code == code]
        alike = [template for template in templates if is_of(code, template)]
        if exact or alike:
            return (exact or alike)[0], None if exact else "template_version"
        return templates[0], "wrong_form"

    def _offered(self, payload: OmrPayload, size: tuple[int, int]) -> tuple[Template, ...]:
        if payload.template_metas:
            return tuple(parse_template(meta) for meta in payload.template_metas)
        if payload.template_meta is not None:
            return (parse_template(payload.template_meta),)
        if payload.question_count is not None:
            return (self.from_api(payload.question_count),)
        return (parse_template(legacy_meta(payload.questions or [], size)),)

    def _others(self, question_count: int) -> Iterator[Template]:
        for count in QUESTION_COUNTS:
            if count != question_count:
                try:
                    yield self.from_api(count)
                except Permanent:
                    continue

    def from_api(self, question_count: int) -> Template:
        """Return the API's template of so many questions; raises as `fetch_template`."""
        known = self._known.get(question_count)
        if known is not None and self._clock() - known.asked < limits.TEMPLATE_SECONDS:
            return known.template
        try:
            meta = self._ask(question_count)
        except Unavailable:
            if known is None:
                raise
            return known.template
        template = known.template if known and known.meta == meta else parse_template(meta)
        self._known[question_count] = Known(self._clock(), meta, template)
        return template


def _asked(question_count: int) -> Mapping[str, Any]:
    settings = TemplateApiSettings.load()
    if not (settings.api_base_url and settings.worker_token_secret_arn):
        raise Permanent(Code.NOT_CONFIGURED, "set API_BASE_URL and WORKER_TOKEN_SECRET_ARN")
    token = secret(settings.worker_token_secret_arn)
    return fetch_template(settings.api_base_url, token, question_count)


SOURCE = TemplateSource()
"""One a process: a warm function keeps the API's templates."""


def legacy_meta(questions: list[dict[str, Any]], size: tuple[int, int]) -> Mapping[str, Any]:
    """Template meta in px from `questions` with choices `{label, roi: {x, y, w, h}}`.

    Raises `Permanent(template_invalid)` for anything of another shape.
    """
    try:
        read = [_legacy_question(question) for question in questions]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise Permanent(
            Code.TEMPLATE_INVALID, "questions.choices.roi: x, y, w and h in px are needed"
        ) from None
    return {
        "units": "px",
        "template_id": "legacy",
        "page": {"size": {"width": size[0], "height": size[1]}},
        "questions": read,
    }


def _legacy_question(question: dict[str, Any]) -> dict[str, Any]:
    return {
        "question_id": question.get("question_id", question.get("question_number")),
        "choices": [_legacy_choice(choice) for choice in question.get("choices", [])],
    }


def _legacy_choice(choice: dict[str, Any]) -> dict[str, Any]:
    roi = choice.get("roi") or choice
    x, y, w, h = (float(roi[name]) for name in ("x", "y", "w", "h"))
    return {
        "label": choice.get("label", choice.get("value")),
        "center": {"x": x + w / 2, "y": y + h / 2},
        "rx": w / 2,
        "ry": h / 2,
    }
