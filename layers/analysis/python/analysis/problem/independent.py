"""Solve the simplest problems from their own words, without the model's help.

Only what leaves no doubt is solved: one arithmetic term to compute, the roots of one quadratic or
linear equation, their sum and product, common divisors and multiples, a mean. Everything else is
None: better unchecked than checked wrongly.
"""

import re
from fractions import Fraction
from math import gcd, lcm

from analysis.problem.computed import evaluate

_MARKS = str.maketrans({"×": "*", "÷": "/", "−": "-", "²": "^2", "³": "^3", "$": " "})
_TERM = re.compile(r"[\d\s.+\-*/^()]*\d[\d\s.+\-*/^()]*")
_EQUATION = re.compile(
    r"(?<![A-Za-z0-9^*/)])([-+\d\s.x^]*x[-+\d\s.x^]*)=([-+\d\s.x^]*[\dx])(?![A-Za-z0-9(^*/.])"
)
_POWER = re.compile(r"([+-]?)(\d*(?:\.\d+)?)(x(?:\^([12]))?)?")
_NUMBERS = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])")
_LISTED = re.compile(r"\d+(?:\.\d+)?(?:\s*(?:,|와|과)\s*\d+(?:\.\d+)?)+")


def solution(body: str) -> frozenset[Fraction] | None:
    """The values any of which is the answer; None where the problem is not of a known kind."""
    text = body.translate(_MARKS)
    for solve in (_divisors, _mean, _roots, _term):
        found = solve(text)
        if found is not None:
            return found
    return None


def _term(text: str) -> frozenset[Fraction] | None:
    if not re.search(r"계산|값을 구하|값은", text) or re.search("[a-zA-Z√=<>≤≥]", text):
        return None
    terms = [found[0].strip(" .\n") for found in _TERM.finditer(text)]
    words = re.sub(r"다음|[을를의은는]|식|값|계산|하시오|하여라|구하|시오|한|\W|\d", "", text)
    if len(terms) != 1 or words or not re.search(r"\d[\s)]*[+\-*/^]", terms[0]):
        return None
    try:
        return frozenset({evaluate(re.sub(r"\s", "", terms[0]))})
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def _divisors(text: str) -> frozenset[Fraction] | None:
    wanted = re.findall("최대공약수|최소공배수", text)
    lists = _LISTED.findall(text)
    if len(wanted) != 1 or len(lists) != 1 or not re.search(r"최\w+수(?:를|는|은|의 값)", text):
        return None
    numbers = [Fraction(number) for number in _NUMBERS.findall(lists[0])]
    if len(numbers) != len(_NUMBERS.findall(text)) or not all(
        number.denominator == 1 and 0 < number < 10**9 for number in numbers
    ):
        return None
    solve = gcd if wanted[0] == "최대공약수" else lcm
    return frozenset({Fraction(solve(*(int(number) for number in numbers)))})


def _mean(text: str) -> frozenset[Fraction] | None:
    lists = _LISTED.findall(text)
    if not re.search(r"평균(?:을 구하|은\??$|은 얼마|을 계산)", text.strip()) or len(lists) != 1:
        return None
    numbers = [Fraction(number) for number in _NUMBERS.findall(lists[0])]
    if len(numbers) != len(_NUMBERS.findall(text)):
        return None
    return frozenset({sum(numbers, Fraction(0)) / len(numbers)})


def _roots(text: str) -> frozenset[Fraction] | None:
    equations = _EQUATION.findall(text)
    if len(equations) != 1 or text.count("=") != 1 or re.search("[a-wyzA-WYZ√|]", text):
        return None
    left, right = (_coefficients(side) for side in equations[0])
    if left is None or right is None:
        return None
    c, b, a = (one - other for one, other in zip(left, right, strict=True))
    rest = text.replace("=".join(equations[0]), " ")
    if _NUMBERS.search(rest):
        return None
    if a == 0:
        return frozenset({-c / b}) if b != 0 and re.search(r"해|근|x의 값", rest) else None
    if re.search(r"(?:두|모든)\s*(?:실)?(?:근|해)의\s*합(?:을|은)", rest):
        return frozenset({-b / a}) if b * b >= 4 * a * c else None
    if re.search(r"(?:두|모든)\s*(?:실)?(?:근|해)의\s*곱(?:을|은)", rest):
        return frozenset({c / a}) if b * b >= 4 * a * c else None
    return None


def _coefficients(side: str) -> list[Fraction] | None:
    """Factors of 1, x and x^2 in a sum of such terms."""
    bare = re.sub(r"\s", "", side)
    found = [Fraction(0)] * 3
    end = 0
    for term in _POWER.finditer(bare):
        if not term[0]:
            continue
        if term.start() != end or not (term[2] or term[3]) or (end and not term[1]):
            return None
        end = term.end()
        degree = int(term[4] or 1) if term[3] else 0
        found[degree] += Fraction(term[2] or 1) * (-1 if term[1] == "-" else 1)
    return found if end == len(bare) and bare else None
