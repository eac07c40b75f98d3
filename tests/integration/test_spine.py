"""From a tier queue to the API on the real engine: duplicates, outages, poison, rights."""

import json

import pytest

from academy_worker.embedded.watch import Watch
from tests.integration.conftest import Bench

LINK = {"download_url": "http://localhost/never-fetched.jpg"}
PATIENCE = 40


@pytest.fixture(scope="module", autouse=True)
def _quick_reader(bench: Bench) -> None:
    bench.replace_code("ocr", "quick")


def test_a_job_is_read_recorded_and_reported(bench: Bench) -> None:
    job_id = bench.submit("basic", "ocr", LINK, source_id="4711")

    told = bench.outcome(job_id, PATIENCE)

    assert told["status"] == "done"
    assert told["submission_id"] == 4711
    assert told["result"]["text"] == "read"
    assert bench.row(job_id).status == "done"


def test_a_message_delivered_five_times_is_worked_on_and_told_once(bench: Bench) -> None:
    job_id = bench.submit("premium", "ocr", LINK)
    for _ in range(4):
        bench.submit("premium", "ocr", LINK, job_id=job_id)
    bench.outcome(job_id, PATIENCE)

    for _ in range(3):
        bench.client("sqs").send_message(
            QueueUrl=bench.queue_url("premium-ocr"),
            MessageBody=json.dumps({"job_id": job_id, "generation": 1}),
        )
    bench.until(lambda: Watch(bench.system).left_over() == 0, 20, "queues are not empty")

    assert bench.row(job_id).attempt == 1
    assert len(bench.taken(job_id)) == 1


def test_another_body_under_a_known_id_is_set_aside(bench: Bench) -> None:
    job_id = bench.submit("lite", "ocr", LINK)
    told = bench.outcome(job_id, PATIENCE)

    bench.submit("lite", "ocr", {"download_url": "http://localhost/another.jpg"}, job_id=job_id)

    bench.until(
        lambda: bool(_quarantined(bench, "job_conflict")), 20, "the conflict is not in quarantine"
    )
    assert bench.taken(job_id) == [told]


def test_a_message_that_is_no_job_does_not_hold_its_neighbours(bench: Bench) -> None:
    bench.system.send("lite", "{this is not JSON")
    job_id = bench.submit("lite", "ocr", LINK)

    assert bench.outcome(job_id, PATIENCE)["status"] == "done"
    bench.until(
        lambda: bool(_quarantined(bench, "message_invalid")), 20, "the poison is not in quarantine"
    )


@pytest.mark.parametrize("status", [503, 0, 401])
def test_an_outage_of_the_api_delays_the_outcome_and_loses_nothing(
    bench: Bench, status: int
) -> None:
    refusals = 2 if status == 401 else 1  # a refused token is tried once more with a fresh one
    bench.system.stand_in.out_of_order(status, count=refusals)

    job_id = bench.submit("premium", "ocr", LINK)

    assert bench.outcome(job_id, PATIENCE)["status"] == "done"
    assert len(bench.taken(job_id)) == 1


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("dynamodb", "delete_item", {"TableName": "{table}", "Key": {"job_id": {"S": "x"}}}),
        ("dynamodb", "scan", {"TableName": "{table}"}),
        ("s3", "list_objects_v2", {"Bucket": "{bucket}"}),
        ("s3", "put_object", {"Bucket": "{bucket}", "Key": "payloads/x", "Body": "x"}),
        ("sqs", "send_message", {"QueueUrl": "{notify}", "MessageBody": "x"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "academy-demo/worker-token"}),
    ],
)
def test_a_reader_is_refused_what_its_role_does_not_grant(
    greedy: str, bench: Bench, service: str, call: str, arguments: dict[str, object]
) -> None:
    answer = _try(bench, greedy, service, call, arguments)

    assert answer in ("AccessDenied", "AccessDeniedException"), answer


def test_a_reader_may_do_what_its_role_grants(greedy: str, bench: Bench) -> None:
    put = {"Bucket": "{bucket}", "Key": "results/x", "Body": "x"}

    assert _try(bench, greedy, "s3", "put_object", put) == "allowed"


@pytest.fixture(scope="module")
def greedy(bench: Bench) -> str:
    """A reader's function whose code tries what it is asked to try."""
    return bench.replace_code("question-segmentation", "greedy")


def _try(bench: Bench, function: str, service: str, call: str, arguments: dict[str, object]) -> str:
    names = {
        "table": bench.system.deployment.table,
        "bucket": bench.system.deployment.bucket,
        "notify": bench.queue_url("notify"),
    }
    filled = {
        key: value.format(**names) if isinstance(value, str) else value
        for key, value in arguments.items()
    }
    event = {"service": service, "call": call, "arguments": filled}
    answer = bench.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return str(json.loads(answer["Payload"].read()))


def _quarantined(bench: Bench, reason: str) -> list[str]:
    found = bench.client("s3").list_objects_v2(
        Bucket=bench.system.deployment.bucket, Prefix="quarantine/"
    )
    return [item["Key"] for item in found.get("Contents", []) if reason in item["Key"]]
