"""The operator's commands against a stack at moto: what they show, what they change."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from academy_worker.main import app
from academy_worker.operate.checks import stack_checks
from academy_worker.operate.stack import Stack, find_stack
from faults import Code
from jobs.contract.message import Tier
from jobs.outcome import Failed
from jobs.row import JobRow, Notify, Status
from jobs.tiers import WORK_QUEUES
from tests.jobs_table import create_jobs_table

NAME = "academy-test"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:none-such"
SQS = "arn:aws:sqs:ap-northeast-2:123456789012:"
TABLE, BUCKET = "academy-test-jobs", "academy-test-results"
INGRESS = [f"{tier}-ingress" for tier in Tier]
QUEUES = [*INGRESS, *WORK_QUEUES, "notify", "notify-dlq", "work-dlq", "ingress-dlq"]


def create() -> None:
    """The parts of the project's stack that an operator touches."""
    for queue in QUEUES:
        boto3.client("sqs").create_queue(QueueName=f"{NAME}-{queue}")
    boto3.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    create_jobs_table(TABLE, "ap-northeast-2")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    monkeypatch.setenv("JOBS_TABLE", TABLE)
    monkeypatch.setenv("RESULTS_BUCKET", BUCKET)
    monkeypatch.setenv("WORKER_TOKEN_SECRET_ARN", SECRET)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        create()
        yield find_stack(NAME, "", "", "")


def failed_job(stack: Stack, job_id: str, code: Code = Code.DEADLINE, age: float = 60.0) -> None:
    """Admit, claim and fail a job, and tell the API of it."""
    now = time.time()
    store = stack.store()
    store.admit(
        JobRow(
            job_id=job_id,
            status=Status.QUEUED,
            tier=Tier.BASIC,
            job_type="omr_grading",
            admitted_at=now - age,
            due_at=now + 3600,
            body_hash="x",
            payload='{"download_url": "https://files.example.kr/secret-name.jpg"}',
        )
    )
    store.claim(job_id, "worker", 60.0)
    store.finish(job_id, 1, Failed(code, "it took too long"))
    store.mark_notified(job_id, 1, Notify.SENT)


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*words, "--stack", NAME])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.stdout


def waiting(stack: Stack, queue: str) -> list[str]:
    sqs = stack.connect("sqs")
    url = sqs.get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["job_id"] for message in found]


def test_jobs_are_found_by_code_and_age_and_payloads_are_never_shown(stack: Stack) -> None:
    failed_job(stack, "late")
    failed_job(stack, "broken", Code.TEMPLATE_INVALID)
    failed_job(stack, "old", age=7200)
    code, out = run("jobs", "--status", "failed", "--code", "deadline", "--since", "1h", "--json")
    assert code == 0
    assert [row["job_id"] for row in json.loads(out)] == ["late"]
    assert "secret-name" not in out
    code, out = run("jobs", "--since", "3h", "--json")
    assert {row["job_id"] for row in json.loads(out)} == {"late", "broken", "old"}


def test_no_job_found_is_exit_code_one_and_what_cannot_be_asked_two(stack: Stack) -> None:
    assert run("jobs", "--json")[0] == 1
    assert run("jobs", "--since", "soon")[0] == 2
    assert run("jobs", "--status", "lost")[0] == 2
    assert run("jobs", "--tier", "gold")[0] == 2


def test_a_narrow_terminal_cuts_no_id_and_no_code(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    job_id = "0c6b1f0e-5f6e-4d52-9f3e-0d8f0a3e7c11"
    failed_job(stack, job_id)
    line = run("jobs")[1].splitlines()[-1]
    assert line.split()[:4] == [job_id, "failed", "basic", "omr_grading"]
    assert line.split()[-1] == "deadline"


def test_a_file_that_is_a_payload_goes_to_a_stack_and_a_picture_does_not(
    stack: Stack, tmp_path: Path
) -> None:
    texts, picture = tmp_path / "texts.json", tmp_path / "page.jpg"
    texts.write_text('{"texts": ["a"]}', encoding="utf-8")
    picture.write_bytes(b"\xff\xd8\xff")
    more = tmp_path / "more.json"
    more.write_text('{"query": "b"}', encoding="utf-8")
    run("submit", "embedding", str(texts), "--payload", f"@{more}", "--patience", "0")
    sqs = stack.connect("sqs")
    url = sqs.get_queue_url(QueueName=f"{NAME}-premium-ingress")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["payload"] == {"texts": ["a"], "query": "b"}
    assert run("submit", "embedding", str(picture))[0] == 2
    assert run("submit", "ocr", str(picture))[0] == 2


def test_a_scan_ends_at_its_limit(stack: Stack) -> None:
    for index in range(5):
        failed_job(stack, f"job-{index}")
    assert len(json.loads(run("jobs", "--limit", "3", "--json")[1])) == 3


def test_a_failed_job_is_queued_again_as_another_generation(stack: Stack) -> None:
    failed_job(stack, "late")
    code, out = run("redrive", "late", "--yes", "--json")
    assert (code, json.loads(out)) == (0, [{"job_id": "late", "queued": True}])
    row = stack.store().get("late")
    assert row is not None
    assert (row.status, row.generation) == (Status.QUEUED, 2)
    assert waiting(stack, "basic-omr-grading") == ["late"]


def test_a_job_that_did_not_fail_is_not_queued_again(stack: Stack) -> None:
    failed_job(stack, "late")
    run("redrive", "late", "--yes", "--json")
    code, out = run("redrive", "late", "none-such", "--yes", "--json")
    assert code == 1
    assert [item["queued"] for item in json.loads(out)] == [False, False]


def test_all_jobs_of_a_code_are_queued_again(stack: Stack) -> None:
    failed_job(stack, "one")
    failed_job(stack, "two")
    failed_job(stack, "other", Code.TEMPLATE_INVALID)
    assert run("redrive", "--code", "deadline", "--yes", "--json")[0] == 0
    assert sorted(waiting(stack, "basic-omr-grading")) == ["one", "two"]


def test_an_outcome_is_told_again_as_the_same_story(stack: Stack) -> None:
    failed_job(stack, "late")
    before = stack.store().get("late")
    code, out = run("replay-notify", "late", "--json")
    assert (code, json.loads(out)) == (0, [{"job_id": "late", "told_again": True}])
    row = stack.store().get("late")
    assert row is not None
    assert before is not None
    assert row.notify is Notify.PENDING
    assert (row.generation, row.status) == (before.generation, before.status)


def test_an_outcome_not_told_yet_is_left_to_the_one_telling_it(stack: Stack) -> None:
    failed_job(stack, "late")
    run("replay-notify", "late", "--json")
    assert run("replay-notify", "late", "--json")[0] == 1


def test_dead_letters_of_the_notify_queue_go_back_to_it(stack: Stack) -> None:
    sqs = stack.connect("sqs")
    url = sqs.get_queue_url(QueueName=f"{NAME}-notify-dlq")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"job_id": "late", "generation": 1}')
    assert run("replay-notify", "--dead", "--json")[0] == 0
    assert waiting(stack, "notify") == ["late"]
    assert waiting(stack, "notify-dlq") == []


def test_dead_letters_are_shown_without_their_content_and_stay(stack: Stack) -> None:
    sqs = stack.connect("sqs")
    url = sqs.get_queue_url(QueueName=f"{NAME}-notify-dlq")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"job_id": "late", "text": "a pupil wrote this"}')
    stack.files().quarantine("not readable", "message_invalid")
    code, out = run("dlq", "--json")
    found = json.loads(out)
    assert code == 1
    assert [letter["job_id"] for letter in found["letters"]] == ["late"]
    assert len(found["quarantine"]) == 1
    assert "pupil" not in out
    assert stack.queues().backlog("notify-dlq") + 1 >= 1
    deleted = sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ],
    )["Attributes"]
    assert sum(int(count) for count in deleted.values()) == 1


def test_watch_prints_the_depth_of_every_queue(stack: Stack) -> None:
    failed_job(stack, "late")
    run("redrive", "late", "--yes", "--json")
    code, out = run("watch", "--times", "1", "--json")
    assert code == 0
    assert json.loads(out)["depths"]["basic-omr-grading"] == 1


def test_doctor_names_what_is_missing_and_what_to_do(stack: Stack) -> None:
    code, out = run("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(out)}
    assert code == 1
    assert checks["queues"]["verdict"] == "ok"
    assert checks["jobs table"]["verdict"] == "ok"
    secret = checks["secret WorkerTokenSecretArn"]
    assert secret["verdict"] == "failed"
    assert "WorkerTokenSecretArn" in secret["remedy"]


def test_a_job_is_sent_to_its_tiers_queue_and_its_id_is_told_at_once(stack: Stack) -> None:
    payload = '{"texts": ["1+1"]}'
    words = ("embedding", "--tier", "basic", "--payload", payload, "--patience", "0")
    code, out = run("submit", *words)
    assert code == 1  # nobody admits it here
    [job_id] = waiting(stack, "basic-ingress")
    assert f"ID={job_id}" in out


def test_a_local_file_is_no_job_for_a_stack(stack: Stack, tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    page.write_bytes(b"x")
    assert run("submit", "ocr", str(page))[0] == 2
    assert waiting(stack, "premium-ingress") == []


def test_a_tiers_imported_queue_takes_the_place_of_the_stacks_own(stack: Stack) -> None:
    arn = "arn:aws:sqs:ap-northeast-2:123456789012:the-academys-own"
    stack.connect("sqs").create_queue(QueueName="the-academys-own")
    replace(stack, imported={"lite": arn}).send("lite", '{"job_id": "mine"}')
    assert waiting(stack, "lite-ingress") == []
    url = stack.connect("sqs").get_queue_url(QueueName="the-academys-own")["QueueUrl"]
    assert len(stack.connect("sqs").receive_message(QueueUrl=url)["Messages"]) == 1


def test_a_refusal_of_aws_is_a_line_and_exit_code_two(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBS_TABLE", "none-such")
    done = CliRunner().invoke(app, ["jobs", "--stack", NAME])
    assert done.exit_code == 2
    assert "ResourceNotFoundException" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("attributes", "verdict", "said"),
    [
        ({"VisibilityTimeout": "30"}, "failed", "VisibilityTimeout"),
        ({"VisibilityTimeout": "180"}, "warning", f"{NAME}-ingress-dlq"),
        (
            {
                "VisibilityTimeout": "180",
                "RedrivePolicy": json.dumps(
                    {
                        "deadLetterTargetArn": f"{SQS}{NAME}-ingress-dlq",
                        "maxReceiveCount": "10",
                    }
                ),
            },
            "ok",
            "",
        ),
    ],
)
def test_doctor_looks_whether_an_imported_queue_is_fit(
    stack: Stack, attributes: dict[str, str], verdict: str, said: str
) -> None:
    stack.connect("sqs").create_queue(QueueName="theirs", Attributes=attributes)
    arn = f"{SQS}theirs"
    found = {check.name: check for check in stack_checks(replace(stack, imported={"lite": arn}))}
    check = found["lite queue, imported"]
    assert check.verdict == verdict
    assert said in check.remedy


def test_one_job_is_shown_without_its_payload(stack: Stack) -> None:
    failed_job(stack, "late")
    code, out = run("job", "late", "--json")
    assert code == 0
    assert json.loads(out)["error_code"] == Code.DEADLINE.value
    assert "secret-name" not in out
    assert run("job", "none-such", "--json")[0] == 1


@pytest.mark.parametrize(
    ("typed", "offered"), [("re", {"redrive", "replay-notify"}), ("do", {"doctor"})]
)
def test_a_shell_that_asks_is_told_the_commands(typed: str, offered: set[str]) -> None:
    """As the script asks that `--show-completion` prints for bash."""
    asked = {"COMP_WORDS": f"academy-worker {typed}", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "academy_worker"],
        env=os.environ | asked | {"_ACADEMY_WORKER_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(done.stdout.split()) == offered
