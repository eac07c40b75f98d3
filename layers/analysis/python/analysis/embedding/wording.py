"""Korean questions in plain form: numbers masked, formulas in one spelling, the asking cut off.

No morphological analyser: particles and the endings that questions close with are few, and are
matched as written.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

NUMBER = "n"
"""What stands for any number."""

LONGEST = 4000
"""Characters looked at; of longer texts the two ends."""

_QUESTION = 300
_WORDS = Path(__file__).with_name("school_words.txt")
_SPELLINGS = (
    (re.compile(r"\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"(\1)/(\2)"),
    (re.compile(r"\\sqrt\s*\{([^{}]*)\}"), r"√(\1)"),
    (re.compile(r"\\(?:times|cdot)\b|[×⋅∙*]"), "·"),
    (re.compile(r"\\div\b|÷"), "/"),
    (re.compile(r"\\leq?\b|≦"), "≤"),
    (re.compile(r"\\geq?\b|≧"), "≥"),
    (re.compile(r"\\int\b"), "∫"),
    (re.compile(r"\\sum\b"), "∑"),
    (re.compile(r"[−–—]"), "-"),
    (re.compile(r"\\(?:left|right|,|;|!|quad)|[$]"), ""),
    (re.compile(r"\\([a-z]+)"), r"\1"),
    (re.compile(r"[²]"), "^2"),
    (re.compile(r"[³]"), "^3"),
)
_COUNTED = (
    r"(?:개|명|마리|권|자루|장|대|살|번|가지|사람|시간|점|변|각|수|식|자리|배|병|그루|송이|켤레|조각|"
    r"도막|공|근|직선|벡터|집합|함수|자연수|정수|항|과목|팀|반|학생|컵)"
)
_NUMBER_WORD = re.compile(
    r"(?<![가-힣])(?:열|스물)?(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무)\s?(?="
    + _COUNTED
    + ")"
)
_PARTICLES = "은|는|이|가|을|를|의|에|에서|와|과|도|로|으로|만|인|이다|까지|부터"
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NAMES = re.compile(
    r"(?<![가-힣])(?:철수|영희|민수|민지|지민|지수|수진|수민|영수|"
    r"현우|지훈|서연|민준|서준|예은|하은|유진)"
    r"(?:이|가)?(?=[는은가의와과를에 ,])"
)
_FORMULA = re.compile(r"[A-Za-z0-9√∫∑(|][A-Za-z0-9 =+\-/^<>≤≥√·∫∑().,'|_→]*")
_HANGUL = re.compile("[가-힣]")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=\S)|\n+")
_CHOICES = re.compile(r"①|\n\s*\(?1[).]\s")
_ASKING = re.compile(
    r"\?|시오|하라|여라|아라|어라|으라|까요|나요|는가|은가|인가|주세요|싶|합니다|니다\.?$|궁금"
)
_CONDITION = re.compile(
    r"(?:[을할일쓸될릴질칠낼살갈올킬볼팔울열날줄둘]\s*때|"
    r"(?:으|이|하|라|되|다|가)?면|이고|하고|며|는데|"
    r"에서|에 대하여|중에서|가운데|위하여)[,\s]+"
)
_ENDING = re.compile(
    r"(?:[을를]\s*)?(?:각각|모두|바르게|가장|알맞은 것은|적절한 것은)?\s*"
    r"(?:구하|쓰|고르|계산하|나타내|푸|설명하|서술하|적으|말하|찾|보이|알려 주|알고 싶|궁금하)"
    r"[가-힣 ]*[.?!]*$"
    r"|(?:[은는이가]\s*)?(?:얼마|무엇|어떻게)[가-힣 ]*[.?!]*$"
    r"|(?:인가|는가|은가|[은는]|나요|까요)?\s*[.?!]*$"
)


def plain(text: str) -> str:
    """One spelling of formulas (LaTeX or Unicode), numbers and counting words as `n`, no names."""
    text = unicodedata.normalize("NFC", text)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    for pattern, instead in _SPELLINGS:
        text = pattern.sub(instead, text)
    text = _NAMES.sub("사람", _NUMBER_WORD.sub(f"{NUMBER} ", text))
    return re.sub(r"[^\S\n]+", " ", _DIGITS.sub(NUMBER, text)).strip()


def question(text: str) -> str:
    """The sentence that asks: the last that ends like a question, else the last; no choices."""
    stem = _CHOICES.split(text.strip(), maxsplit=1)[0].strip() or text
    sentences = [part for part in _SENTENCE.split(stem) if part.strip()]
    asking = [part for part in sentences if _ASKING.search(part) and _HANGUL.search(part)]
    return (asking or sentences or [""])[-1].strip()[-_QUESTION:]


def asked_of(sentence: str) -> str:
    """What a question wants, without its conditions and its closing words."""
    bare = _ENDING.sub("", sentence).strip() or sentence
    parts = [part for part in _CONDITION.split(bare) if len(part.strip()) > 1]
    return parts[-1].strip() if parts else bare


def formulas(text: str) -> list[str]:
    """Formulas of a plain text without spaces, letters that name unknowns made one."""
    found = (re.sub(r"\s", "", one) for one in _FORMULA.findall(text))
    return [re.sub(r"(?<![a-z])[abcpqtuvwxyz](?![a-z])", "x", one) for one in found if len(one) > 1]


def concepts(text: str) -> list[str]:
    """Groups of `school_words.txt` in their order in the text; the longest word wins."""
    pattern, names = _vocabulary()
    return [names[found] for found in pattern.findall(text)]


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[re.Pattern[str], dict[str, str]]:
    names: dict[str, str] = {}
    for line in _WORDS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            words = line.split("|")
            names |= {word: words[0] for word in words if word not in names}
    longest = sorted(names, key=len, reverse=True)
    return re.compile("|".join(map(_bounded, longest))), names


def _bounded(word: str) -> str:
    """Short words hide inside longer ones: two syllables begin a word, one is a word by itself."""
    pattern = re.escape(word)
    if len(word) <= 2 and re.fullmatch("[가-힣]+", word):
        pattern = rf"(?<![가-힣A-Za-z]){pattern}"
        if len(word) == 1:
            pattern += rf"(?=(?:{_PARTICLES})?(?![가-힣]))"
    return pattern
