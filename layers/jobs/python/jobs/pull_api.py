"""The API's list of jobs to fetch: `GET /api/v1/internal/ai/job/next/`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from faults import Code, Permanent, Transient, Unavailable
from jobs import limits

NEXT_PATH = "/api/v1/internal/ai/job/next/"
_NAME = "the API's list of jobs"


class JobList:
    """`token` returns the worker token, a fresh one on `token(True)`."""

    def __init__(self, base_url: str, token: Callable[[bool], str], worker_id: str) -> None:
        self._url = base_url.rstrip("/") + NEXT_PATH
        self._token = token
        self._worker_id = worker_id

    def next(self) -> Mapping[str, Any] | None:
        """Fetch one job; None for `{"job": null}` and for an answer without content.

        Raises `Unavailable` while the API is down or refuses the token, `Permanent` where it has
        no such list, `Transient` for an answer that cannot be read.
        """
        status, body = self._ask(fresh=False)
        if status in (401, 403):
            status, body = self._ask(fresh=True)
        if status == 204:
            return None
        if status != 200:
            raise _refused(status)
        return _job(body)

    def _ask(self, *, fresh: bool) -> tuple[int, bytes]:
        import requests

        headers = {
            "Accept": "application/json",
            "X-Worker-Token": self._token(fresh),
            "X-Worker-Id": self._worker_id,
        }
        try:
            with requests.get(
                self._url,
                headers=headers,
                timeout=limits.API_TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = b""
                for part in answer.iter_content(65_536):
                    body += part
                    if len(body) > limits.PULL_BYTES:
                        raise Transient(Code.MESSAGE_INVALID, f"{_NAME}: the answer is too large")
                return int(answer.status_code), body
        except requests.RequestException:
            raise Unavailable(_NAME, "no answer") from None


def _refused(status: int) -> Exception:
    if status in (401, 403):
        return Unavailable(_NAME, f"the worker token is refused ({status}); set the secret anew")
    if status in (404, 405, 410):
        return Permanent(
            Code.NOT_CONFIGURED,
            f"{_NAME} is not there ({status}): check ApiBaseUrl",
        )
    return Unavailable(_NAME, f"answered {status}")


def _job(body: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Transient(Code.MESSAGE_INVALID, f"{_NAME}: the answer is not JSON") from None
    job = value.get("job") if isinstance(value, dict) else value
    if not job:
        return None
    if not isinstance(job, dict):
        raise Transient(Code.MESSAGE_INVALID, f"{_NAME}: the job is no object")
    return job
