"""A job's outcome in a few words, for a table cell."""

from collections.abc import Callable, Mapping
from typing import Any

from academy_worker.embedded.watch import Seen

Words = Callable[[Mapping[str, Any]], str]


def in_words(one: Seen) -> str:
    """Say what came of a job; empty while nothing has."""
    if one.quarantined:
        return "kept aside for the operator"
    code, message = one.error
    if code:
        return f"{code}: {message}"
    if not one.result:
        return ""
    return _WORDS.get(one.job.job_type, _keys)(one.result)


def _keys(result: Mapping[str, Any]) -> str:
    return ", ".join(result)


def _ocr(result: Mapping[str, Any]) -> str:
    lines = result.get("lines", [])
    first = str(result.get("text", "")).strip().splitlines()[:1]
    return f"{len(lines)} lines: {first[0] if first else ''}"


def _omr(result: Mapping[str, Any]) -> str:
    answers = result.get("answers", [])
    marked = sum(1 for answer in answers if answer.get("detected"))
    identifier = (result.get("identifier") or {}).get("identifier") or "none"
    return f"{marked} of {len(answers)} marked, identifier {identifier}"


def _segmentation(result: Mapping[str, Any]) -> str:
    return f"{len(result.get('boxes', []))} boxes by {result.get('engine', '?')}"


def _handwriting(result: Mapping[str, Any]) -> str:
    return (
        f"writing {result.get('writing_score', 0):.2f}, "
        f"calculation {result.get('calculation_score', 0):.2f}"
    )


def _embedding(result: Mapping[str, Any]) -> str:
    vectors = [vector for vector in result.get("vectors", []) if vector]
    size = len(vectors[0]) if vectors else 0
    return f"{len(vectors)} vectors of {size} numbers by {result.get('backend', '?')}"


def _video(result: Mapping[str, Any]) -> str:
    return f"{result.get('pages_detected', 0)} pages in {result.get('total_frames', 0)} frames"


def _note(result: Mapping[str, Any]) -> str:
    return f"a note of {result.get('pages', 0)} pages"


_WORDS: dict[str, Words] = {
    "ocr": _ocr,
    "omr_grading": _omr,
    "question_segmentation": _segmentation,
    "handwriting_analysis": _handwriting,
    "embedding": _embedding,
    "homework_video_analysis": _video,
    "wrong_note": _note,
}
