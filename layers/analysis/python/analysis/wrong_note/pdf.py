"""The note as PDF, A4: WeasyPrint with fonts embedded and no way out."""

import ctypes.util
import gc
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from analysis.wrong_note.formula import outline_by_uri, stix_font
from analysis.wrong_note.outline import Outline
from faults import Code, Permanent

_PICTURE = "note:picture/"
_SOURCE = re.compile(r'src="(data:image/(?:jpeg|svg\+xml);base64,[A-Za-z0-9+/=]*)"')

_SIGNS_FONT = "note:signs.ttf"
"""The address under which the style sheet finds the font with the signs text fonts lack."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """`missing` lists the signs of the page that none of the fonts has."""

    data: bytes
    pages: int
    missing: tuple[str, ...]


def pdf(html: str) -> Pdf:
    """Set a page that `page` wrote. Same page, same bytes.

    Only `data:` pictures and the fonts of this machine are opened. Raises
    `Permanent(render_failed)` if the page refers to anything else, or if it cannot be set.
    """
    with _libraries_by_their_own_names():
        from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    _settle()
    missing: set[str] = set()

    def look_for_missing(document: Any, _: Any) -> None:
        for font in document.fonts.values():
            missing.update(chr(code) for code in font.missing)

    with _silence(), _coded_refusal():
        fonts = FontConfiguration()
        slim, pictures = _lifted(html)
        source = HTML(string=slim, url_fetcher=_fetcher(pictures), base_url=None)
        document = source.render(
            font_config=fonts, stylesheets=[_signs(fonts)], cache=_outlines(pictures)
        )
        data = document.write_pdf(
            finisher=look_for_missing,
            pdf_identifier=sha256(html.encode()).digest()[:16],
        )
    if not document.pages:
        raise Permanent(Code.RENDER_FAILED, "the note has no page; send at least one exam")
    return Pdf(bytes(data), len(document.pages), tuple(sorted(missing)))


@lru_cache(maxsize=1)
def _settle() -> None:
    """Spare the garbage collector what the libraries keep for good: a tenth of a note's time.

    Before the first page is set: what lives then is never collected.
    """
    gc.collect()
    gc.freeze()


def _lifted(html: str) -> tuple[str, dict[str, str]]:
    """Put short addresses for the pictures in a page: a megabyte of them is slow to parse."""
    pictures: dict[str, str] = {}

    def lift(found: re.Match[str]) -> str:
        address = f"{_PICTURE}{len(pictures)}"
        pictures[address] = found[1]
        return f'src="{address}"'

    return _SOURCE.sub(lift, html), pictures


def _outlines(pictures: dict[str, str]) -> dict[str, Outline]:
    """Drawn formulas that WeasyPrint need not read as SVG, by address."""
    known = ((address, outline_by_uri(uri)) for address, uri in pictures.items())
    return {address: outline for address, outline in known if outline is not None}


def _signs(fonts: Any) -> Any:
    from weasyprint import CSS

    rule = f"@font-face {{ font-family: 'Note Signs'; src: url('{_SIGNS_FONT}') }}"
    return CSS(string=rule, font_config=fonts, url_fetcher=_fetcher({}), base_url=None)


def _fetcher(pictures: dict[str, str]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OwnDataOnly(URLFetcher):  # type: ignore[misc]
        """Opens `data:` pictures and the one font; everything else is refused, not followed."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            if url == _SIGNS_FONT:
                return URLFetcherResponse(url, stix_font().read_bytes(), {})
            if url in pictures:
                return super().fetch(pictures[url], headers)
            raise FatalURLFetchingError("the note refers to something outside itself")

    return OwnDataOnly()


@contextmanager
def _libraries_by_their_own_names() -> Iterator[None]:
    """Spare WeasyPrint's import about twenty child processes, half of the time it takes.

    It tries several names for each library; for those that are none here, ctypes asks ldconfig, a
    compiler and a linker, one after the other. The name Linux knows, `libpango-1.0.so.0`, needs
    no search and is among them.
    """
    search = ctypes.util.find_library
    ctypes.util.find_library = _found_nowhere
    try:
        yield
    finally:
        ctypes.util.find_library = search


def _found_nowhere(name: str) -> None:
    return None


@contextmanager
def _coded_refusal() -> Iterator[None]:
    from weasyprint.urls import FatalURLFetchingError

    try:
        yield
    except FatalURLFetchingError:
        raise Permanent(
            Code.RENDER_FAILED, "the note refers to something outside itself; report this"
        ) from None


@contextmanager
def _silence() -> Iterator[None]:
    """Keep WeasyPrint's remarks, which quote the page, out of the log."""
    logger = logging.getLogger("weasyprint")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
