"""A ceiling on memory around a native library that believes the sizes a file declares."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATM = Path("/proc/self/statm")
_ALONE = threading.Lock()
"""Two ceilings at a time would each put back what they found, the later one the other's ceiling."""


@contextmanager
def memory_bound(growth: int) -> Iterator[None]:
    """Let this process's address space grow by `growth` bytes at most while in here.

    An allocation beyond that fails, which a C library reports, instead of the whole worker being
    killed. The ceiling is the process's: hold it for a short call, not around other threads' work;
    a second thread waits until it is lifted. Without Linux's `/proc` there is none.
    """
    if not _STATM.exists():
        yield
        return
    with _ALONE:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        ceiling = int(_STATM.read_text().split()[0]) * resource.getpagesize() + growth
        if soft != resource.RLIM_INFINITY:
            ceiling = min(soft, ceiling)
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
