"""Word problems of set phrases, solved from the whole of their words.

A phrase must account for every word of the problem and its units must agree: what says anything
more, or anything else, is none of these, so that a right answer is never called wrong. Circles are
left out, as their answers are written with pi or with some value of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import mul

_NUMBER = r"(\d+(?:\.\d+)?)"
_LENGTH = r"(mm|cm|m|km)"
_AND = r"(?:이고|이며|,)?\s*"
_IS = r"(?:의 길이)?(?:가|이|는|은)?\s*"
_ASKED = re.compile(
    r"(?:의 길이|의 값)?(?:"
    r"(?:은|는|이|가)?\s*(?:얼마|몇\s*(?P<unit>[a-z]+[²³]?|[가-힣%]+?)(?=인|입|일|\?|$))?\s*"
    r"(?:인가요|인가|입니까|일까요|인지 구하시오)?\s*[?.]?"
    r"|(?:을|를)\s*(?:구하시오|구하여라|구하라|계산하시오)\.?)"
)
_ANSWER_UNIT = re.compile(r"\d\s*(?P<unit>[A-Za-z가-힣%]+(?:/[A-Za-z가-힣]+)?[²³]?)")
_SIGNS = str.maketrans({"㎠": "cm²", "㎡": "m²", "㎤": "cm³", "㎥": "m³", "㎝": "cm", "㎞": "km"})

Values = list[Fraction]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """`says` begins the problem, what is asked follows; `{1}` in `unit` stands for its unit."""

    says: re.Pattern[str]
    solve: Callable[[Values], Fraction]
    units: tuple[str, ...]


def word_solution(body: str, answer: str = "") -> Fraction | None:
    """The value asked for; None where the problem is no set phrase or `answer` has another unit."""
    text = " ".join(body.translate(_SIGNS).replace("^2", "²").replace("^3", "³").split())
    for phrase in _PHRASES:
        said = phrase.says.match(text)
        asked = _ASKED.fullmatch(text, said.end()) if said else None
        if said is None or asked is None:
            continue
        lengths = {part for part in said.groups() if re.fullmatch(_LENGTH, part or "")}
        if len(lengths) > 1:
            return None
        units = {unit.format(*lengths) for unit in phrase.units if lengths or "{" not in unit}
        stated = _ANSWER_UNIT.search(answer.translate(_SIGNS).replace("^2", "²"))
        named = {one["unit"] for one in (asked, stated) if one is not None and one["unit"]}
        if not named <= units:
            return None
        values = [Fraction(part) for part in said.groups() if re.fullmatch(_NUMBER, part or "")]
        return _told_exactly(phrase, values)
    return None


def _told_exactly(phrase: _Phrase, values: Values) -> Fraction | None:
    """The value, None where an answer would have to be rounded."""
    try:
        value = phrase.solve(values)
    except ZeroDivisionError:
        return None
    return value if (1000 * value).denominator == 1 else None


def _phrase(says: str, solve: Callable[[Values], Fraction], *units: str) -> _Phrase:
    return _Phrase(re.compile(says.replace("<n>", _NUMBER).replace("<u>", _LENGTH)), solve, units)


def _product(values: Values) -> Fraction:
    return reduce(mul, values)


_SIDES = rf"가로{_IS}<n>\s*<u>{_AND}세로{_IS}<n>\s*<u>인 직사각형의 "
_BASE = rf"밑변{_IS}<n>\s*<u>{_AND}높이{_IS}<n>\s*<u>인 "
_SQUARE = rf"한 변{_IS}<n>\s*<u>인 정사각형의 "
_CUBE = rf"한 (?:변|모서리){_IS}<n>\s*<u>인 정육면체의 "
_BOX = r"가로, 세로, 높이(?:의 길이)?가 (?:각각 )?<n>\s*<u>, <n>\s*<u>, <n>\s*<u>인 직육면체의 "
_ARITHMETIC = rf"첫째항이 <n>{_AND}공차가 <n>인 등차수열의 "
_GEOMETRIC = rf"첫째항이 <n>{_AND}공비가 <n>인 등비수열의 "
_WENT = r"(?:간|달린|이동한|걸은)"

_PHRASES = (
    _phrase(_SIDES + "넓이", _product, "{0}²"),
    _phrase(_SIDES + "둘레", lambda v: 2 * (v[0] + v[1]), "{0}"),
    _phrase(_SQUARE + "넓이", lambda v: v[0] ** 2, "{0}²"),
    _phrase(_SQUARE + "둘레", lambda v: 4 * v[0], "{0}"),
    _phrase(_BASE + "삼각형의 넓이", lambda v: v[0] * v[1] / 2, "{0}²"),
    _phrase(_BASE + "평행사변형의 넓이", _product, "{0}²"),
    _phrase(
        r"두 대각선의 길이가 (?:각각 )?<n>\s*<u>, <n>\s*<u>인 마름모의 넓이",
        lambda v: v[0] * v[1] / 2,
        "{0}²",
    ),
    _phrase(_CUBE + "부피", lambda v: v[0] ** 3, "{0}³"),
    _phrase(_CUBE + "겉넓이", lambda v: 6 * v[0] ** 2, "{0}²"),
    _phrase(_BOX + "부피", _product, "{0}³"),
    _phrase(_BOX + "겉넓이", lambda v: 2 * (v[0] * v[1] + v[1] * v[2] + v[2] * v[0]), "{0}²"),
    _phrase(rf"시속 <n>\s*km로 <n>시간 동안 {_WENT} 거리", _product, "km"),
    _phrase(rf"초속 <n>\s*m로 <n>초 동안 {_WENT} 거리", _product, "m"),
    _phrase(
        r"<n>\s*km를 시속 <n>\s*km로 (?:가는|달리는|갈 때|달릴 때) 데? ?걸리는 시간",
        lambda v: v[0] / v[1],
        "시간",
    ),
    _phrase(
        rf"<n>\s*km를 <n>시간 동안 {_WENT} [가-힣]+의 (?:속력|시속)",
        lambda v: v[0] / v[1],
        "km/h",
    ),
    _phrase(
        r"<n>\s*(?:명|원|개|점)?의 <n>\s*%", lambda v: v[0] * v[1] / 100, "명", "원", "개", "점"
    ),
    _phrase(
        r"정가가? <n>\s*원인 [가-힣]+[을를] <n>\s*% 할인하여 (?:팔|판매할) 때,? ?"
        r"(?:의 )?(?:판매 )?가격",
        lambda v: v[0] * (100 - v[1]) / 100,
        "원",
    ),
    _phrase(r"비례식 <n>\s*:\s*<n>\s*=\s*<n>\s*:\s*x에서 x", lambda v: v[1] * v[2] / v[0]),
    _phrase(r"비례식 <n>\s*:\s*<n>\s*=\s*x\s*:\s*<n>에서 x", lambda v: v[0] * v[2] / v[1]),
    _phrase(_ARITHMETIC + r"제\s*<n>\s*항", lambda v: v[0] + (v[2] - 1) * v[1]),
    _phrase(
        _ARITHMETIC + r"첫째항부터 제\s*<n>\s*항까지의 합",
        lambda v: v[2] * (2 * v[0] + (v[2] - 1) * v[1]) / 2,
    ),
    _phrase(_GEOMETRIC + r"제\s*<n>\s*항", lambda v: v[0] * v[1] ** _small(v[2] - 1)),
)


def _small(power: Fraction) -> int:
    """A power that is computed; ZeroDivisionError stands for none."""
    if power.denominator != 1 or not 0 <= power <= 64:
        raise ZeroDivisionError
    return int(power)
