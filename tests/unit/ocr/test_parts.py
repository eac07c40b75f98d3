"""The chain's parts, each alone."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.ocr.circled import Mark, find_marks, without
from analysis.ocr.evaluation import edit_distance, errors
from analysis.ocr.hangul import merged
from analysis.ocr.letters import find_letters
from analysis.ocr.phrases import corrected
from analysis.ocr.pieces import Piece, with_marks, words
from analysis.ocr.preparation import GLYPH_HEIGHT, prepare
from analysis.ocr.recognisers import consume
from tests.generators.pages.content import PROSE, Question
from tests.generators.pages.question import FONTS, render


def line(text, confidence=0.9, top=0):
    """Pieces of one syllable each, 20 px wide; blanks as in the text."""
    pieces, x, blank = [], 0, False
    for sign in text:
        if sign == " ":
            x, blank = x + 10, True
            continue
        pieces.append(Piece(sign, (x, top, 20, 20), confidence, blank))
        x, blank = x + 20, False
    return tuple(pieces)


def plain(pieces):
    return " ".join(word.text for word in words(pieces))


@pytest.mark.parametrize(
    ("mixed", "hangul", "expected"),
    [
        (line("BAIS 풀다"), line("문제를 풀다"), "문제를 풀다"),
        (line("합 100보다"), line("합은 100보다"), "합은 100보다"),
        (line("Read this"), line("806 1015", 0.6), "Read this"),
        (line("Read this"), line("를를를를 이이이이", 0.3), "Read this"),
        (line("글쓴이는"), line("쓴글이는"), "글쓴이는"),
    ],
)
def test_the_hangul_reading_mends_where_it_is_surer_of_more_hangul(mixed, hangul, expected):
    (mended,) = merged((mixed,), (hangul,))
    assert plain(mended) == expected


def test_lines_are_mended_by_the_line_at_their_height():
    mended = merged((line("BA", top=0), line("CD", top=60)), (line("라마", top=61),))
    assert [plain(row) for row in mended] == ["BA", "라마"]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("옮은 것은?", "옳은 것은?"),
        ("옮지 않은 것은?", "옳지 않은 것은?"),
        ("결과로 율은 것만을", "결과로 옳은 것만을"),
        ("(이율은 것과 같다)", "(이율은 것과 같다)"),
        ("병이 옮은 사람", "병이 옮은 사람"),
        ("자리를 옮긴 것은?", "자리를 옮긴 것은?"),
    ],
)
def test_only_the_phrase_that_has_one_meaning_is_mended(read, meant):
    assert plain(corrected(line(read))) == meant


def test_a_mark_goes_between_the_words_where_it_stands():
    marks = (Mark("①", (0, 0, 20, 20), 0.9), Mark("②", (150, 2, 20, 20), 0.9))
    row = (Piece("가", (30, 0, 20, 20), 0.9, False), Piece("나", (180, 0, 20, 20), 0.9, True))
    assert [plain(r) for r in with_marks((row,), marks, 20)] == ["① 가 ② 나"]


def test_marks_on_no_line_make_their_own_line_in_order():
    marks = (Mark("②", (90, 100, 20, 20), 0.9), Mark("①", (0, 101, 20, 20), 0.9))
    rows = with_marks((line("위"), line("아래", top=200)), marks, 20)
    assert [plain(row) for row in rows] == ["위", "① ②", "아래"]


@pytest.mark.parametrize(("gap", "expected"), [(2, "㉠에"), (12, "㉠ 에")])
def test_a_particle_stays_with_its_circled_letter(gap, expected):
    row = (Piece("에", (20 + gap, 0, 20, 20), 0.9, False),)
    (placed,) = with_marks((row,), (Mark("㉠", (0, 0, 20, 20), 0.9),), 20)
    assert plain(placed) == expected


def circled(text):
    """Circled digits found in a rendered line, in order."""
    crop = render(Question(1, text, None, (), ()), FONTS[0], size=30)
    page = prepare(crop.image)
    marks = find_marks(page.grey, GLYPH_HEIGHT)
    return page, sorted(marks, key=lambda mark: mark.box[0])


def test_circled_signs_are_found_and_round_syllables_are_not():
    _, marks = circled("①이 응 ② 0O ③ 8 ④ 으⑤ ㉠㉡ ⓐ 용 6 @ ㅇ")
    assert "".join(mark.text for mark in marks) == "①②③④⑤㉠㉡ⓐ"


def test_marks_painted_over_are_gone():
    page, marks = circled("① 가 ② 나")
    assert find_marks(without(page.grey, tuple(marks)), GLYPH_HEIGHT) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("① ㄱ ② ㄴ ③ ㄱ, ㄷ ④ ㄱ, ㄴ, ㄷ", ["ㄱ", "ㄴ", "ㄱ,", "ㄷ", "ㄱ,", "ㄴ,", "ㄷ"]),
        ("① 7 ② 9 ③ 12 ④ 4", []),
        ("① 가 ② ㄴ ③ 다", []),
    ],
)
def test_letters_are_taken_only_where_all_choices_are_letters(text, expected):
    page, marks = circled(text)
    found = find_letters(page.grey, tuple(marks), GLYPH_HEIGHT)
    assert [mark.text for mark in found] == expected


def test_ruled_lines_are_erased_and_strokes_stay():
    crop = render(Question(1, "으뜸 그림 틀 안의 긴 글", PROSE[0], (), ()), FONTS[0], size=27)
    sheet = np.full((600, 760, 3), 255, np.uint8)
    sheet[100 : 100 + crop.image.shape[0]] = crop.image
    ruled = cv2.rectangle(sheet.copy(), (20, 60), (740, 560), (0, 0, 0), 2)
    before, after = ((prepare(image).grey < 128).sum() for image in (sheet, ruled))
    assert abs(int(after) - int(before)) < 0.02 * before


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_edit_distance_is_a_metric(a, b, c):
    assert edit_distance(a, a) == 0
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


@pytest.mark.parametrize(
    ("truth", "read", "spaces", "expected"),
    [
        ("가 나", "가나", False, (0, 2)),
        ("가 나", "가나", True, (1, 3)),
        ("가\n나", "가  나", True, (0, 3)),
        ("1～3", "1~3", False, (0, 3)),
        ("가나", "", False, (2, 2)),
    ],
)
def test_errors_count_blanks_only_on_request(truth, read, spaces, expected):
    assert errors(truth, read, spaces=spaces) == expected


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=3), max_size=8))
def test_blanks_are_those_of_the_whole_text(parts):
    text = " ".join(parts)
    blanks = []
    for part in parts:
        blank, text = consume(text, part)
        blanks.append(blank)
    assert blanks == [index > 0 for index in range(len(parts))]
    assert text == ""


def test_an_empty_picture_has_no_blocks():
    assert prepare(np.full((200, 300, 3), 255, np.uint8)).blocks == ()
