"""The whole chain on rendered questions, with thresholds far from what it reaches."""

import cv2
import numpy as np
import pytest

from analysis.ocr.choices import parse_choices
from analysis.ocr.evaluation import choice_errors, errors
from analysis.ocr.reading import NO_TEXT
from analysis.ocr.recognisers import InProcess, Program, data_path
from analysis.ocr.tesseract import TesseractEngine
from faults import Code, Permanent, Transient
from tests.generators.pages.content import CHOICES, HINTS, PROSE, STEMS, Question
from tests.generators.pages.question import FONTS, random_crop, render

KOREAN = Question(7, STEMS[6], PROSE[0], HINTS[:2], CHOICES[5])


def rate(truth, read, **how):
    wrong, count = errors(truth, read, **how)
    return wrong / count


@pytest.mark.parametrize("condition", ["clean", "scan", "photo"])
def test_reads_questions_with_their_blanks_and_choices(tesseract, condition):
    rng = np.random.default_rng(5)
    wrong = count = missed = choices = 0
    for _ in range(3):
        crop = random_crop(rng, condition)
        text = tesseract.read(crop.image).text
        wrong, count = np.add((wrong, count), errors(crop.text, text, spaces=True))
        missed, choices = np.add((missed, choices), choice_errors(crop.text, text))
    assert wrong / count <= 0.12
    assert missed <= 0.05 * choices


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_undoes_quarter_turns_and_says_how_the_text_lay(tesseract, turns):
    crop = render(KOREAN, FONTS[0])
    turned = np.ascontiguousarray(np.rot90(crop.image, -turns))
    reading = tesseract.read(turned)
    assert reading.rotation == 90 * turns
    assert rate(crop.text, reading.text) <= 0.1


def test_boxes_lie_on_the_picture_as_sent(tesseract):
    crop = render(KOREAN, FONTS[0])
    height, width = crop.image.shape[:2]
    canvas = np.full((height + 300, width + 200, 3), 255, np.uint8)
    canvas[300:, 200:] = crop.image
    for line in tesseract.read(canvas).lines:
        x, y, w, h = line.box
        assert (canvas[y : y + h, x : x + w] < 128).mean() > 0.03
        assert x >= 190
        assert y >= 290


def test_small_and_large_print_is_scaled_to_the_same_height(tesseract):
    crop = render(KOREAN, FONTS[0], size=36)
    for factor in (0.55, 2.0):
        scaled = cv2.resize(crop.image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        assert rate(crop.text, tesseract.read(scaled).text) <= 0.1


def test_text_at_the_very_edge_is_not_lost(tesseract):
    crop = render(KOREAN, FONTS[0])
    rows, columns = np.nonzero(crop.image[:, :, 0] < 128)
    tight = crop.image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert rate(crop.text, tesseract.read(np.ascontiguousarray(tight)).text) <= 0.1


def test_a_page_of_two_columns_is_read_column_by_column(tesseract):
    left = [render(Question(n, STEMS[n], PROSE[0], (), CHOICES[7]), FONTS[0]) for n in (1, 2, 3)]
    right = [render(Question(n, STEMS[n], PROSE[3], (), CHOICES[5]), FONTS[0]) for n in (4, 5, 6)]
    page = np.full((1900, 1700, 3), 255, np.uint8)
    for x, crops in ((40, left), (900, right)):
        y = 60
        for crop in crops:
            height, width = crop.image.shape[:2]
            page[y : y + height, x : x + width] = crop.image
            y += height + 60
    page[40:1850, 848:851] = 0
    truth = "\n".join(crop.text for crop in left + right)
    assert rate(truth, tesseract.read(page).text) <= 0.1


def test_choices_of_single_letters_are_read(tesseract):
    crop = render(Question(9, STEMS[6], None, HINTS[:3], CHOICES[2]), FONTS[0])
    read = parse_choices(tesseract.read(crop.image).text)
    assert [choice.text for choice in read] == list(CHOICES[2])


def test_ruled_lines_are_not_read(tesseract):
    crop = render(KOREAN, FONTS[0])
    ruled = cv2.rectangle(crop.image.copy(), (2, 2), (750, crop.image.shape[0] - 3), 0, 2)
    assert rate(crop.text, tesseract.read(ruled).text) <= 0.1


def blank():
    return np.full((600, 500, 3), 250, np.uint8)


def noise():
    return np.random.default_rng(1).integers(0, 255, (400, 400, 3), np.uint8)


def fur():
    """Soft blobs and streaks, as in a photo of an animal."""
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (12, 16, 3), np.uint8)
    soft = cv2.resize(small, (640, 480), interpolation=cv2.INTER_CUBIC)
    for _ in range(150):
        x, y, dx, dy = (int(v) for v in (*rng.integers(0, 600, 2), *rng.integers(-30, 30, 2)))
        colour = tuple(int(c) for c in rng.integers(0, 255, 3))
        cv2.line(soft, (x, y), (x + dx, y + dy), colour, 2)
    return soft


@pytest.mark.parametrize("picture", [blank, noise, fur])
def test_what_holds_no_text_gives_an_empty_reading_with_a_reason(tesseract, picture):
    reading = tesseract.read(picture())
    assert reading.text == ""
    assert reading.confidence is None
    assert reading.reason


def test_black_and_tiny_pictures_are_no_error(tesseract):
    assert tesseract.read(np.zeros((100, 100, 3), np.uint8)).reason == NO_TEXT
    assert tesseract.read(np.full((16, 16, 3), 255, np.uint8)).reason == NO_TEXT


def test_missing_language_data_is_a_coded_error():
    with pytest.raises(Permanent) as caught:
        TesseractEngine(("kor", "xxx"))
    assert caught.value.code is Code.NOT_CONFIGURED


def test_the_program_reads_what_the_library_reads():
    crop = render(KOREAN, FONTS[0])
    grey = np.ascontiguousarray(crop.image[:, :, 0])
    data = data_path(("kor", "eng"))
    texts = []
    for reader in (InProcess(data), Program(data)):
        lines = reader.lines(grey, ("kor", "eng"), 6)
        texts.append(
            "\n".join("".join(" " * p.blank + p.text for p in line).strip() for line in lines)
        )
    assert rate(texts[0], texts[1], spaces=True) <= 0.1


def test_a_very_large_photo_is_read_with_boxes_in_its_own_px(tesseract):
    crop = render(KOREAN, FONTS[0])
    large = cv2.resize(crop.image, None, fx=7, fy=7, interpolation=cv2.INTER_LINEAR)
    reading = tesseract.read(large)
    assert rate(crop.text, reading.text) <= 0.1
    x, y, w, h = reading.lines[0].box
    assert (large[y : y + h, x : x + w] < 128).mean() > 0.03
    assert w > 7 * 500


def test_grain_is_given_up_in_time_without_text():
    rng = np.random.default_rng(1)
    soft = cv2.GaussianBlur(rng.integers(0, 255, (1500, 2000), np.uint8), (0, 0), 3)
    grain = np.asarray(cv2.normalize(soft, None, 0, 255, cv2.NORM_MINMAX), np.uint8)
    reader = InProcess(data_path(("kor", "eng")), seconds=0.2)
    assert reader.lines(grain, ("kor", "eng"), 6) == ()


def outcome(reader, page):
    """The lines, or the code of the error."""
    try:
        return reader.lines(page, ("kor", "eng"), 6)
    except Transient as error:
        return error.code


def test_text_that_takes_too_long_is_never_half_an_answer():
    crop = render(KOREAN, FONTS[0])
    page = np.tile(crop.image[:, :, 0], (3, 1))
    data = data_path(("kor", "eng"))
    whole = outcome(InProcess(data, 60), page)
    assert len(whole) > 10
    for seconds in (0.05, 0.2, 0.5, 1.0):
        assert outcome(InProcess(data, seconds), page) in ((), whole, Code.OUT_OF_TIME)
