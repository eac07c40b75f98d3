"""Every format and colour model that cameras and scanners send comes out as upright BGR."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from analysis.image import encode_jpeg, read_image, read_pages
from analysis.pixels import upright
from tests.generators.hostile import documents, pictures
from tests.generators.hostile.pictures import EXIF_ORIENTATION, corners, encoded

RED, GREEN, BLUE, WHITE = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)  # BGR


def quarters(image: np.ndarray) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, each channel rounded to 0 or 255."""
    height, width = image.shape[:2]
    points = [(height // 4, width // 4), (height // 4, 3 * width // 4)]
    points += [(3 * height // 4, width // 4), (3 * height // 4, 3 * width // 4)]
    return [tuple(int(value > 127) * 255 for value in image[point]) for point in points]


def saved(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return path


PICTURE = Pil.fromarray(corners())
CMYK = PICTURE.convert("CMYK")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(PICTURE, "JPEG"), id="jpeg"),
        pytest.param(encoded(PICTURE, "JPEG", progressive=True), id="progressive jpeg"),
        pytest.param(encoded(PICTURE, "JPEG", subsampling=0), id="jpeg 4:4:4"),
        pytest.param(encoded(CMYK, "JPEG"), id="cmyk jpeg"),
        pytest.param(encoded(PICTURE, "PNG"), id="png"),
        pytest.param(encoded(PICTURE.convert("RGBA"), "PNG"), id="png with alpha"),
        pytest.param(encoded(PICTURE.quantize(16), "PNG"), id="png with a palette"),
        pytest.param(encoded(PICTURE.quantize(16), "GIF"), id="gif"),
        pytest.param(encoded(PICTURE, "BMP"), id="bmp"),
        pytest.param(encoded(PICTURE, "WEBP", lossless=True), id="webp"),
        pytest.param(encoded(PICTURE, "TIFF"), id="tiff"),
        pytest.param(encoded(PICTURE, "TIFF", compression="tiff_lzw"), id="tiff lzw"),
        pytest.param(encoded(CMYK, "TIFF"), id="cmyk tiff"),
        pytest.param(encoded(PICTURE, "MPO", save_all=True, append_images=[PICTURE]), id="mpo"),
        pytest.param(encoded(PICTURE, "AVIF", quality=100), id="avif"),
    ],
)
def test_colours_survive_every_format(tmp_path: Path, data: bytes) -> None:
    image = read_image(saved(tmp_path, data))

    assert image.dtype == np.uint8
    assert image.shape == (64, 96, 3)
    assert image.flags.c_contiguous
    assert image.flags.writeable
    assert quarters(image) == [RED, GREEN, BLUE, WHITE]


def test_heic_photos_are_read(tmp_path: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = encoded(PICTURE, "HEIF", quality=95)

    assert quarters(read_image(saved(tmp_path, data))) == [RED, GREEN, BLUE, WHITE]


def test_of_a_burst_the_primary_picture_is_read(tmp_path: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    dark = Pil.new("RGB", (96, 64))
    data = encoded(
        dark, "HEIF", quality=95, save_all=True, append_images=[PICTURE], primary_index=1
    )

    assert quarters(read_image(saved(tmp_path, data))) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_turned_photo_is_set_upright(tmp_path: Path, format_name: str, orientation: int) -> None:
    undo = {
        2: Pil.Transpose.FLIP_LEFT_RIGHT,
        3: Pil.Transpose.ROTATE_180,
        4: Pil.Transpose.FLIP_TOP_BOTTOM,
        5: Pil.Transpose.TRANSPOSE,
        6: Pil.Transpose.ROTATE_90,
        7: Pil.Transpose.TRANSVERSE,
        8: Pil.Transpose.ROTATE_270,
    }
    stored = PICTURE.transpose(undo[orientation]) if orientation in undo else PICTURE
    exif = Pil.Exif()
    exif[EXIF_ORIENTATION] = orientation

    image = read_image(saved(tmp_path, encoded(stored, format_name, exif=exif)))

    assert image.shape == (64, 96, 3)
    assert quarters(image) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("nonsense", [0, 9, -1, 65536, None, "6", (6,), 6.0])
def test_a_senseless_orientation_turns_nothing(nonsense: object) -> None:
    pixels = corners()

    assert np.array_equal(upright(pixels, nonsense), pixels)


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_range(tmp_path: Path, format_name: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).round().astype(np.uint16), (32, 1))

    image = read_image(saved(tmp_path, encoded(Pil.fromarray(ramp), format_name)))

    assert np.abs(image[0, :, 1].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize("full", [1.0, 255.0, 65535.0, 1e6])
def test_float_samples_are_scaled_by_their_largest_value(tmp_path: Path, full: float) -> None:
    ramp = np.tile(np.linspace(0, full, 256, dtype=np.float32), (32, 1))

    image = read_image(saved(tmp_path, encoded(Pil.fromarray(ramp), "TIFF")))

    assert np.abs(image[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_not_a_number_is_black(tmp_path: Path) -> None:
    ramp = np.full((32, 32), np.nan, np.float32)
    ramp[0] = 1

    assert read_image(saved(tmp_path, encoded(Pil.fromarray(ramp), "TIFF")))[5, 5, 0] == 0


def test_what_is_transparent_is_paper(tmp_path: Path) -> None:
    clear = Pil.new("RGBA", (64, 64), (0, 0, 0, 0))
    half = Pil.new("RGBA", (64, 64), (0, 0, 0, 128))

    assert (read_image(saved(tmp_path, encoded(clear, "PNG"))) == 255).all()
    assert np.abs(read_image(saved(tmp_path, encoded(half, "PNG"))).astype(int) - 127).max() <= 1


def test_a_transparent_palette_colour_is_paper(tmp_path: Path) -> None:
    picture = Pil.new("P", (64, 64), 1)
    picture.putpalette([0, 0, 0, 9, 9, 9])

    data = encoded(picture, "PNG", transparency=1)

    assert (read_image(saved(tmp_path, data)) == 255).all()


def test_a_bilevel_fax_is_black_on_white(tmp_path: Path) -> None:
    fax = Pil.fromarray(corners()[:, :, 1] > 127)

    image = read_image(saved(tmp_path, encoded(fax, "TIFF", compression="group4")))

    assert set(np.unique(image)) == {0, 255}


def test_a_tall_picture_is_converted_seamlessly(tmp_path: Path) -> None:
    rows = (np.arange(1000) % 256).astype(np.uint8)
    picture = Pil.fromarray(np.repeat(rows[:, None], 20, axis=1))

    image = read_image(saved(tmp_path, encoded(picture, "PNG")))

    assert np.array_equal(image[:, 3, 2], rows)


def test_each_page_of_a_tiff_is_read_with_its_resolution(tmp_path: Path) -> None:
    sheets = [Pil.new("L", (40 + index, 50), 40 * index) for index in range(3)]
    data = encoded(sheets[0], "TIFF", save_all=True, append_images=sheets[1:], dpi=(300, 300))

    pages = list(read_pages(saved(tmp_path, data)))

    assert [(page.index, page.image.shape[1]) for page in pages] == [(0, 40), (1, 41), (2, 42)]
    assert [int(page.image[0, 0, 0]) for page in pages] == [0, 40, 80]
    assert pages[0].dpi == 300


def test_each_page_of_a_pdf_is_rendered_at_200_dpi(tmp_path: Path) -> None:
    pages = list(read_pages(saved(tmp_path, documents.plain(3))))

    assert [page.image.shape for page in pages] == [(200, 400, 3)] * 3
    assert pages[0].dpi == 200
    assert pages[0].image[150, 50].tolist() == [0, 0, 0]
    assert pages[0].image[50, 150].tolist() == [255, 255, 255]


def test_the_first_page_of_a_pdf_can_be_had_alone(tmp_path: Path) -> None:
    assert read_image(saved(tmp_path, documents.plain(3))).shape == (200, 400, 3)


def test_of_an_animation_the_first_frame_is_read(tmp_path: Path) -> None:
    frames = [PICTURE.quantize(16), Pil.new("P", (96, 64), 0)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

    pages = list(read_pages(saved(tmp_path, data)))

    assert len(pages) == 1
    assert quarters(pages[0].image) == [RED, GREEN, BLUE, WHITE]


def test_the_transparency_of_a_gif_outlives_the_cut(tmp_path: Path) -> None:
    picture = Pil.new("P", (64, 64), 1)
    picture.putpalette([0, 0, 0, 9, 9, 9])

    data = encoded(picture, "GIF", transparency=1, comment=b"hello")

    assert (read_image(saved(tmp_path, data)) == 255).all()


def test_an_encoded_picture_is_read_again(tmp_path: Path) -> None:
    data = encode_jpeg(corners()[:, :, ::-1].copy(), quality=95)

    assert quarters(read_image(saved(tmp_path, data))) == [RED, GREEN, BLUE, WHITE]


def test_the_name_of_a_file_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "photo.gif"
    path.write_bytes(pictures.jpeg())

    assert read_image(path).shape == (64, 96, 3)


def test_a_motion_photo_is_read_without_its_video(tmp_path: Path) -> None:
    video = b"ftypmp42" + np.random.default_rng(3).bytes(20_000_000)
    assert video.count(b"\xff\xda") > 200

    image = read_image(saved(tmp_path, pictures.jpeg(progressive=True) + video))

    assert quarters(image) == [RED, GREEN, BLUE, WHITE]
