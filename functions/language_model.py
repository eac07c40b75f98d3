"""The client of an OpenAI-compatible API, from settings and the secret."""

from typing import Any

from faults import Code, Permanent
from jobs.secrets import secret
from jobs.settings import EnvSettings


class LanguageModelSettings(EnvSettings):
    """`openai_secret_arn` holds the key; an empty base URL is OpenAI's own."""

    openai_secret_arn: str = ""
    openai_base_url: str = ""


def client(settings: LanguageModelSettings, seconds: float) -> Any:
    """Open a client that waits `seconds` for an answer. Raises `Permanent(not_configured)`, no key.

    It retries nothing: the package would sleep through a Retry-After inside the function, on top
    of `seconds`; the queue waits without cost.
    """
    if not settings.openai_secret_arn:
        raise Permanent(Code.NOT_CONFIGURED, "set OPENAI_SECRET_ARN to the secret with the key")
    return open_client(secret(settings.openai_secret_arn), settings.openai_base_url, seconds)


def open_client(key: str, base_url: str, seconds: float) -> Any:
    """Open a client with a key at hand. Raises `Permanent(not_configured)` for an empty one."""
    if not key.strip():
        raise Permanent(Code.NOT_CONFIGURED, "the language model's key is empty; set it")
    from openai import OpenAI

    return OpenAI(
        api_key=key.strip(),
        base_url=base_url or None,
        timeout=max(1.0, seconds),
        max_retries=0,
    )
