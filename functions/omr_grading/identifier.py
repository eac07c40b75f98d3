"""The student's number as it goes over the wire, with what a roster suggests."""

from analysis.omr.decision import Decision, Status
from analysis.omr.reader import Sheet
from analysis.omr.template import Template
from jobs.contract.omr import OmrDigit, OmrIdentifier


def identifier_of(sheet: Sheet, template: Template, roster: list[str]) -> OmrIdentifier | None:
    """Word the identifier; None where the sheet has none or was not read."""
    found = sheet.identifier
    if found is None:
        return None
    return OmrIdentifier(
        identifier=found.value,
        raw_identifier=found.raw,
        status=found.status.value,
        confidence=found.confidence,
        digits=[
            _digit(digit.digit_index, read)
            for digit, read in zip(template.digits, found.digits, strict=True)
        ],
        suggestion=_suggestion(found.raw, roster),
    )


def _digit(index: int, read: Decision) -> OmrDigit:
    sure = read.status is Status.OK and len(read.detected) == 1
    return OmrDigit(
        digit_index=index,
        value=int(read.detected[0]) if sure else None,
        status=read.status.value,
        confidence=read.confidence,
        marks=[
            {"number": int(bubble.label), "fill": round(bubble.ink, 4)} for bubble in read.bubbles
        ],
    )


def _suggestion(raw: str, roster: list[str]) -> str | None:
    """The one roster entry that agrees with every sure digit; a doubt stays a doubt."""
    if "?" not in raw or raw.count("?") > 2:
        return None
    agreeing = {
        entry
        for entry in roster
        if len(entry) == len(raw) and all(a in ("?", b) for a, b in zip(raw, entry, strict=True))
    }
    return agreeing.pop() if len(agreeing) == 1 else None
