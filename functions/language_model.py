"""The client of an OpenAI-compatible API, from settings and the secret."""

from typing import Any

from faults import Code, Permanent
from jobs.secrets import secret
from jobs.settings import EnvSettings

RETRIES = 1
"""Retries inside a call; the queue is the real retry."""


class LanguageModelSettings(EnvSettings):
    """`openai_secret_arn` holds the key; an empty base URL is OpenAI's own."""

    openai_secret_arn: str = ""
    openai_base_url: str = ""


def client(settings: LanguageModelSettings, seconds: float) -> Any:
    """Open a client that gives up in `seconds`. Raises `Permanent(not_configured)`, no key."""
    if not settings.openai_secret_arn:
        raise Permanent(Code.NOT_CONFIGURED, "set OPENAI_SECRET_ARN to the secret with the key")
    from openai import OpenAI

    return OpenAI(
        api_key=secret(settings.openai_secret_arn),
        base_url=settings.openai_base_url or None,
        timeout=max(1.0, seconds / (RETRIES + 1)),
        max_retries=RETRIES,
    )
