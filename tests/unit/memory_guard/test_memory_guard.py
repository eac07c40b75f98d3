"""The ceiling holds inside and is gone outside."""

import mmap
import resource
import threading

import pytest

from analysis.memory_guard import memory_bound


def test_an_allocation_beyond_the_ceiling_fails_and_the_ceiling_goes() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)

    # Mapped anew: the allocator might serve a `bytearray` from what earlier tests have freed.
    with pytest.raises(OSError, match="Cannot allocate memory"), memory_bound(50_000_000):
        mmap.mmap(-1, 200_000_000)

    assert resource.getrlimit(resource.RLIMIT_AS) == before
    with mmap.mmap(-1, 200_000_000) as mapped:
        assert len(mapped) == 200_000_000


def test_what_stays_below_it_succeeds() -> None:
    with memory_bound(200_000_000):
        assert len(bytearray(50_000_000)) == 50_000_000


def test_ceilings_of_two_threads_leave_none_behind() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    inside, first_has_left = threading.Event(), threading.Event()

    def second() -> None:
        with memory_bound(1_000_000_000):
            inside.set()
            first_has_left.wait(5)

    thread = threading.Thread(target=second)
    with memory_bound(1_000_000_000):
        thread.start()
        assert not inside.wait(0.3)
    assert inside.wait(5)
    first_has_left.set()
    thread.join()

    assert resource.getrlimit(resource.RLIMIT_AS) == before
