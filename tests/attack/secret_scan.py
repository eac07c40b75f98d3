"""Finding planted secrets in whatever a test run has written, however they were encoded.

Every secret a test plants holds `MARKER`; every student's text holds `STUDENT`. Both occur
nowhere else, so that finding one outside the places that must hold it is a leak. Every test's
captured output is searched (`tests/conftest.py`); `python -m tests.attack.secret_scan PATH…`
searches files and folders, such as the logs of an embedded run.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

MARKER = "5ecre7"
"""Part of each planted credential, token and URL signature."""

STUDENT = "갑돌이의서술형답안"
"""Part of each text a student wrote."""

PLANTED = {
    "URL signature": f"X-Amz-Signature={MARKER}{MARKER}",
    "worker token": f"token-{MARKER}",
    "provider key": f"sk-{MARKER}",
    "student's text": f"{STUDENT}: 이차함수의 꼭짓점은 (1, 2)",
}

_WORD = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_SHAPES = {
    "an AWS URL signature": re.compile(r"X-Amz-Signature(=|%3D)[0-9a-fA-F]", re.IGNORECASE),
    "an AWS session token": re.compile(r"X-Amz-Security-Token(=|%3D).", re.IGNORECASE),
    "a provider key": re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"),
    "an AWS key id": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
}


@dataclass(frozen=True)
class Leak:
    """What was found, where, and what stood around it."""

    what: str
    where: str
    around: str


def leaks(texts: Mapping[str, str]) -> list[Leak]:
    """Search texts by the name of their place; each finding comes once for a place."""
    return [
        Leak(what, where, text[max(0, at - 60) : at + 60])
        for where, text in texts.items()
        for what, at in _found(text)
    ]


def _found(text: str) -> Iterator[tuple[str, int]]:
    lowered = text.lower()
    for mark in (MARKER, STUDENT):
        for how, form in _forms(mark):
            if (at := lowered.find(form.lower())) >= 0:
                yield f"{mark} {how}", at
    for match in _WORD.finditer(text):
        decoded = _unpacked(match.group())
        if MARKER.encode() in decoded or STUDENT.encode() in decoded:
            yield "a planted text in base64", match.start()
    for what, shape in _SHAPES.items():
        if match := shape.search(text):
            yield what, match.start()


def _forms(mark: str) -> Iterator[tuple[str, str]]:
    yield "as it is", mark
    yield "reversed", mark[::-1]
    yield "in hexadecimal", mark.encode().hex()
    if not mark.isascii():
        yield "percent-encoded", quote(mark)
        yield "escaped as in JSON", json.dumps(mark)[1:-1]
        yield "escaped as in Python", ascii(mark.encode())[2:-1]


def _unpacked(word: str) -> bytes:
    body = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4))
    except ValueError:
        return b""


def main(paths: list[str]) -> int:
    """Search files and folders; print what is found and return 1 if anything is."""
    files = [
        file
        for path in map(Path, paths)
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.is_file()
    ]
    found = leaks({str(file): file.read_text(errors="replace") for file in files})
    for leak in found:
        print(f"{leak.where}: {leak.what}")
    print(f"{len(files)} files searched, {len(found)} findings")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
