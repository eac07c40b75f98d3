"""The academy's API: one post per ended job, under a key that makes a repeat harmless."""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from jobs import limits
from jobs.contract.message import ApiResult

RESULT_PATH = "/api/v1/internal/ai/job/result/"
_PATIENCE = frozenset({408, 425, 429})


class Verdict(Enum):
    """What an answer of the API means."""

    SENT = "sent"
    LATER = "later"
    UNAUTHORIZED = "unauthorized"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Answer:
    """The API's answer; `status` 0 for none, `retry_after` in seconds."""

    verdict: Verdict
    status: int = 0
    retry_after: float | None = None


class ApiClient:
    """`token` returns the worker token, a fresh one on `token(True)`; `clock` epoch seconds."""

    def __init__(
        self,
        base_url: str,
        token: Callable[[bool], str],
        worker_id: str,
        clock: Callable[[], float],
    ) -> None:
        self._url = base_url.rstrip("/") + RESULT_PATH
        self._token = token
        self._worker_id = worker_id
        self._clock = clock

    def post(self, body: ApiResult) -> Answer:
        """Deliver one outcome; on a refused token, once more with a fresh one."""
        answer = self._post(body, fresh=False)
        return self._post(body, fresh=True) if answer.verdict is Verdict.UNAUTHORIZED else answer

    def _post(self, body: ApiResult, *, fresh: bool) -> Answer:
        import requests

        try:
            response = requests.post(
                self._url,
                data=body.model_dump_json().encode(),
                headers={
                    "Content-Type": "application/json",
                    "Idempotency-Key": f"{body.job_id}:{body.generation}",
                    "X-Worker-Token": self._token(fresh),
                    "X-Worker-Id": self._worker_id,
                },
                timeout=limits.API_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException:
            return Answer(Verdict.LATER)
        with response:
            return self._read(response)

    def _read(self, response: Any) -> Answer:
        status = int(response.status_code)
        wait = retry_after(response.headers.get("Retry-After"), self._clock())
        if 200 <= status < 300:
            return Answer(Verdict.SENT, status)
        if status in (401, 403):
            return Answer(Verdict.UNAUTHORIZED, status, wait)
        if status in _PATIENCE or status >= 500 or status < 400:
            return Answer(Verdict.LATER, status, wait)
        return Answer(Verdict.REJECTED, status)


def retry_after(header: str | None, now: float) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date, as seconds from `now` (RFC 9110)."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
