"""A job's outcome in a few words, for a table cell."""

from collections.abc import Callable, Mapping
from typing import Any

from academy_worker.embedded.phrase import Phrase, alike
from academy_worker.embedded.watch import Seen

Words = Callable[[Mapping[str, Any]], Phrase]


def in_words(one: Seen) -> Phrase:
    """Say what came of a job; empty while nothing has."""
    if one.quarantined:
        return Phrase("kept aside for the operator", "운영자 확인용으로 따로 보관")
    code, message = one.error
    if code:
        return alike(f"{code}: {message}")
    if not one.result:
        return alike("")
    return _WORDS.get(one.job.job_type, _keys)(one.result)


def _keys(result: Mapping[str, Any]) -> Phrase:
    return alike(", ".join(result))


def _ocr(result: Mapping[str, Any]) -> Phrase:
    lines = len(result.get("lines", []))
    first = "".join(str(result.get("text", "")).strip().splitlines()[:1])
    return Phrase(f"{lines} lines: {first}", f"{lines}줄: {first}")


def _omr(result: Mapping[str, Any]) -> Phrase:
    answers = result.get("answers", [])
    marked = sum(1 for answer in answers if answer.get("detected"))
    identifier = (result.get("identifier") or {}).get("identifier")
    return Phrase(
        f"{marked} of {len(answers)} marked, identifier {identifier or 'none'}",
        f"{len(answers)}문항 중 {marked}문항 표시, 수험번호 {identifier or '없음'}",
    )


def _segmentation(result: Mapping[str, Any]) -> Phrase:
    boxes, engine = len(result.get("boxes", [])), result.get("engine", "?")
    return Phrase(f"{boxes} boxes by {engine}", f"영역 {boxes}개 ({engine})")


def _handwriting(result: Mapping[str, Any]) -> Phrase:
    writing = f"{result.get('writing_score', 0):.2f}"
    calculation = f"{result.get('calculation_score', 0):.2f}"
    return Phrase(
        f"writing {writing}, calculation {calculation}", f"필기 {writing}, 풀이 {calculation}"
    )


def _embedding(result: Mapping[str, Any]) -> Phrase:
    vectors = [vector for vector in result.get("vectors", []) if vector]
    size, backend = len(vectors[0]) if vectors else 0, result.get("backend", "?")
    return Phrase(
        f"{len(vectors)} vectors of {size} numbers by {backend}",
        f"{size}차원 벡터 {len(vectors)}개 ({backend})",
    )


def _video(result: Mapping[str, Any]) -> Phrase:
    pages, frames = result.get("pages_detected", 0), result.get("total_frames", 0)
    return Phrase(f"{pages} pages in {frames} frames", f"{frames}프레임에서 {pages}쪽")


def _note(result: Mapping[str, Any]) -> Phrase:
    pages = result.get("pages", 0)
    return Phrase(f"a note of {pages} pages", f"{pages}쪽 노트")


_WORDS: dict[str, Words] = {
    "ocr": _ocr,
    "omr_grading": _omr,
    "question_segmentation": _segmentation,
    "handwriting_analysis": _handwriting,
    "embedding": _embedding,
    "homework_video_analysis": _video,
    "wrong_note": _note,
}
