"""Time and memory of a wrong-answer note of forty questions."""

from collections.abc import Iterator

from benchmarks.results.row import Row, at_most
from benchmarks.wrong_note_render import BAR_MB, BAR_SECONDS, rendered

QUESTIONS = 40
KINDS = {
    "text only": (0, False),
    "three formulas each": (3, False),
    "a crop each": (0, True),
}
COMMANDS = {
    "text only": "--formulas 0",
    "three formulas each": "--formulas 3",
    "a crop each": "--formulas 0 --crops",
}


def rows(full: bool) -> Iterator[Row]:
    """Write notes; both sizes are the same. Memory is the process's, so it only rises."""
    for name, (formulas, crops) in KINDS.items():
        note = rendered(QUESTIONS, formulas, crops=crops)
        command = f"python -m benchmarks.wrong_note_render {COMMANDS[name]}"
        yield at_most(
            f"{name}: CPU s of a further note",
            note.following,
            BAR_SECONDS,
            shown=".2f",
            peer=f"the first {note.first:.2f} s",
        )
        yield at_most(f"{name}: peak MB", note.peak, BAR_MB, shown=".0f", command=command)
