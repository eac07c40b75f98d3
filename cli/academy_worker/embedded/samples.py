"""The demo's jobs, made of the project's own samples, and what must be read from each."""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from academy_worker.embedded.demo_jobs import Check, DemoJob, refusals
from academy_worker.embedded.project import SAMPLES

READ = 0.8
"""Share of a sample's characters, blanks aside, that `ocr` must read in their order."""

SURE = 0.85
"""Share of a sheet's answers that must be read without a doubt (the sample has one struck out and
one marked twice, which are doubts by design); none of these may be wrong."""


def all_jobs() -> list[DemoJob]:
    """List every job of the demo."""
    return [*_video(), *_ocr(), *_sheet(), *_pages(), *_embedding(), *_wrong_note(), *refusals()]


def _video() -> list[DemoJob]:
    film = SAMPLES / "video" / "homework.mp4"
    pages = int(_truth(film)["pages"])
    return [
        DemoJob(
            "a homework video",
            "basic",
            "homework_video_analysis",
            {"download_url": film},
            check=_shows(pages),
        )
    ]


def _ocr() -> list[DemoJob]:
    picture = SAMPLES / "ocr" / "question.jpg"
    truth = str(_truth(picture)["text"])
    payload = {"download_url": picture}
    return [
        DemoJob("a photographed question", "lite", "ocr", payload, copies=2, check=_has_text(truth))
    ]


def _sheet() -> list[DemoJob]:
    picture = SAMPLES / "omr" / "sheet.jpg"
    truth = _truth(picture)
    payload = {
        "download_url": picture,
        "question_count": len(truth["questions"]),
        "answer_key": _key(truth["questions"]),
        "roster": [truth["identifier"]],
    }
    return [
        DemoJob(
            "a photographed answer sheet",
            "basic",
            "omr_grading",
            payload,
            check=_has_marks(truth),
        )
    ]


def _key(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make an answer key by which two of the sample's answers are wrong."""
    right = {question["question_id"]: question["answer"][:1] for question in questions}
    return [
        {"question_id": number, "answer": answer}
        for number, answer in (right | {3: ["1"], 12: ["1"]}).items()
    ]


def templates() -> dict[int, Path]:
    """Find the templates of the sample sheets by their number of questions."""
    files = (SAMPLES / "omr").glob("template*.json")
    return {
        int(json.loads(path.read_text(encoding="utf-8"))["question_count"]): path for path in files
    }


def _pages() -> list[DemoJob]:
    folder = SAMPLES / "pages"
    numbers = list(_truth(folder / "exam.jpg")["questions"])
    written = {"download_url": folder / "written.jpg", "template_url": folder / "blank.jpg"}
    return [
        DemoJob(
            "a photographed exam page",
            "premium",
            "question_segmentation",
            {"download_url": folder / "exam.jpg"},
            check=_has_questions(numbers),
        ),
        DemoJob(
            "a page somebody wrote on",
            "premium",
            "handwriting_analysis",
            written,
            check=_has_writing,
        ),
    ]


def _embedding() -> list[DemoJob]:
    texts = [
        "다음 글의 주제로 가장 적절한 것은?",
        "이차방정식 x²-5x+6=0의 두 근의 합을 구하시오.",
        "이차함수 y=x²-4x+1의 최솟값을 구하시오.",
    ]
    payload = {"texts": texts, "query": "이차방정식 x²-7x+12=0의 두 근의 합은?"}
    return [
        DemoJob("problems like another", "premium", "embedding", payload, check=_ranks([1, 2, 0]))
    ]


def _wrong_note() -> list[DemoJob]:
    folder = SAMPLES / "wrong_note"
    payload = _with_files(json.loads((folder / "note.json").read_text(encoding="utf-8")), folder)
    return [DemoJob("a wrong-answer note", "basic", "wrong_note", payload, check=_has_pages)]


def _has_text(truth: str) -> Check:
    def check(result: Mapping[str, Any]) -> str | None:
        share = similarity(truth, str(result["text"]))
        return None if share >= READ else f"only {share:.0%} of the text was read"

    return check


def _has_marks(truth: Mapping[str, Any]) -> Check:
    marked = {item["question_id"]: item["answer"] for item in truth["questions"]}

    def check(result: Mapping[str, Any]) -> str | None:
        sure = [answer for answer in result["answers"] if answer["status"] in ("ok", "blank")]
        wrong = [
            answer["question_id"]
            for answer in sure
            if answer["detected"] != marked[answer["question_id"]]
        ]
        if wrong:
            return f"questions {wrong} were read wrong, without a doubt"
        if len(sure) < SURE * len(marked):
            return f"only {len(sure)} of {len(marked)} answers are sure"
        if (result["identifier"] or {}).get("identifier") != truth["identifier"]:
            return "the identifier was not read"
        return None

    return check


def _has_questions(numbers: list[int]) -> Check:
    def check(result: Mapping[str, Any]) -> str | None:
        found = [item["number"] for item in result["items"] if item["type"] == "question"]
        return None if found == numbers else f"questions {found} instead of {numbers}"

    return check


def _has_writing(result: Mapping[str, Any]) -> str | None:
    return None if result["writing_score"] > 0 and result["regions"] else "no writing was found"


def _shows(pages: int) -> Check:
    def check(result: Mapping[str, Any]) -> str | None:
        found = result["pages_detected"]
        return None if found == pages else f"{found} pages instead of {pages}"

    return check


def _ranks(order: list[int]) -> Check:
    def check(result: Mapping[str, Any]) -> str | None:
        found = [match["index"] for match in result["matches"]]
        return None if found == order else f"ranked {found} instead of {order}"

    return check


def _has_pages(result: Mapping[str, Any]) -> str | None:
    return None if result["pages"] and not result["missing_crops"] else "the note is not whole"


def similarity(truth: str, text: str) -> float:
    """Share of characters in common, in order, blanks aside (0-1; Ratcliff/Obershelp)."""
    bare_truth, bare_text = ("".join(one.split()) for one in (truth, text))
    return difflib.SequenceMatcher(None, bare_truth, bare_text, autojunk=False).ratio()


def _with_files(value: Any, folder: Path) -> Any:
    """Read a payload's relative links (`crop_url` and the like) as files of its folder."""
    if isinstance(value, dict):
        return {
            name: folder / part
            if name.endswith("_url") and isinstance(part, str)
            else _with_files(part, folder)
            for name, part in value.items()
        }
    return [_with_files(part, folder) for part in value] if isinstance(value, list) else value


def _truth(picture: Path) -> Any:
    return json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))
