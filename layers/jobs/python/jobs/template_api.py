"""The academy's API serves the template meta of its own answer sheets."""

from typing import Any

from faults import Code, Permanent, Transient, Unavailable
from jobs import limits

META_PATH = "/api/v1/assets/omr/objective/meta/"


def fetch_template(base_url: str, token: str, question_count: int) -> dict[str, Any]:
    """Ask for the meta of the sheet with that many questions.

    Raises `Permanent(template_unavailable)` where there is none, `Transient` for an answer that
    cannot be read and `Unavailable` while the API is down.
    """
    import requests

    try:
        response = requests.get(
            base_url.rstrip("/") + META_PATH,
            params={"question_count": question_count},
            headers={"Accept": "application/json", "X-Worker-Token": token},
            timeout=limits.API_TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException:
        raise Unavailable("the template API", "no answer") from None
    if response.status_code >= 500 or response.status_code in (401, 403, 408, 429):
        raise Unavailable("the template API", f"answered {response.status_code}")
    if response.status_code != 200:
        raise Permanent(
            Code.TEMPLATE_UNAVAILABLE,
            f"the API has no template of {question_count} questions ({response.status_code})",
        )
    try:
        meta = response.json()
    except ValueError:
        raise Transient(Code.TEMPLATE_UNAVAILABLE, "the template is not JSON") from None
    if not isinstance(meta, dict):
        raise Permanent(Code.TEMPLATE_INVALID, "the API's template is no object")
    return meta
