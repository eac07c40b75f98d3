"""Jobs with signed links and student text on the real engine: nothing of it is in any log."""

import json
from pathlib import Path

import pytest

from jobs.row import JobRow
from tests.attack.internet import Server, reply, says
from tests.attack.secret_scan import PLANTED, leaks
from tests.integration.conftest import Bench

SIGNATURE, _, KEY, ANSWER = PLANTED.values()
PATIENCE = 90


@pytest.fixture(scope="module")
def told(bench: Bench) -> dict[str, dict[str, object]]:
    """One job for each way to fail, each full of secrets; what the API heard of them."""
    gone = Server(says(reply(404, ANSWER.encode())))
    text = Server(says(reply(200, ANSWER.encode())))
    links = {
        "download_forbidden": f"https://not-allowed.example/{KEY}?{SIGNATURE}",
        "download_missing": f"http://localhost:{gone.port}/scan.jpg?{SIGNATURE}",
        "download_wrong_type": f"http://localhost:{text.port}/scan.jpg?{SIGNATURE}",
    }
    jobs = {
        code: bench.submit("premium", "ocr", {"download_url": link}) for code, link in links.items()
    }
    jobs["payload_invalid"] = bench.submit("premium", "ocr", {"download_url": 7, "engine": KEY})
    bench.system.send("lite", f"{KEY} {ANSWER} is not JSON")
    bench.system.send("lite", json.dumps({"job_id": "a", "tier": KEY, "payload": ANSWER}))
    return {code: bench.outcome(job_id, PATIENCE) for code, job_id in jobs.items()}


@pytest.mark.parametrize(
    "code", ["download_forbidden", "download_missing", "download_wrong_type", "payload_invalid"]
)
def test_each_failure_reaches_the_api_by_its_code(
    told: dict[str, dict[str, object]], code: str
) -> None:
    assert told[code]["error_code"] == code


def test_no_log_line_row_or_post_holds_a_secret(
    bench: Bench, told: dict[str, dict[str, object]]
) -> None:
    places = {path.name: path.read_text(errors="replace") for path in _logs(bench)}
    places |= _cloudwatch(bench)
    places["posts"] = json.dumps(told)
    places["rows"] = repr([_safe(bench.row(str(body["job_id"]))) for body in told.values()])

    assert "download_missing" in places[f"{bench.system.deployment.stack}-ocr.log"]
    assert leaks(places) == []


def _logs(bench: Bench) -> list[Path]:
    return [path for path in bench.system.engine.folder.rglob("*.log") if path.is_file()]


def _cloudwatch(bench: Bench) -> dict[str, str]:
    logs = bench.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    return {
        group: "\n".join(
            event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]
        )
        for group in groups
    }


def _safe(row: JobRow) -> list[object]:
    """All of a row but the payload and the result, which are there to hold them."""
    return [
        getattr(row, name)
        for name in JobRow.__dataclass_fields__
        if name not in ("payload", "result")
    ]
