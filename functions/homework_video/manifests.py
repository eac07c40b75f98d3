"""Reading back what earlier states wrote."""

from collections.abc import Mapping
from typing import Any

from analysis.video.types import Facts, Page, Writing
from functions.homework_video.flow_files import FlowFiles


def read_plan(kept: FlowFiles) -> tuple[Facts, bool]:
    """The facts of the video and whether fast mode is on."""
    plan = kept.get_json("plan.json")
    facts = plan["facts"] | {"key_times": tuple(plan["facts"]["key_times"])}
    return Facts(**facts), bool(plan["fast"])


def page_of(row: Mapping[str, Any], jpeg: bytes, writing: Writing) -> Page:
    """A page from its row in the manifest."""
    return Page(
        number=row["number"],
        index=row["index"],
        time=row["time"],
        start=row["start"],
        end=row["end"],
        visits=row["visits"],
        sharpness=row["sharpness"],
        reduced=row["reduced"],
        jpeg=jpeg,
        writing=writing,
    )
