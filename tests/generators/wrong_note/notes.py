"""Random notes of the texts academies print, and a folder as the outside world."""

import random
from pathlib import Path
from typing import Any

from jobs.workspace import FileKind
from tests.generators.wrong_note.crops import save, triangle_question

TAGS = ("이차방정식", "부등식", "도형의 방정식", "수열", "함수의 극한", "확률")


class FolderWorkspace:
    """Opens and keeps files of one folder; `seconds` are always left."""

    def __init__(self, folder: Path, seconds: float = 60.0) -> None:
        self.folder = folder
        self.seconds = seconds

    def fetch(self, url: str, kind: FileKind) -> Path:
        return self.folder / url

    def put(self, name: str, data: bytes, content_type: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return name

    def remaining(self) -> float:
        return self.seconds


def random_note(
    rng: random.Random, workspace: FolderWorkspace, questions: int, formulas: int, crops: bool
) -> dict[str, Any]:
    """A payload of wrong answers only, in two exams."""
    items = [_item(rng, number + 1, formulas) for number in range(questions)]
    if crops:
        for item in items:
            name = f"crops/{item['question_id']}.png"
            if not (workspace.folder / name).exists():
                picture = triangle_question(item["question_id"], rng.randint(620, 1600), 215)
                save(picture, workspace.folder / name)
            item["crop_url"] = name
    half = len(items) // 2
    return {
        "enrollment_id": str(rng.randint(10_000, 99_999)),
        "student_name": "김하늘",
        "exams": [
            {"exam_id": "1", "title": "3월 단원 평가", "items": items[:half]},
            {"exam_id": "2", "title": "4월 단원 평가", "items": items[half:]},
        ],
    }


def _item(rng: random.Random, number: int, formulas: int) -> dict[str, Any]:
    a, b, c = (rng.randint(2, 99) for _ in range(3))
    shown = [
        f"$x^2-{a}x+{b}=0$",
        rf"$\frac{{{a}}}{{{b}}}$",
        rf"$\sqrt{{{a * b}}}+{c}$",
        rf"$\sum_{{k=1}}^{{{a}}} k^2={c}$",
        rf"$\lim_{{x\to {a}}} \frac{{x^2-{b}}}{{x-{c}}}$",
    ]
    text = "다음 조건을 만족시키는 실수의 값을 구하시오. 〈보기〉의 ㉠과 ㉡을 참고하시오. "
    return {
        "question_id": number,
        "submitted": str(rng.randint(1, 5)),
        "right_answer": str(rng.randint(1, 5)),
        "correct": False,
        "tag": rng.choice(TAGS),
        "text": text + ", ".join(shown[:formulas]),
        "choices": [str(a + step) for step in range(5)],
        "explanation": "근과 계수의 관계에서 두 근의 합과 곱을 구하고 ∠A ≤ 60°임을 이용한다.",
    }
