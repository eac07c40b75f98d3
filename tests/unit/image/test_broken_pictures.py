"""Whatever is broken, foreign or too large ends in a coded, permanent error."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL import ImageFile

from analysis import limits
from analysis.image import check_size, kind_of, read_image, read_pages
from faults import Code, Permanent
from tests.generators.hostile import documents, pictures
from tests.generators.hostile.pictures import corners, encoded

NOISE = Pil.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))


def refusal(tmp_path: Path, data: bytes) -> Permanent:
    path = tmp_path / "upload.jpg"
    path.write_bytes(data)
    with pytest.raises(Permanent) as caught:
        list(read_pages(path))
    assert caught.value.__cause__ is None  # the decoder's text may quote metadata
    return caught.value


@pytest.mark.parametrize("name", pictures.HARMLESS_LOOKING_TEXTS)
def test_what_is_no_picture_is_refused(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path, pictures.HARMLESS_LOOKING_TEXTS[name])

    assert error.code == Code.IMAGE_UNREADABLE
    assert "send JPEG, PNG, HEIC or PDF" in error.message


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"").code == Code.IMAGE_UNREADABLE


@pytest.mark.parametrize("lenient", [False, True], ids=["", "after WeasyPrint"])
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_file_cut_off_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    format_name: str,
    share: float,
    *,
    lenient: bool,
) -> None:
    data = encoded(NOISE, format_name)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)

    assert refusal(tmp_path, data[: int(len(data) * share)]).code == Code.IMAGE_UNREADABLE


def test_a_cut_heic_is_refused(tmp_path: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = encoded(NOISE, "HEIF")

    assert refusal(tmp_path, data[: len(data) // 2]).code == Code.IMAGE_UNREADABLE


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_a_cut_pdf_is_refused(tmp_path: Path, share: float) -> None:
    data = documents.plain()

    assert refusal(tmp_path, data[: int(len(data) * share)]).code == Code.DOCUMENT_UNREADABLE


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, documents.no_page()).code == Code.DOCUMENT_UNREADABLE


def test_a_pdf_behind_a_password_is_refused(tmp_path: Path) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "locked.pdf"
    canvas = Canvas(str(path), encrypt=StandardEncryption("open sesame"))
    canvas.drawString(100, 100, "secret")
    canvas.save()

    error = refusal(tmp_path, path.read_bytes())

    assert error.code == Code.DOCUMENT_UNREADABLE
    assert "password" in error.message


@pytest.mark.parametrize("data", [documents.plain(61), pictures.tiff_loop()], ids=["pdf", "tiff"])
def test_a_long_document_is_refused(tmp_path: Path, data: bytes) -> None:
    assert refusal(tmp_path, data).code == Code.DOCUMENT_TOO_LONG


def test_a_gif_of_blocks_without_a_frame_is_refused(tmp_path: Path) -> None:
    data = b"GIF89a" + bytes(7) + b"\x21\xfe\x03abc\x00\x3b"

    assert refusal(tmp_path, data).code == Code.IMAGE_UNREADABLE


def test_a_polyglot_is_what_its_first_bytes_say(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(pictures.jpeg() + b"PK\x03\x04<script>alert(1)</script>%PDF-1.7")
    assert read_image(path).shape == (64, 96, 3)

    script = b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)"
    assert refusal(tmp_path, script).code == Code.IMAGE_UNREADABLE


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [
        (limits.MAX_SIDE + 1, 100, Code.IMAGE_TOO_LARGE),
        (100, limits.MAX_SIDE + 1, Code.IMAGE_TOO_LARGE),
        (7072, 7072, Code.IMAGE_TOO_LARGE),
        (15, 4000, Code.IMAGE_TOO_SMALL),
        (4000, 0, Code.IMAGE_TOO_SMALL),
    ],
)
def test_sizes_out_of_bounds_are_refused(width: int, height: int, code: Code) -> None:
    with pytest.raises(Permanent) as caught:
        check_size(width, height)
    assert caught.value.code == code


@pytest.mark.parametrize("size", [(8064, 6048), (limits.MAX_SIDE, 2500), (16, 16)])
def test_sizes_in_bounds_pass(size: tuple[int, int]) -> None:
    assert check_size(*size) is None


def test_a_picture_of_one_pixel_is_refused(tmp_path: Path) -> None:
    data = encoded(Pil.new("L", (1, 1)), "PNG")

    assert refusal(tmp_path, data).code == Code.IMAGE_TOO_SMALL


@given(head=st.binary(max_size=32))
@settings(max_examples=300)
def test_no_beginning_confuses_the_format_check(head: bytes) -> None:
    assert kind_of(head) in {None, "jpeg", "png", "gif", "bmp", "webp", "tiff", "heif", "pdf"}


@given(
    where=st.floats(0, 1, exclude_max=True),
    patch=st.binary(min_size=1, max_size=8),
    format_name=st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]),
)
@settings(max_examples=300, deadline=None)
def test_damage_anywhere_ends_in_a_picture_or_a_code(
    tmp_path_factory: pytest.TempPathFactory, where: float, patch: bytes, format_name: str
) -> None:
    data = bytearray(encoded(Pil.fromarray(corners()), format_name))
    at = int(where * len(data))
    data[at : at + len(patch)] = patch
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(data)

    shapes, code = read_or_code(path)

    assert (code is None) != (shapes == [])
    assert all(shape[2] == 3 for shape in shapes)


def read_or_code(path: Path) -> tuple[list[tuple[int, ...]], Code | None]:
    try:
        return [page.image.shape for page in read_pages(path)], None
    except Permanent as error:
        return [], error.code
