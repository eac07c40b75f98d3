"""Which module measures which job type."""

from importlib import import_module

from benchmarks.results.row import Section

SECTIONS = {
    "omr_grading": "sheets",
    "ocr": "text",
    "question_segmentation": "questions",
    "handwriting_analysis": "handwriting",
    "homework_video_analysis": "films",
    "embedding": "embedding",
    "wrong_note": "notes",
    "platform": "platform",
}


def section(name: str) -> Section:
    """The measuring function of a section. Raises `KeyError` for an unknown one."""
    rows: Section = import_module(f"benchmarks.results.{SECTIONS[name]}").rows
    return rows
