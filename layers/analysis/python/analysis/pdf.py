"""PDF pages as pictures, rendered in a child process with bounded memory and time.

PDF is a program more than a picture: a kilobyte can ask for gigabytes or hours, and no header
tells. The child gets an empty environment (no credentials to steal), a cap on address space and
processor time, and may crash without taking the worker along.
"""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from analysis import pdf_child
from analysis.size_guard import check_size
from faults import Code, Permanent

_CODES = {code.value: code for code in Code}


def rendered_pages(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the pages as uint8, height x width x 3, BGR, at `limits.PDF_DPI`, one at a time.

    Raises `Permanent` with `document_unreadable`, `document_too_long`, `image_too_large` or
    `image_too_small`.
    """
    child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own file
        [sys.executable, "-P", pdf_child.__file__, str(path.resolve())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    with child:
        if child.stdout is None:
            raise AssertionError
        try:
            yield from _pages(child.stdout)
        finally:
            child.kill()


def _pages(stream: IO[bytes]) -> Iterator[NDArray[np.uint8]]:
    while True:
        kind = stream.read(1)
        if kind == pdf_child.END:
            return
        if kind == pdf_child.REFUSED:
            code, _, message = stream.read().decode().partition(":")
            raise Permanent(_CODES[code], message)
        if kind != pdf_child.PAGE:
            raise Permanent(
                Code.DOCUMENT_UNREADABLE, "the PDF asks for too much memory or time to be rendered"
            )
        yield _page(stream)


def _page(stream: IO[bytes]) -> NDArray[np.uint8]:
    width, height, channels = struct.unpack("<LLL", stream.read(12))
    check_size(width, height)
    pixels = np.empty((height, width, channels), np.uint8)
    if stream.readinto(pixels.data) < pixels.size:  # type: ignore[attr-defined]
        raise Permanent(Code.DOCUMENT_UNREADABLE, "the PDF's rendering broke off; send it again")
    return np.ascontiguousarray(np.broadcast_to(pixels[:, :, :3], (height, width, 3)))
