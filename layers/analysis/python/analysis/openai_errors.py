"""Errors of the `openai` package as ours: what is final, what passes, what is down."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from math import isfinite

from faults import Code, Permanent, Transient, Unavailable

PROVIDER = "the language model"


@contextmanager
def provider_errors() -> Iterator[None]:
    """Translate; nothing of what the provider said is repeated, as it may quote the input."""
    import openai

    try:
        yield
    except (openai.RateLimitError, openai.InternalServerError) as error:
        raise Unavailable(
            PROVIDER, f"answered {error.status_code}", _retry_after(error.response.headers)
        ) from None
    except openai.APITimeoutError:
        raise Transient(Code.OUT_OF_TIME, f"{PROVIDER} did not answer in time") from None
    except openai.APIConnectionError:
        raise Unavailable(PROVIDER, "cannot be reached") from None
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        raise Permanent(
            Code.NOT_CONFIGURED, f"{PROVIDER} refused the key; check the secret"
        ) from None
    except openai.APIStatusError as error:
        raise Permanent(
            Code.MODEL_OUTPUT_INVALID, f"{PROVIDER} refused the request ({error.status_code})"
        ) from None
    except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError) as error:
        raise Permanent(
            Code.MODEL_OUTPUT_INVALID, f"{PROVIDER} broke off ({type(error).__name__})"
        ) from None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a server asks to wait: in ms, in s, or until a date told by its own clock."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with suppress(KeyError, ValueError):
            seconds = float(headers[name]) * unit
            if isfinite(seconds):
                return max(0.0, seconds)
    with suppress(KeyError, ValueError, TypeError):
        until = parsedate_to_datetime(headers["retry-after"])
        return max(0.0, (until - parsedate_to_datetime(headers["date"])).total_seconds())
    return None
