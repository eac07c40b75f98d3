"""Messages are read tolerantly and refused by field name, never by what was sent."""

import pytest
from pydantic import ValidationError

from faults import Code, Permanent
from jobs.contract.message import JobMessage, JobType, Tier
from jobs.contract.registry import CONTRACTS, parse_payload
from jobs.notifier import submission_id
from jobs.tiers import ALLOWED, WORK_QUEUES, queue_name, route


def test_every_job_type_has_a_contract() -> None:
    assert set(CONTRACTS) == set(JobType)


def test_unknown_fields_are_tolerated_and_numbers_are_read_as_texts() -> None:
    message = JobMessage.model_validate(
        {"job_id": 17, "job_type": "ocr", "source_id": 4, "colour": "blue", "payload": {"x": 1}}
    )
    assert (message.job_id, message.source_id) == ("17", "4")


@pytest.mark.parametrize("job_id", ["", "a/b", "../x", "a b", "가", "-x", "x" * 129, None, True])
def test_an_id_that_is_no_key_is_refused(job_id: object) -> None:
    with pytest.raises(ValidationError):
        JobMessage.model_validate({"job_id": job_id, "job_type": "ocr"})


@pytest.mark.parametrize(
    ("job_type", "payload", "field"),
    [
        (JobType.OCR, {}, "download_url"),
        (JobType.OCR, {"download_url": "https://x.example/a", "engine": "magic"}, "engine"),
        (JobType.OMR_GRADING, {"download_url": "https://x.example/a"}, "template_meta"),
        (JobType.EMBEDDING, {"texts": "one"}, "texts"),
        (JobType.EMBEDDING, {"texts": ["a"] * 2049}, "texts"),
        (JobType.PROBLEM_GENERATION, {"ocr_text": ""}, "ocr_text"),
        (
            JobType.HOMEWORK_VIDEO_ANALYSIS,
            {"download_url": "https://x.example/a", "max_pages": 0},
            "max_pages",
        ),
        (JobType.WRONG_NOTE, {}, "enrollment_id"),
    ],
)
def test_a_wrong_payload_names_its_field_and_not_its_value(
    job_type: JobType, payload: dict[str, object], field: str
) -> None:
    with pytest.raises(Permanent, match=field) as caught:
        parse_payload(job_type, payload)
    assert caught.value.code is Code.PAYLOAD_INVALID
    assert "magic" not in caught.value.message


def test_tiers_may_do_what_they_are_sold_for() -> None:
    assert ALLOWED[Tier.LITE] == {JobType.OCR}
    assert ALLOWED[Tier.PREMIUM] == set(JobType)
    assert JobType.EMBEDDING not in ALLOWED[Tier.BASIC]
    assert queue_name(Tier.BASIC, JobType.OMR_GRADING) in WORK_QUEUES


@pytest.mark.parametrize(
    ("tier", "job_type", "code"),
    [
        (Tier.LITE, "omr_grading", Code.TIER_FORBIDDEN),
        (Tier.BASIC, "embedding", Code.TIER_FORBIDDEN),
        (Tier.PREMIUM, "OCR", Code.UNKNOWN_JOB_TYPE),
        (Tier.PREMIUM, "", Code.UNKNOWN_JOB_TYPE),
    ],
)
def test_routes_that_are_refused(tier: Tier, job_type: str, code: Code) -> None:
    with pytest.raises(Permanent) as caught:
        route(tier, job_type)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("source_id", "number"),
    [("17", 17), ("0017", 17), ("s-17", None), ("", None), (None, None), ("１７", None)],
)
def test_a_submission_number_is_ascii_digits(source_id: str | None, number: int | None) -> None:
    assert submission_id(source_id) == number
