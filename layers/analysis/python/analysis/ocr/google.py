"""Engine `google`: Cloud Vision's dense text, for handwriting and hard photographs.

The picture leaves the country: only build this engine where that was consented to.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import cv2
import numpy as np

from analysis.image import Image, encode_jpeg
from analysis.ocr.pieces import Piece, words
from analysis.ocr.reading import NO_TEXT, Box, Line, Reading, scaled
from faults import Code, Permanent, Unavailable, WorkerError

_MAX_BYTES = 7_000_000
"""bytes of a picture: a request of 10 MB holds it in base64."""

_HINTS = {"kor": "ko", "eng": "en", "jpn": "ja", "chi_sim": "zh"}
"""Vision's names of Tesseract's languages."""

_LINE_ENDS = ("EOL_SURE_SPACE", "LINE_BREAK", "HYPHEN")
_BLANKS = ("SPACE", "SURE_SPACE")

_BUSY = (4, 8, 10, 13, 14)
_REFUSED = (7, 16)
"""gRPC codes inside an answer: deadline, quota, aborted, internal, unavailable; no permission."""


class GoogleEngine:
    """`seconds` bound the whole call with its retries.

    `account` is a service account's JSON, None takes no credentials (a stand-in at `endpoint`).
    """

    name = "google"

    def __init__(
        self,
        account: Mapping[str, Any] | None,
        languages: tuple[str, ...] = ("kor", "eng"),
        seconds: float = 30.0,
        endpoint: str | None = None,
    ) -> None:
        self._languages = languages
        self._seconds = seconds
        self._client = _client(account, endpoint)

    def read(self, image: Image) -> Reading:
        """Read a BGR picture.

        Raises `Unavailable` while the service is down, slow or over its quota, and `Permanent`
        with `not_configured` (refused credentials) or `image_unreadable`.
        """
        from google.api_core import exceptions, retry
        from google.auth import exceptions as auth
        from google.cloud import vision
        from google.protobuf import json_format

        hints = [_HINTS[name] for name in self._languages if name in _HINTS]
        content, factor = _fitting(image)
        busy = (exceptions.ServiceUnavailable, exceptions.InternalServerError)
        try:
            answer = self._client.document_text_detection(
                image=vision.Image(content=content),
                image_context=vision.ImageContext(language_hints=hints),
                timeout=self._seconds,
                retry=retry.Retry(
                    retry.if_exception_type(*busy), initial=0.5, timeout=self._seconds / 2
                ),
            )
        except exceptions.GoogleAPIError as error:
            raise _coded(error) from None
        except auth.TransportError:
            raise Unavailable("google_vision", "no connection for signing in") from None
        except auth.GoogleAuthError:
            raise _refused() from None
        except json_format.Error:
            raise Unavailable("google_vision", "something else answered in its place") from None
        except OSError:  # what requests raises for broken connections and timeouts
            raise Unavailable("google_vision", "no connection or no answer in time") from None
        if answer.error.code or answer.error.message:
            raise _coded_answer(int(answer.error.code))
        lines, rotation = _lines(answer.full_text_annotation)
        reason = None if lines else NO_TEXT
        reading = Reading(lines, self.name, self._languages, rotation, reason)
        return scaled(reading, 1 / factor)


def _client(account: Mapping[str, Any] | None, endpoint: str | None) -> Any:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import vision
    from google.oauth2 import service_account

    try:
        credentials = (
            AnonymousCredentials()  # type: ignore[no-untyped-call]
            if account is None
            else service_account.Credentials.from_service_account_info(account)  # type: ignore[no-untyped-call]
        )
    except (ValueError, KeyError):
        raise Permanent(
            Code.NOT_CONFIGURED, "the secret holds no Google service account in JSON"
        ) from None
    options = {"api_endpoint": endpoint} if endpoint else None
    return vision.ImageAnnotatorClient(
        credentials=credentials, transport="rest", client_options=options
    )


def _fitting(image: Image) -> tuple[bytes, float]:
    """The picture as JPEG, made smaller until a request can hold it, and by which factor."""
    data, factor = encode_jpeg(image, 92), 1.0
    while len(data) > _MAX_BYTES:
        factor *= 0.8
        smaller = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        data = encode_jpeg(np.asarray(smaller, np.uint8), 85)
    return data, factor


def _coded(error: Any) -> WorkerError:
    """The error of a call, by its HTTP status."""
    status = int(getattr(error, "code", None) or 503)
    if status in (401, 403):
        return _refused()
    if status in (400, 404, 413):
        return Permanent(Code.OCR_FAILED, f"Google Vision refused the request ({status})")
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    after = str(headers.get("Retry-After", ""))
    wait = float(after) if after.isascii() and after.isdigit() and len(after) < 7 else None
    return Unavailable("google_vision", f"busy or down ({status})", wait)


def _coded_answer(code: int) -> WorkerError:
    """The error inside an answer, by its gRPC code; its text may quote what was sent."""
    if code in _BUSY:
        return Unavailable("google_vision", f"the picture was not read (code {code})")
    if code in _REFUSED:
        return _refused()
    return Permanent(Code.IMAGE_UNREADABLE, "Google Vision cannot read this picture; send JPEG")


def _refused() -> Permanent:
    return Permanent(
        Code.NOT_CONFIGURED, "Google refuses the service account; check its key and rights"
    )


def _lines(annotation: Any) -> tuple[tuple[Line, ...], int]:
    """Lines in the service's reading order, and the rotation most words have."""
    rows: list[list[Piece]] = [[]]
    turns: Counter[int] = Counter()
    blank = True
    for word in _words(annotation):
        text = "".join(symbol.text for symbol in word.symbols)
        if not text:
            continue
        box, turn = _place(word.bounding_box.vertices)
        turns[turn] += len(text)
        rows[-1].append(Piece(text, box, min(1.0, max(0.0, float(word.confidence))), blank))
        after = word.symbols[-1].property.detected_break.type_.name
        blank = after in _BLANKS or after in _LINE_ENDS
        if after in _LINE_ENDS:
            rows.append([])
    rotation = turns.most_common(1)[0][0] if turns else 0
    return tuple(Line(words(tuple(row))) for row in rows if row), rotation


def _words(annotation: Any) -> Iterator[Any]:
    for page in annotation.pages:
        for block in page.blocks:
            for paragraph in block.paragraphs:
                yield from paragraph.words


def _place(vertices: Any) -> tuple[Box, int]:
    """Upright box of a word and by how many degrees it is turned; vertices begin at its start."""
    xs, ys = [int(v.x) for v in vertices] or [0], [int(v.y) for v in vertices] or [0]
    left, top = max(0, min(xs)), max(0, min(ys))
    box = (left, top, max(1, max(xs) - left), max(1, max(ys) - top))
    if len(xs) < 2:
        return box, 0
    angle = math.degrees(math.atan2(ys[1] - ys[0], xs[1] - xs[0]))
    return box, 90 * round(angle / 90) % 360
