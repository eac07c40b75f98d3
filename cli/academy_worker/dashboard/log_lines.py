"""What a run's log says: embedded metrics, invocations, and how full the queues were at its end.

A log is text, one entry a line: either as CloudWatch Logs hands it out, wrapped as
`{"group": log group, "message": text}`, or the bare text a function wrote. Everything that is
none of the three kinds is passed over.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.telemetry import NAMESPACE

ENTRY_OVERHEAD = 26
"""Bytes CloudWatch Logs bills for each entry beside its text."""

_REPORT = re.compile(r"Billed Duration: ([\d.]+) ms\s+Memory Size: (\d+) MB")


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric; `at` epoch seconds, `code` empty where there is none."""

    at: float
    name: str
    value: float
    tier: str
    job_type: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function as Lambda bills it: seconds and MB."""

    group: str
    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Log:
    """All of a run; `size` in bytes as CloudWatch Logs bills them, `depths` messages by queue."""

    samples: tuple[Sample, ...]
    invocations: tuple[Invocation, ...]
    depths: Mapping[str, int]
    size: int


def read_log(lines: Iterable[str]) -> Log:
    """Read a log, line by line."""
    samples: list[Sample] = []
    invocations: list[Invocation] = []
    depths: dict[str, int] = {}
    size = 0
    for line in lines:
        entry = _json(line)
        if isinstance(entry.get("queue"), str):
            depths[entry["queue"]] = int(entry["depth"])
            continue
        wrapped = isinstance(entry.get("message"), str) and "group" in entry
        text = entry["message"] if wrapped else line
        size += len(text.encode()) + ENTRY_OVERHEAD
        for part in text.splitlines():
            samples += _samples(_json(part))
            invocations += _invocations(str(entry.get("group", "")) if wrapped else "", part)
    return Log(tuple(samples), tuple(invocations), depths, size)


def _samples(entry: Mapping[str, Any]) -> Iterator[Sample]:
    """The values of one line of embedded metric format, each once, however many its dimensions."""
    told = entry.get("_aws")
    if not isinstance(told, dict):
        return
    at = float(told.get("Timestamp", 0)) / 1000
    for directive in told.get("CloudWatchMetrics", []):
        if directive.get("Namespace") != NAMESPACE:
            continue
        for metric in directive.get("Metrics", []):
            given = entry.get(metric["Name"], [])
            for value in given if isinstance(given, list) else [given]:
                yield Sample(
                    at,
                    str(metric["Name"]),
                    float(value),
                    str(entry.get("Tier", "")),
                    str(entry.get("JobType", "")),
                    str(entry.get("Code", "")),
                )


def _invocations(group: str, text: str) -> Iterator[Invocation]:
    """Lambda's report of a call, in its text form or in its JSON form."""
    if found := _REPORT.search(text):
        yield Invocation(group, float(found[1]) / 1000, int(found[2]))
        return
    entry = _json(text)
    if entry.get("type") == "platform.report":
        metrics = entry.get("record", {}).get("metrics", {})
        if "billedDurationMs" in metrics:
            seconds = float(metrics["billedDurationMs"]) / 1000
            yield Invocation(group, seconds, int(metrics.get("memorySizeMB", 0)))


def _json(text: str) -> dict[str, Any]:
    """The object a line ends with (`aws logs tail` writes a time before it), empty for none."""
    start = text.find("{")
    if start < 0:
        return {}
    try:
        value = json.loads(text[start:])
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
