"""A call to a provider that ends when the time is up, whatever the provider does."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from analysis.openai_errors import PROVIDER, provider_errors
from faults import Code, Transient

LEAST = 1.0
"""s below which no call is begun."""

Answer = TypeVar("Answer")


def call(remaining: Callable[[], float], ask: Callable[[float], Answer]) -> Answer:
    """Call `ask` with the seconds left; errors as `provider_errors`.

    The HTTP client bounds each read, so that a server that sends a byte now and then could hold
    it for ever; here the whole call is bounded. A call given up is left to end by itself. Raises
    `Transient(out_of_time)`.
    """
    seconds = remaining()
    if seconds < LEAST:
        raise Transient(Code.OUT_OF_TIME, f"no time is left to ask {PROVIDER}")
    outcome: list[tuple[Any, BaseException | None]] = []

    def work() -> None:
        try:
            outcome.append((ask(seconds), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise Transient(Code.OUT_OF_TIME, f"{PROVIDER} did not answer in time")
    answer, error = outcome[0]
    if error is not None:
        with provider_errors():
            raise error
    return answer  # type: ignore[no-any-return]
