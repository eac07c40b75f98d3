"""Where a job's template comes from: its payload, the API, or legacy boxes in px."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from analysis.omr.template import Template, parse_template
from faults import Code, Permanent
from jobs.contract.omr import OmrPayload
from jobs.secrets import secret
from jobs.settings import EnvSettings
from jobs.template_api import fetch_template


class TemplateApiSettings(EnvSettings):
    """The API that serves templates; both are configuration, never payload."""

    api_base_url: str = ""
    worker_token_secret_arn: str = ""


def template_of(payload: OmrPayload, size: tuple[int, int]) -> Template:
    """Find the template of a job; `size` (w, h) in px of its picture, for legacy boxes.

    Raises `Permanent(template_invalid)`, or as `fetch_template`.
    """
    if payload.template_meta is not None:
        return parse_template(payload.template_meta)
    if payload.question_count is not None:
        return _from_api(payload.question_count)
    return parse_template(legacy_meta(payload.questions or [], size))


@lru_cache(maxsize=8)
def _from_api(question_count: int) -> Template:
    settings = TemplateApiSettings.load()
    if not (settings.api_base_url and settings.worker_token_secret_arn):
        raise Permanent(Code.NOT_CONFIGURED, "set API_BASE_URL and WORKER_TOKEN_SECRET_ARN")
    token = secret(settings.worker_token_secret_arn)
    return parse_template(fetch_template(settings.api_base_url, token, question_count))


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
