"""How alike two problems are built: what is asked, which formulas, which quantities.

Small sentence models mostly measure shared words, so that two problems on apples seem alike
whatever is asked of the apples. Numbers are masked here, and what remains is compared: the
formula skeleton, the units, and the words of the question itself.
"""

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_FORMULA = re.compile(r"[0-9a-zA-Z\s]*[=+\-*/^<>≤≥√×÷²³()][0-9a-zA-Z=+\-*/^<>≤≥√×÷²³().\s]*")
_UNIT = re.compile(
    r"\d\s*(km/h|m/s|km|cm|mm|kg|mg|mL|ml|㎝|㎞|㎏|L|g|m|원|개|명|시간|분|초|도|°|%|퍼센트|℃|N|J|V|A|Ω|Hz|mol)"
)
_ASKED = re.compile(
    r"넓이|부피|둘레|길이|높이|속력|속도|거리|시간|확률|경우의 수|최댓값|최솟값|합|곱|차|평균|"
    r"분산|표준편차|기울기|절편|좌표|각|반지름|지름|개수|값|해|근|방정식|함수|극한|미분|도함수|적분|"
    r"농도|질량|밀도|비율|나머지|몫|약수|배수|소수|인수분해|전개|식|그래프|이유|까닭|주제|제목|요지|"
    r"빈칸|순서|옳은|옳지 않은|알맞은|적절한|의미|특징|원인|결과"
)

_WEIGHTS = {"asked": 0.5, "formula": 0.3, "units": 0.2}


@dataclass(frozen=True, slots=True)
class Structure:
    """What a problem is made of, words aside."""

    asked: frozenset[str]
    formula: frozenset[str]
    units: frozenset[str]


def structure_of(text: str) -> Structure:
    """Take a problem apart; the question is its last sentence or two."""
    sentences = [part for part in re.split(r"(?<=[.?!])\s+|\n", text.strip()) if part.strip()]
    question = " ".join(sentences[-2:])
    skeletons = (_NUMBER.sub("n", re.sub(r"\s", "", found)) for found in _FORMULA.findall(text))
    return Structure(
        asked=frozenset(_ASKED.findall(question)),
        formula=frozenset(gram for one in skeletons for gram in _grams(one)),
        units=frozenset(_UNIT.findall(text)),
    )


def likeness(one: Structure, other: Structure) -> float:
    """Weighted Jaccard of the parts that either has, 0-1; 0.5 where neither has any."""
    total = score = 0.0
    for name, weight in _WEIGHTS.items():
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine or theirs:
            total += weight
            score += weight * len(mine & theirs) / len(mine | theirs)
    return score / total if total else 0.5


def reranked(cosine: float, one: Structure, other: Structure, share: float = 0.35) -> float:
    """Mix meaning and structure; the `share` of structure was set by hand, not tuned."""
    return (1 - share) * cosine + share * likeness(one, other)


def _grams(skeleton: str) -> list[str]:
    return [skeleton[i : i + 3] for i in range(max(1, len(skeleton) - 2))] if skeleton else []
