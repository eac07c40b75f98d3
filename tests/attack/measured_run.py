"""Opens one file in this process and prints what came of it and what it cost, as JSON.

Run as `python -m tests.attack.measured_run FILE`; the memory is this process's own high-water
mark above what the libraries take, so that every file is measured alone.

The mark is `VmHWM` of the kernel: `getrusage` of a child begins with what its parent had used.
"""

import json
import resource
import sys
import time
from pathlib import Path

import cv2
import pillow_heif
from PIL import Image as Pil

from analysis.image import read_pages
from faults import WorkerError


def high_water_megabytes() -> float:
    """The most memory this process has had in use."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(path: Path) -> None:
    Pil.init()
    pillow_heif.register_heif_opener()
    cv2.setNumThreads(1)
    before = high_water_megabytes()
    start = time.process_time()
    pages, code = 0, None
    try:
        for _ in read_pages(path):
            pages += 1
    except WorkerError as error:
        code = error.code.value
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "pages": pages,
                "code": code,
                "megabytes": high_water_megabytes() - before,
                "child_megabytes": child.ru_maxrss / 1024,
                "seconds": time.process_time() - start + child.ru_utime + child.ru_stime,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
