"""What the academy's API demands of a worker's post, checked independently of the project's code.

The rules are the seed contract's: the worker token, a worker id, one Idempotency-Key per outcome,
and a body whose status, result and error fit together. Pure: no sockets, no clock.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_REQUIRED: dict[str, Callable[[Any], bool]] = {
    "job_id": lambda value: isinstance(value, str) and bool(value),
    "submission_id": lambda value: value is None or type(value) is int,
    "status": lambda value: value in ("done", "failed"),
    "result": lambda value: value is None or isinstance(value, dict),
    "error": lambda value: value is None or isinstance(value, str),
}
_OPTIONAL: dict[str, Callable[[Any], bool]] = {
    "error_code": lambda value: value is None or (isinstance(value, str) and bool(value)),
    "result_url": lambda value: value is None or isinstance(value, str),
    "generation": lambda value: type(value) is int and value >= 1,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The API's answer: an HTTP status and what was wrong; `body` is the post, if readable."""

    status: int
    problems: tuple[str, ...] = ()
    body: Mapping[str, Any] | None = None
    repeated: bool = False


@dataclass(slots=True)
class ResultDesk:
    """Takes results; `token` is the one workers must show. Remembers what each key stood for."""

    token: str
    _taken: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def take(self, headers: Mapping[str, str], raw: bytes) -> Verdict:
        """Judge one post: 200 taken or repeated, 400 malformed, 401 wrong token, 409 two stories.

        `headers` has lower-case names.
        """
        if problem := credential_problem(headers, self.token):
            return Verdict(401, (problem,))
        body = _read(raw)
        if body is None:
            return Verdict(400, ("the body is not a JSON object",))
        problems = (*_header_problems(headers, body), *body_problems(body))
        if problems:
            return Verdict(400, problems, body)
        return self._remember(headers["idempotency-key"], body)

    def _remember(self, key: str, body: Mapping[str, Any]) -> Verdict:
        before = self._taken.setdefault(key, body)
        if before != body:
            return Verdict(409, (f"{key} was told another outcome before",), body)
        return Verdict(200, (), body, repeated=before is not body)


def credential_problem(headers: Mapping[str, str], token: str) -> str | None:
    """Check the worker token, in constant time; None if it is right."""
    shown = headers.get("x-worker-token", "")
    if not hmac.compare_digest(shown.encode(), token.encode()):
        return "X-Worker-Token is missing or wrong"
    return None


def body_problems(body: Mapping[str, Any]) -> list[str]:
    """Name every field that is missing, unknown, of the wrong type, or at odds with the status."""
    problems = [f"{name} is missing" for name in _REQUIRED if name not in body]
    known = _REQUIRED | _OPTIONAL
    problems += [f"{name} is unknown" for name in body if name not in known]
    problems += [
        f"{name} has the wrong type or value"
        for name, fits in known.items()
        if name in body and not fits(body[name])
    ]
    return problems or list(_contradictions(body))


def _contradictions(body: Mapping[str, Any]) -> list[str]:
    has_result = body["result"] is not None or bool(body.get("result_url"))
    has_error = bool(body["error"])
    if body["status"] == "done":
        problems = [] if has_result else ["done without a result"]
        return problems + (["done with an error"] if has_error or body.get("error_code") else [])
    problems = [] if has_error else ["failed without an error"]
    return problems + (["failed with a result"] if has_result else [])


def _header_problems(headers: Mapping[str, str], body: Mapping[str, Any]) -> list[str]:
    problems = []
    if headers.get("content-type", "").split(";")[0].strip() != "application/json":
        problems.append("Content-Type is not application/json")
    if not headers.get("x-worker-id", "").strip():
        problems.append("X-Worker-Id is missing")
    expected = f"{body.get('job_id')}:{body.get('generation', 1)}"
    if headers.get("idempotency-key") != expected:
        problems.append("Idempotency-Key is not job_id:generation")
    return problems


def _read(raw: bytes) -> Mapping[str, Any] | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
