import pytest

from analysis.ocr.choices import parse_choices

CASES = {
    "① 1 ② 2 ③ 3 ④ 4 ⑤ 5": [(1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5")],
    "1. 물음은?\n① 가\n나\n② 다": [(1, "가 나"), (2, "다")],
    "① a ③ c": [(1, "a"), (3, "c")],
    "밑줄 친 ③의 뜻은?": [],
    "없음": [],
    "": [],
    "① a ② b\n2. 다음\n① c ② d": [(1, "a"), (2, "b 2. 다음"), (1, "c"), (2, "d")],
    "①②": [(1, ""), (2, "")],
}


@pytest.mark.parametrize("text", CASES)
def test_choices_are_told_by_rising_circled_numbers(text):
    assert [(choice.number, choice.text) for choice in parse_choices(text)] == CASES[text]
