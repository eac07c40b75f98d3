"""Each alarm says where its page of the runbook is, and the page says what to do."""

import re
from typing import Any

import pytest
import typer

from tests.template.metric_uses import STACK, Names
from tests.template.transformed import ROOT, source

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))
ALARMS: dict[str, dict[str, Any]] = {
    Names(source()).text(item["Properties"]["AlarmName"]).removeprefix(f"{STACK}-"): item
    for item in source()["Resources"].values()
    if item["Type"] in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
}


def test_the_runbook_has_a_section_for_each_alarm_and_for_nothing_else() -> None:
    assert len(ALARMS) >= 20
    assert set(SECTIONS) == set(ALARMS)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_points_to_its_section(name: str) -> None:
    assert ALARMS[name]["Properties"]["AlarmDescription"].endswith(f"See docs/runbook.md#{name}")


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_says_what_it_means_where_to_look_and_what_to_do(name: str) -> None:
    said = re.findall(r"^\* \*\*(\w+):\*\* (\S.*)", SECTIONS[name], re.MULTILINE)
    assert [label for label, _ in said] == ["Means", "Look", "Do"]


def test_an_alarm_is_not_raised_before_it_is_said_how_missing_data_counts() -> None:
    for item in source()["Resources"].values():
        if item["Type"] == "AWS::CloudWatch::Alarm":
            assert item["Properties"]["TreatMissingData"] in ("notBreaching", "breaching")


def test_every_command_the_runbook_gives_is_there() -> None:
    from academy_worker.main import app

    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    given = set(re.findall(r"academy-worker ([a-z][\w-]*)", RUNBOOK))
    assert given
    assert given <= known
