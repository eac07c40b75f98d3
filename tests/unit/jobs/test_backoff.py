"""Waits stay in their bounds and grow."""

import random

import hypothesis.strategies as st
from hypothesis import given

from jobs import limits
from jobs.backoff import notify_delay, provider_delay, retry_delay

receives = st.integers(1, 10_000)
patience = st.one_of(st.none(), st.floats(0, 1e9))
seeds = st.integers(0, 2**32).map(random.Random)


@given(receives, seeds)
def test_a_retry_waits_half_to_all_of_its_step(count: int, rng: random.Random) -> None:
    step = min(limits.RETRY_CAP, limits.RETRY_BASE * 2.0 ** min(count - 1, 16))
    assert 0.5 * step <= retry_delay(count, rng) <= step


@given(receives, patience, seeds)
def test_delivery_is_as_patient_as_asked_up_to_the_cap(
    count: int, asked: float | None, rng: random.Random
) -> None:
    delay = notify_delay(count, asked, rng)
    assert 0 < delay <= limits.NOTIFY_CAP
    assert delay >= min(asked or 0.0, limits.NOTIFY_CAP)


@given(patience, seeds)
def test_a_provider_is_left_alone_for_a_minute_at_least(
    asked: float | None, rng: random.Random
) -> None:
    assert limits.UNAVAILABLE_MIN <= provider_delay(asked, rng) <= limits.UNAVAILABLE_MAX
