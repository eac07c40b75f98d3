"""What is fuzzed: each target takes one input and fails only by a coded error.

A target returns a short word for what came of the input, so that a run can show that both
sides of the parser were reached.
"""

import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image as Pil

from analysis.image import read_pages
from analysis.image_header import guarded_stream
from analysis.omr.template import parse_template
from analysis.video.source import probe
from faults import WorkerError
from file_type import HEAD_BYTES, PICTURES, format_of
from functions.omr_grading.template_source import TemplateSource
from jobs.admission import Admission
from jobs.api import retry_after
from jobs.contract.message import JobType, Tier
from jobs.contract.registry import parse_payload
from jobs.delivery import Delivery
from jobs.job_files import JobFiles
from jobs.notifier import submission_id
from jobs.row import JobRow, Status
from jobs.store import Admitted
from jobs.url_guard import DownloadPolicy, vet_redirect, vet_url
from tests.fuzz.mutation import mutated_bytes, mutated_json
from tests.fuzz.sheets import METAS
from tests.generators.hostile import pictures, videos


@dataclass(frozen=True)
class Target:
    """`make` draws an input, `run` parses it and names the outcome."""

    name: str
    make: Callable[[Random], Any]
    run: Callable[[Any], str]


# --- messages ---------------------------------------------------------------------------------

_ROW_BYTES = 400_000
"""bytes of a DynamoDB item."""

_URL = "https://uploads.example.com/scan.jpg?X-Amz-Signature=5ecre7"
_MESSAGES: list[dict[str, Any]] = [
    {
        "job_id": "9b2f6a",
        "job_type": job_type,
        "tier": "premium",
        "payload": payload,
        "source_id": "4711",
        "created_at": "2026-03-02T09:00:00Z",
    }
    for job_type, payload in (
        ("ocr", {"download_url": _URL, "engine": "auto"}),
        ("omr_grading", {"download_url": _URL, "mode": "photo", "question_count": 20}),
        ("omr_grading", {"download_url": _URL, "template_meta": {"questions": [{"a": [1, 2]}]}}),
        ("question_segmentation", {"download_url": _URL}),
        ("handwriting_analysis", {"download_url": _URL}),
        ("embedding", {"texts": ["이차함수", "x^2"]}),
        ("problem_generation", {"ocr_text": "다음 중 옳은 것은?"}),
        ("homework_video_analysis", {"download_url": _URL, "max_pages": 10}),
        ("wrong_note", {"enrollment_id": "12"}),
    )
]


class _Anything:
    """Takes any call: the store, bucket and telemetry of an admission that nobody looks at."""

    def admit(self, row: JobRow) -> Admitted:
        return Admitted()

    def put_object(self, **_: object) -> None: ...

    def count(self, *_: object, **__: object) -> None: ...

    def line(self, *_: object, **__: object) -> None: ...


@lru_cache
def _admission() -> Admission:
    world: Any = _Anything()
    files = JobFiles(world, "bucket", lambda: 0.0)
    return Admission({"arn": Tier.PREMIUM}, world, files, world, world, lambda: 0.0)


def _make_message(rng: Random) -> str:
    if rng.random() < 0.6:
        return json.dumps(mutated_json(rng, _MESSAGES))
    raw = json.dumps(rng.choice(_MESSAGES), ensure_ascii=False).encode()
    return mutated_bytes(rng, [raw, b'{"job_id": "a"}']).decode(errors="replace")


def _run_message(body: str) -> str:
    delivery = Delivery("m", body, 1, "r", "arn", 0.0, "me", lambda: 60.0)
    row = _admission().record(delivery)
    if row is None:
        return "quarantined"
    if row.status is Status.FAILED and not (row.error_code and row.error_message):
        raise AssertionError("a failed row without a code")
    if "5ecre7" in (row.error_message or ""):
        raise AssertionError("a signature in an error message")
    if len(repr(row).encode()) > _ROW_BYTES:
        raise AssertionError("a row larger than the table takes")
    submission_id(row.source_id)
    return row.error_code or "admitted"


# --- template metas ---------------------------------------------------------------------------


def _run_template(value: Any) -> str:
    if not isinstance(value, dict):
        return "not an object, refused by the contract"
    try:
        template = parse_template(value)
    except WorkerError as error:
        return error.code.value
    if not (np.isfinite(template.centers).all() and (template.radii > 0).all()):
        raise AssertionError("a bubble without a place or size")
    return "parsed"


_OMR_PAYLOADS: list[dict[str, Any]] = [
    {"download_url": _URL, "mode": "scan", "template_meta": METAS[0]},
    {"download_url": _URL, "question_count": 20, "answer_key": {"1": ["3"], "2": "1"}},
    {
        "download_url": _URL,
        "questions": [
            {
                "question_number": 1,
                "choices": [
                    {"label": "1", "roi": {"x": 100, "y": 100, "w": 30, "h": 30}},
                    {"value": 2, "x": 200, "y": 100, "w": 30, "h": 30},
                ],
            }
        ],
    },
]


_BLANK_PAGE = np.full((1400, 1000), 255, np.uint8)


def _run_omr_payload(value: Any) -> str:
    if not isinstance(value, dict):
        return "not an object, refused by the contract"
    try:
        payload = parse_payload(JobType.OMR_GRADING, value)
        TemplateSource().of(payload, _BLANK_PAGE)  # type: ignore[arg-type]
    except WorkerError as error:
        return error.code.value
    return "parsed"


# --- pictures ---------------------------------------------------------------------------------


@lru_cache
def _pictures() -> list[bytes]:
    small = Pil.fromarray(pictures.corners(24, 20))
    files = [
        pictures.encoded(small, name)
        for name in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "MPO", "AVIF")
    ]
    files += [
        pictures.encoded(small, "JPEG", progressive=True),
        pictures.encoded(small.convert("CMYK"), "JPEG"),
        pictures.encoded(small.convert("RGBA"), "PNG"),
        pictures.encoded(small.quantize(8), "PNG"),
        pictures.encoded(small.convert("1"), "TIFF", compression="group4"),
        pictures.encoded(small, "TIFF", compression="tiff_lzw"),
        pictures.encoded(small, "TIFF", save_all=True, append_images=[small]),
        pictures.encoded(small.quantize(8), "GIF", save_all=True, append_images=[small]),
    ]
    return files


@lru_cache
def _documents() -> list[bytes]:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return [*_pictures(), pictures.encoded(Pil.new("RGB", (24, 20)), "HEIF", quality=20)]


def _run_header(data: bytes) -> str:
    kind = format_of(data[:HEAD_BYTES])
    if kind not in PICTURES:
        return str(kind)
    try:
        guarded_stream(data, kind)
    except WorkerError as error:
        return error.code.value
    return f"{kind} passes"


@lru_cache
def _scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-")) / "picture"


def _run_picture(data: bytes) -> str:
    """Decode as well; the file stays behind if a decoder brings the process down."""
    if format_of(data[:HEAD_BYTES]) == "pdf":
        return "pdf"
    _scratch().write_bytes(data)
    try:
        for page in read_pages(_scratch()):
            if page.image.ndim != 3 or page.image.shape[2] != 3:
                raise AssertionError(page.image.shape)
    except WorkerError as error:
        return error.code.value
    return "read"


# --- videos -----------------------------------------------------------------------------------


@lru_cache
def _videos() -> list[bytes]:
    return [videos.video(name, frames=3) for name in ("mp4", "mov", "matroska", "avi")]


def _run_video(data: bytes) -> str:
    """Read headers and packets as `Probe` does; FFmpeg's own parsers are behind it."""
    _scratch().write_bytes(data)
    try:
        facts = probe(_scratch())
    except WorkerError as error:
        return error.code.value
    if not (math.isfinite(facts.fps) and math.isfinite(facts.duration)):
        raise AssertionError(facts)
    return "probed"


# --- links and headers ------------------------------------------------------------------------

_POLICY = DownloadPolicy(("example.com",))
_LINKS = [
    _URL.encode(),
    "https://files.example.com:443/숙제.jpg#a".encode(),
    b"https://user@files.example.com/",
    b"https://[::ffff:127.0.0.1]/a",
    b"http://localhost:8080/a",
    b"//files.example.com/a?b#c",
]
_HEADERS = [b"120", b"Fri, 31 Dec 1999 23:59:59 GMT", b"1e400", b"-1", b"Mon, 1 Jan 1 0:0:0 -2359"]


def _make_link(rng: Random) -> str:
    return mutated_bytes(rng, _LINKS).decode("utf-8", errors="replace")


def _run_link(url: str) -> str:
    here = vet_url(_URL, _POLICY)
    outcome = []
    for vet in (lambda: vet_url(url, _POLICY), lambda: vet_redirect(here, url, _POLICY)):
        try:
            target = vet()
        except WorkerError as error:
            outcome.append(error.code.value)
        else:
            if not f".{target.host}".endswith(".example.com") or not target.path.isascii():
                raise AssertionError(target.host)
            outcome.append("passes")
    return " ".join(outcome)


def _run_retry_after(header: str) -> str:
    seconds = retry_after(header, 1e9)
    if seconds is not None and not seconds >= 0:
        raise AssertionError(seconds)
    return "none" if seconds is None else "seconds"


TARGETS = (
    Target("message", _make_message, _run_message),
    Target("omr_payload", lambda rng: mutated_json(rng, _OMR_PAYLOADS), _run_omr_payload),
    Target("template_meta", lambda rng: mutated_json(rng, METAS), _run_template),
    Target("image_header", lambda rng: mutated_bytes(rng, _documents()), _run_header),
    Target("picture", lambda rng: mutated_bytes(rng, _documents()), _run_picture),
    Target("video", lambda rng: mutated_bytes(rng, _videos()), _run_video),
    Target("link", _make_link, _run_link),
    Target(
        "retry_after",
        lambda rng: mutated_bytes(rng, _HEADERS).decode("latin-1"),
        _run_retry_after,
    ),
)
