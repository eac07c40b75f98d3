"""Korean questions in plain form: numbers masked, formulas in one spelling, the asking cut off.

No morphological analyser: particles and the endings that questions close with are few, and are
matched as written.
"""

import re
import unicodedata

NUMBER = "n"
"""What stands for any number."""

LONGEST = 4000
"""Characters looked at; of longer texts the two ends."""

_QUESTION = 300
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
    (re.compile(r"²"), "^2"),
    (re.compile(r"³"), "^3"),
    (re.compile(r"(?<![A-Za-z])([kcm]?m)\^\{?2\}?"), r"\1²"),
    (re.compile(r"(?<![A-Za-z])([kcm]?m)\^\{?3\}?"), r"\1³"),
    (re.compile(r"(?<!\d)2진[수법]"), "이진수"),
    (re.compile(r"(?<!\d)10진[수법]"), "십진수"),
    (re.compile(r"(?<!\d)3\s*[·.]\s*1\s*운동"), "삼일운동"),
    (re.compile(r"(?<!\d)6\s*[·.]\s*25"), "육이오"),
    (re.compile(r"(?<!\d)4\s*[·.]\s*19"), "사일구"),
    (re.compile(r"(?<!\d)5\s*[·.]\s*18"), "오일팔"),
)
_COUNTED = (
    r"(?:개|명|마리|권|자루|장|대|살|번|가지|사람|시간|점|변|각|수|식|자리|배|병|그루|송이|켤레|조각|"
    r"도막|공|근|직선|벡터|집합|함수|자연수|정수|항|과목|팀|반|학생|컵)"
)
_NUMBER_WORD = re.compile(
    r"(?<![가-힣])(?!열대|한대|한반|한시|세대|세수|세력|두각)(?:열|스물)?(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무)\s?(?="
    + _COUNTED
    + ")"
)
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NAMES = re.compile(
    r"(?<![가-힣])(?:철수|영희|민수|민지|지민|지수|수진|수민|영수|"
    r"현우|지훈|서연|민준|서준|예은|하은|유진)"
    r"(?:이|가)?(?=[는은가의와과를에 ,])"
)
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
_CLOSING = re.compile(
    r"(?<=[가-힣\w)\]'\"’”²³])(?:"
    r"[.?!\s]+"
    r"|(?:[을를]\s[가-힣]+으?로|[은는가을를]|(?<![넓길높깊차나])이|으?로)?\s*(?:"
    r"(?:구하|계산하|나타내|설명하|서술하|말하|답하|밝히|쓰|적으|고르|찾으)"
    r"(?:시오|십시오|세요|여라|라|면)"
    r"|(?:찾아|골라|적어|써라|적어라|골라라|찾아라|말해|설명해)(?:\s?보시오|\s?주세요|라)?"
    r"|(?:알려|가르쳐) ?주(?:세요|십시오|시겠어요)"
    r"|알고 싶(?:어요|습니다)|궁금(?:합니다|해요)"
    r"|(?:얼마|무엇)(?:인가요?|인지|입니까|일까|이라고 하는가|이라 하는가|을 말하는가)?"
    r"|(?:가장 )?(?:알맞은|적절한|적당한) 것"
    r"|[n한두세네] ?(?:가지(?:만|씩|를)?|문장)|각각|모두"
    r")"
    r"|(?:인가요?|는가|은가|나요|까요|까|인지|는지|은지)"
    r"|[은는을를]"
    r")$"
)
"""What a question closes with: a verb of asking or `얼마` and the particle before it; an ending."""

_MOST_CLOSINGS = 8


def spelled(text: str) -> str:
    """One spelling of formulas (LaTeX or Unicode); of a text beyond `LONGEST` the two ends."""
    text = unicodedata.normalize("NFC", text)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    for pattern, instead in _SPELLINGS:
        text = pattern.sub(instead, text)
    return text


def plain(text: str) -> str:
    """As spelled, numbers and counting words as `n`, no names."""
    text = _NAMES.sub("사람", _NUMBER_WORD.sub(f"{NUMBER} ", spelled(text)))
    return re.sub(r"[^\S\n]+", " ", _DIGITS.sub(NUMBER, text)).strip()


def question(text: str) -> str:
    """The sentence that asks: the last that ends like a question, else the last; no choices."""
    stem = _CHOICES.split(text.strip(), maxsplit=1)[0].strip() or text
    sentences = [part for part in _SENTENCE.split(stem) if part.strip()]
    asking = [part for part in sentences if _ASKING.search(part) and _HANGUL.search(part)]
    return (asking or sentences or [""])[-1].strip()[-_QUESTION:]


def asked_of(sentence: str) -> str:
    """What a question wants, without its conditions and its closing words."""
    bare = sentence
    for _ in range(_MOST_CLOSINGS):
        shorter = _CLOSING.sub("", bare).strip()
        if len(shorter) < 2 or shorter == bare:
            break
        bare = shorter
    parts = [part for part in _CONDITION.split(bare) if len(part.strip()) > 1]
    return parts[-1].strip() if parts else bare
