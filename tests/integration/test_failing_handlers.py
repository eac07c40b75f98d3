"""Readers that hang or die: the message ends in the dead letters, the API hears of a failure."""

import json

import pytest

from tests.integration.conftest import Bench

VISIBILITY = 4
RECEIVES = 2
TIMEOUT = 2
PATIENCE = 60
PAYLOAD = {"download_url": "http://localhost/never-fetched", "question_count": 20}


@pytest.fixture(scope="module")
def jobs(bench: Bench) -> dict[str, str]:
    """One job for a reader that hangs and one for a reader that dies, both sent."""
    sent = {}
    for module, function, tier in (("stuck", "ocr", "lite"), ("exiting", "omr-grading", "premium")):
        bench.replace_code(function, module, timeout=TIMEOUT)
        queue = f"{tier}-{function}"
        _hurry(bench, queue)
        sent[module] = bench.submit(tier, function.replace("-", "_"), PAYLOAD)
    return sent


@pytest.mark.parametrize("module", ["stuck", "exiting"])
def test_the_api_hears_of_the_failure(bench: Bench, jobs: dict[str, str], module: str) -> None:
    told = bench.outcome(jobs[module], PATIENCE)

    assert (told["status"], told["error_code"]) == ("failed", "retries_exhausted")
    assert told["result"] is None


@pytest.mark.parametrize("module", ["stuck", "exiting"])
def test_the_row_says_failed_and_told(bench: Bench, jobs: dict[str, str], module: str) -> None:
    bench.outcome(jobs[module], PATIENCE)

    bench.until(lambda: bench.row(jobs[module]).notified_at is not None, 5, "the row says untold")
    row = bench.row(jobs[module])
    assert row.status == "failed"
    assert 1 <= row.attempt <= RECEIVES


def test_nothing_stays_in_the_dead_letters(bench: Bench, jobs: dict[str, str]) -> None:
    for job_id in jobs.values():
        bench.outcome(job_id, PATIENCE)

    bench.until(lambda: bench.messages("work-dlq") == 0, 10, "dead letters stay")


def _hurry(bench: Bench, queue: str) -> None:
    """Let a message come back soon and go to the dead letters after two receives."""
    sqs, url = bench.client("sqs"), bench.queue_url(queue)
    policy = json.loads(
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"][
            "RedrivePolicy"
        ]
    )
    sqs.set_queue_attributes(
        QueueUrl=url,
        Attributes={
            "VisibilityTimeout": str(VISIBILITY),
            "RedrivePolicy": json.dumps(policy | {"maxReceiveCount": RECEIVES}),
        },
    )
