"""Problems are alike by what they ask, not by the words they share."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.embedding.local import LocalBackend
from analysis.embedding.school_reading import SchoolReading
from analysis.embedding.structure import Structure, likeness, structure_of
from analysis.embedding.vocabulary import canonical, concepts
from analysis.embedding.wording import asked_of, plain, question
from functions.embedding.answer import embed_with
from jobs.contract.embedding import EmbeddingPayload

PROBLEMS = st.lists(
    st.sampled_from(
        [
            "직사각형의 넓이를 구하시오.",
            "둘레는?",
            "x^2-3x+2=0",
            "한 변이 4cm일 때",
            "까닭을 쓰시오.",
            "Bees dance.",
            "\n",
            "①",
            "?",
            "(((",
            "17",
        ]
    ),
    min_size=1,
    max_size=5,
).map(" ".join)


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (
            "가로 3cm, 세로 4cm인 직사각형의 넓이를 구하시오.",
            "넓이는? 직사각형의 변은 7cm와 2cm이다.",
            "가로 3cm, 세로 4cm인 직사각형의 둘레를 구하시오.",
        ),
        (
            "x^2 - 5x + 6 = 0 의 두 근의 합은?",
            "x^2 - 9x + 8 = 0 의 두 근을 더한 값을 구하여라.",
            "x^2 - 5x + 6 = 0 의 두 근의 곱은?",
        ),
        (
            "철수가 12개의 사탕을 4명에게 나누어 줄 때 한 명이 받는 개수는?",
            "귤 30개를 6명이 똑같이 나누면 한 명에게 몇 개씩 주는가?",
            "철수가 12개의 사탕을 4명에게 나누어 줄 때 남는 사탕이 없는 까닭은?",
        ),
    ],
)
def test_the_same_quantity_ranks_above_the_same_words(one: str, same: str, other: str) -> None:
    engine = SchoolReading(LocalBackend())
    found = embed_with(engine, EmbeddingPayload(texts=[other, same], query=one)).matches
    assert [match.index for match in found] == [1, 0]


@given(PROBLEMS, PROBLEMS, st.floats(-1, 1), st.floats(-1, 1))
@settings(max_examples=150, deadline=None)
def test_nothing_is_liker_to_a_problem_than_itself(
    one: str, other: str, cosine: float, asked: float
) -> None:
    mine, theirs = structure_of(one), structure_of(other)
    score = likeness(mine, theirs, cosine, asked)
    assert 0 <= score <= likeness(mine, mine, 1.0, 1.0) <= 1
    assert score == likeness(theirs, mine, cosine, asked)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_can_be_taken_apart(text: str) -> None:
    found = structure_of(text)
    assert isinstance(found, Structure)
    assert bool(found.asked) or not plain(text)


@pytest.mark.parametrize(
    "piece", ["구하", "가면 ", "는 ", "\\frac{", "한 개", "(", "x+", "①", "때 "]
)
def test_a_long_text_takes_no_longer_than_its_ends(piece: str) -> None:
    found = structure_of(piece * 20_000)
    assert len(found.asked) <= 300


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"$\frac{1}{2} \times 3 \leq x^2$", "(5)/(7) × 9 ≤ x²"),
        ("두 점 사이의 거리", "3 점 사이의 거리"),
        ("민수는 사탕 3개를 샀다", "영희는 사탕 12개를 샀다"),
        ("5 cm^2", "7 cm²"),
        ("2진수 101", "이진수 11"),
    ],
)
def test_one_spelling_for_numbers_formulas_and_names(one: str, other: str) -> None:
    assert plain(one).replace(" ", "") == plain(other).replace(" ", "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("밑변이 6cm, 높이가 9cm일 때 삼각형의 넓이를 구하시오.", "삼각형의 넓이"),
        ("다음 글의 주제는? Bees dance to share news.", "다음 글의 주제"),
        ("속력은 얼마인가?\n① 3 ② 4 ③ 무엇인지 알 수 있습니다.", "속력"),
        ("직사각형의 둘레의 길이를 구하시오.", "직사각형의 둘레의 길이"),
        ("이 시에 쓰인 비유적 표현을 찾아 쓰시오.", "이 시에 쓰인 비유적 표현"),
        ("빈칸에 들어갈 접속어로 가장 알맞은 것은?", "빈칸에 들어갈 접속어"),
        ("광합성이 일어나는 까닭을 두 가지 쓰시오.", "광합성이 일어나는 까닭"),
        ("이 현상의 이유를 그림으로 설명하시오.", "이 현상의 이유"),
    ],
)
def test_the_question_is_found_and_bared(text: str, wanted: str) -> None:
    assert asked_of(question(text)) == wanted


def test_a_short_word_is_not_found_inside_a_longer_one() -> None:
    assert concepts("이 프로그램의 사용법") == []
    assert concepts("원의 넓이") == ["원", "넓이"]
    assert concepts("원인을 쓰시오") == ["까닭"]


def test_what_looks_like_a_number_word_stays() -> None:
    assert plain("열대 기후와 세대 차이") == "열대 기후와 세대 차이"
    assert plain("3·1 운동과 두 점") == "삼일운동과 n 점"


def test_words_of_one_meaning_become_one_word_and_terms_stay() -> None:
    assert canonical("원기둥의 체적") == canonical("원기둥의 부피")
    assert canonical("y = 2 - x의 값") == "y = 2 - x의 값"
