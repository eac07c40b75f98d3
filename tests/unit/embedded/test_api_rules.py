"""What the API's stand-in takes and what it refuses."""

import json
from typing import Any

import pytest

from academy_worker.embedded.api_rules import ResultDesk
from jobs.contract.message import ApiResult

TOKEN = "right"
DONE = {
    "job_id": "j1",
    "submission_id": 7,
    "status": "done",
    "result": {"text": "읽음"},
    "error": None,
}
FAILED = {
    "job_id": "j1",
    "submission_id": None,
    "status": "failed",
    "result": None,
    "error": "the picture cannot be read",
    "error_code": "image_unreadable",
}


def headers(**changes: str) -> dict[str, str]:
    return {
        "x-worker-token": TOKEN,
        "x-worker-id": "worker",
        "idempotency-key": "j1:1",
        "content-type": "application/json",
    } | {name.replace("_", "-"): value for name, value in changes.items()}


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("body", [DONE, FAILED])
def test_a_whole_outcome_is_taken(body: dict[str, Any]) -> None:
    verdict = ResultDesk(TOKEN).take(headers(), raw(body))

    assert (verdict.status, verdict.problems) == (200, ())


def test_what_the_product_posts_is_taken() -> None:
    body = ApiResult(
        job_id="j1", submission_id=7, status="done", result={"a": 1}, error=None
    ).model_dump()

    assert ResultDesk(TOKEN).take(headers(), raw(body)).status == 200


def test_the_same_outcome_again_is_a_harmless_repeat() -> None:
    desk = ResultDesk(TOKEN)
    first, second = (desk.take(headers(), raw(DONE)) for _ in range(2))

    assert (first.status, first.repeated) == (200, False)
    assert (second.status, second.repeated) == (200, True)


def test_another_outcome_under_the_same_key_is_a_conflict() -> None:
    desk = ResultDesk(TOKEN)
    desk.take(headers(), raw(DONE))

    assert desk.take(headers(), raw(FAILED)).status == 409


def test_another_generation_is_another_outcome() -> None:
    desk = ResultDesk(TOKEN)
    desk.take(headers(), raw(DONE))
    again = desk.take(headers(idempotency_key="j1:2"), raw(FAILED | {"generation": 2}))

    assert again.status == 200


@pytest.mark.parametrize("shown", ["wrong", ""])
def test_a_wrong_token_is_refused_before_the_body_is_read(shown: str) -> None:
    verdict = ResultDesk(TOKEN).take(headers(x_worker_token=shown), b"not json")

    assert verdict.status == 401


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"idempotency_key": "j2:1"}, "Idempotency-Key"),
        ({"idempotency_key": ""}, "Idempotency-Key"),
        ({"x_worker_id": " "}, "X-Worker-Id"),
        ({"content_type": "text/plain"}, "Content-Type"),
    ],
)
def test_a_wrong_header_is_named(change: dict[str, str], problem: str) -> None:
    verdict = ResultDesk(TOKEN).take(headers(**change), raw(DONE))

    assert verdict.status == 400
    assert [said for said in verdict.problems if problem in said]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({name: value for name, value in DONE.items() if name != "error"}, "error is missing"),
        (DONE | {"extra": 1}, "extra is unknown"),
        (DONE | {"submission_id": "7"}, "submission_id"),
        (DONE | {"submission_id": True}, "submission_id"),
        (DONE | {"status": "ok"}, "status"),
        (DONE | {"result": []}, "result"),
        (DONE | {"result": None}, "done without a result"),
        (DONE | {"error": "but"}, "done with an error"),
        (DONE | {"error_code": "x"}, "done with an error"),
        (FAILED | {"error": None}, "failed without an error"),
        (FAILED | {"error": ""}, "failed without an error"),
        (FAILED | {"result": {}}, "failed with a result"),
        (DONE | {"generation": 0}, "generation"),
    ],
)
def test_a_wrong_body_is_named(body: dict[str, Any], problem: str) -> None:
    verdict = ResultDesk(TOKEN).take(headers(), raw(body))

    assert verdict.status == 400
    assert [said for said in verdict.problems if problem in said], verdict.problems


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    assert ResultDesk(TOKEN).take(headers(), body).status == 400
