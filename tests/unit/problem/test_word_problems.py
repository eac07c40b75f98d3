"""Word problems of set phrases are solved; whatever says more, or else, is left alone."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.problem.word_problems import word_solution


@pytest.mark.parametrize(
    ("body", "answer", "value"),
    [
        ("가로 5cm, 세로 8cm인 직사각형의 넓이를 구하시오.", "40cm²", 40),
        ("가로의 길이가 5 cm이고 세로의 길이가 8 cm인 직사각형의 둘레의 길이는?", "26 cm", 26),
        ("한 변의 길이가 7m인 정사각형의 넓이는 몇 m²인가?", "49", 49),
        ("한 변이 7m인 정사각형의 둘레를 구하여라.", "28m", 28),
        ("밑변이 6cm, 높이가 9cm인 삼각형의 넓이는 얼마인가?", "27㎠", 27),
        ("밑변의 길이가 6cm이고 높이가 9cm인 평행사변형의 넓이를 구하시오.", "54", 54),
        ("두 대각선의 길이가 각각 8cm, 5cm인 마름모의 넓이를 구하시오.", "20cm^2", 20),
        ("한 모서리의 길이가 3cm인 정육면체의 부피는?", "27cm³", 27),
        ("한 모서리의 길이가 3cm인 정육면체의 겉넓이는?", "54", 54),
        ("가로, 세로, 높이가 각각 2cm, 3cm, 4cm인 직육면체의 부피를 구하시오.", "24cm³", 24),
        ("가로, 세로, 높이가 2cm, 3cm, 4cm인 직육면체의 겉넓이를 구하시오.", "52", 52),
        ("시속 60km로 3시간 동안 달린 거리는 몇 km인가?", "180km", 180),
        ("초속 5m로 12초 동안 이동한 거리를 구하시오.", "60m", 60),
        ("150km를 시속 60km로 가는 데 걸리는 시간은?", "2.5시간", Fraction(5, 2)),
        ("120km를 2시간 동안 달린 자동차의 속력을 구하시오.", "60km/h", 60),
        ("600명의 35%는 몇 명인가?", "210명", 210),
        ("정가 20000원인 옷을 15% 할인하여 팔 때 판매 가격은 얼마인가?", "17000원", 17000),
        ("비례식 2:5=8:x에서 x의 값을 구하시오.", "20", 20),
        ("비례식 2:5=x:20에서 x의 값은?", "8", 8),
        ("첫째항이 3이고 공차가 4인 등차수열의 제20항을 구하시오.", "79", 79),
        ("첫째항이 3, 공차가 4인 등차수열의 첫째항부터 제10항까지의 합은?", "210", 210),
        ("첫째항이 3이고 공비가 2인 등비수열의 제5항을 구하시오.", "48", 48),
    ],
)
def test_set_phrases_are_solved(body: str, answer: str, value: Fraction) -> None:
    assert word_solution(body, answer) == value


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("가로 5cm, 세로 8cm인 직사각형의 넓이를 구하시오.", "0.004m²"),
        ("가로 5cm, 세로 8m인 직사각형의 넓이를 구하시오.", "400"),
        ("가로 5cm, 세로 8cm인 직사각형의 넓이는 몇 m²인가?", "0.004"),
        ("가로 5cm, 세로 8cm인 직사각형의 넓이의 2배를 구하시오.", "80"),
        ("가로 5cm, 세로 8cm인 직사각형의 넓이와 둘레를 구하시오.", "40"),
        ("가로 5cm, 세로 8cm인 직사각형의 넓이는? 반올림하여 십의 자리까지 구하시오.", "40"),
        ("넓이가 40cm²이고 가로 5cm인 직사각형의 세로를 구하시오.", "8"),
        ("한 변이 3cm인 정삼각형의 넓이를 구하시오.", "4"),
        ("반지름이 5cm인 원의 넓이를 구하시오.", "25"),
        ("시속 60km로 3시간 동안 달린 거리는 몇 m인가?", "180000"),
        ("100km를 3시간 동안 달린 자동차의 속력을 구하시오.", "33.3km/h"),
        ("150km를 시속 60km로 가는 데 걸리는 시간은?", "150분"),
        ("첫째항이 3이고 공차가 4인 등차수열의 제20항의 각 자리의 합은?", "16"),
        ("비례식 0:5=8:x에서 x의 값을 구하시오.", "0"),
        ("첫째항이 3이고 공비가 2인 등비수열의 제900항을 구하시오.", "1"),
        ("다음 글의 주제는?", "1"),
        ("", ""),
    ],
)
def test_whatever_says_more_is_left_alone(body: str, answer: str) -> None:
    assert word_solution(body, answer) is None


@given(st.integers(1, 999), st.integers(1, 999), st.sampled_from(["cm", "m"]))
def test_sides_come_in_any_number(width: int, height: int, unit: str) -> None:
    body = f"가로 {width}{unit}, 세로 {height}{unit}인 직사각형의 "
    assert word_solution(f"{body}넓이를 구하시오.") == width * height
    assert word_solution(f"{body}둘레는 몇 {unit}인가?") == 2 * (width + height)


@given(st.text(alphabet="0123456789cm가로세로 이고인직사각형의넓이를구하시오,.?%²", max_size=80))
def test_any_text_is_read_without_an_error(body: str) -> None:
    found = word_solution(body, body)
    assert found is None or isinstance(found, Fraction)
