"""Simple problems are solved from their own words, and anything doubtful is left alone."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.problem.independent import solution

SMALL = st.integers(-30, 30)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("이차방정식 x^2 - 5x + 6 = 0 의 두 근의 합은?", 5),
        ("이차방정식 $2x²-5x+3=0$의 두 근의 곱을 구하시오.", Fraction(3, 2)),
        ("방정식 3x-7=8의 해를 구하시오.", 5),
        ("2x+3=x-5를 만족하는 x의 값은?", -8),
        ("12와 18의 최대공약수를 구하시오.", 6),
        ("8, 12, 20의 최소공배수는?", 120),
        ("다음을 계산하시오. 3+4×2", 11),
        ("(3+4)×2의 값을 구하시오.", 14),
        ("7-2의 값은?", 5),
        ("2^8의 값을 구하시오.", 256),
        ("-3+5를 계산하시오.", 2),
        ("80, 75, 90, 85의 평균을 구하시오.", Fraction(165, 2)),
    ],
)
def test_what_leaves_no_doubt_is_solved(body: str, value: Fraction) -> None:
    assert solution(body) == {value}


@pytest.mark.parametrize(
    "body",
    [
        "12와 18의 최대공약수와 최소공배수의 합은?",
        "1부터 100까지 자연수의 합을 구하시오.",
        "네 수 80, 75, 90, x의 평균은 80이다. x의 값은?",
        "x^2+x+1=0의 두 근의 합은?",
        "x^2-4=0의 두 근의 차는?",
        "사과 3개와 배 2개의 값은?",
        "x=3일 때 2x의 값은?",
        "x=3일 때 2x-1=5의 해는?",
        "두 근이 2, 3인 x^2+ax+b=0의 두 근의 합은?",
        "두 수 7-2와 3+4의 값은?",
        "3(x-2)=9의 해는?",
        "3x/2=9의 해는?",
        "√3+2의 값은?",
        "0 / 0의 값은?",
        "다음 글의 주제는?",
        "",
    ],
)
def test_what_is_not_plain_is_left_alone(body: str) -> None:
    assert solution(body) is None


@given(SMALL, SMALL, st.integers(1, 9))
def test_sums_and_products_are_those_of_the_roots(one: int, other: int, factor: int) -> None:
    b, c = -factor * (one + other), factor * one * other
    body = f"이차방정식 {factor}x^2{b:+d}x{c:+d}=0의 두 근의"
    assert solution(f"{body} 합은?") == {one + other}
    assert solution(f"{body} 곱은?") == {one * other}


@given(st.text(alphabet="0123456789x^+-=*/(). 의합곱근해두값은를계산하시오", max_size=60))
def test_any_text_is_read_without_an_error(body: str) -> None:
    found = solution(body)
    assert found is None or all(isinstance(value, Fraction) for value in found)
