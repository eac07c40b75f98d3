"""How long to wait before the next try; the share is drawn at random so that crowds disperse.

Source: AWS Builders' Library, "Timeouts, retries and backoff with jitter".
"""

import random

from jobs import limits


def retry_delay(receive_count: int, rng: random.Random) -> float:
    """Seconds to hide a message after its `receive_count`-th failed try (1, 2, …)."""
    return _jittered(receive_count - 1, limits.RETRY_CAP, rng)


def notify_delay(receive_count: int, retry_after: float | None, rng: random.Random) -> float:
    """Seconds until the next delivery to the API; its Retry-After is honoured up to the cap."""
    delay = _jittered(receive_count - 1, limits.NOTIFY_CAP, rng)
    return min(limits.NOTIFY_CAP, max(delay, retry_after or 0.0))


def provider_delay(retry_after: float | None, rng: random.Random) -> float:
    """Seconds to put a job off while a provider is down."""
    wish = retry_after if retry_after is not None else limits.UNAVAILABLE_MIN * rng.uniform(1, 3)
    return min(limits.UNAVAILABLE_MAX, max(limits.UNAVAILABLE_MIN, wish))


def _jittered(exponent: int, cap: float, rng: random.Random) -> float:
    bounded = min(max(exponent, 0), 16)
    return min(cap, limits.RETRY_BASE * 2.0**bounded) * rng.uniform(0.5, 1.0)
