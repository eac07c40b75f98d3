"""The report says everything in English and in Korean."""

import re
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import pytest

from academy_worker.embedded.phrase import phrase
from academy_worker.embedded.report import NO_FACTS, STRETCHES
from academy_worker.embedded.samples import all_jobs
from academy_worker.embedded.watch import Seen
from jobs.contract.message import JobType
from jobs.contract.registry import CONTRACTS
from jobs.row import Status

HANGUL = re.compile("[가-힣]")
STATES = ("sent", "queued", "running", "telling", "quarantined", *(one.value for one in Status))


def plain_fields() -> Iterator[str]:
    """Names of the text, number and yes-or-no fields of all results."""
    for contract in CONTRACTS.values():
        for name, field in contract.result.model_fields.items():
            if kinds(field.annotation) & {str, int, float, bool} and name not in NO_FACTS:
                yield name.replace("_", " ")


def kinds(annotation: Any) -> set[Any]:
    if get_origin(annotation) in (Union, types.UnionType):
        return set().union(*(kinds(part) for part in get_args(annotation)))
    return {annotation}


@pytest.mark.parametrize(
    "words",
    sorted(
        {
            *(job.title for job in all_jobs()),
            *(job_type.value for job_type in JobType),
            *(state for state in STATES if state != Status.PROCESSING.value),
            *STRETCHES,
            *plain_fields(),
        }
    ),
)
def test_what_the_report_shows_has_a_korean_word(words: str) -> None:
    assert HANGUL.search(phrase(words).ko)


def test_a_word_without_a_korean_one_is_shown_as_it_is() -> None:
    assert phrase("horoscope").ko == phrase("horoscope").en == "horoscope"


def test_the_states_are_those_a_job_can_have() -> None:
    job = all_jobs()[0]
    assert Seen(job, 0.0).state in STATES
