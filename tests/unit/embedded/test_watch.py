"""What counts as the expected outcome of a demo job, and how a job's way is drawn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console

from academy_worker.embedded.demo_jobs import DemoJob, refusals
from academy_worker.embedded.live_table import table
from academy_worker.embedded.pictures import WIDTH, data_uri, with_boxes
from academy_worker.embedded.report import spans, timeline
from academy_worker.embedded.watch import Seen
from jobs.contract.message import JobType, Tier
from jobs.row import JobRow, Status
from jobs.tiers import ALLOWED

JOB = DemoJob("a page", "lite", "ocr", {}, job_id="j1")
ROW = JobRow(
    "j1",
    Status.DONE,
    Tier.LITE,
    "ocr",
    admitted_at=101.0,
    due_at=999.0,
    body_hash="",
    started_at=102.0,
    finished_at=104.0,
)


def post(http: int = 200, **body: Any) -> dict[str, Any]:
    whole = {"job_id": "j1", "status": "done", "result": {"text": "읽음"}, "error": None} | body
    return {"at": 105.0, "status": http, "problems": ["wrong"] * (http != 200), "body": whole}


def seen(*posts: dict[str, Any], job: DemoJob = JOB, row: JobRow | None = ROW) -> Seen:
    return Seen(job, 100.0, row, posts)


def test_a_job_done_and_told_is_as_expected() -> None:
    assert seen(post()).problems() == []


def test_the_same_outcome_told_twice_is_as_expected() -> None:
    assert seen(post(), post()).problems() == []


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (seen(), "not told"),
        (seen(post(400)), "refused"),
        (seen(post(), post(status="failed", error="x")), "different outcomes"),
        (seen(post(status="failed", error="why", error_code="x")), "failed instead of done: why"),
        (seen(post(), job=replace(JOB, check=lambda result: f"only {result['text']}")), "only"),
        (seen(post(), job=replace(JOB, status="failed", code="x")), "done instead of failed"),
        (
            seen(
                post(status="failed", error="e", error_code="y"),
                job=replace(JOB, status="failed", code="x"),
            ),
            "code y instead of x",
        ),
        (seen(job=replace(JOB, status=None)), "not in quarantine"),
    ],
)
def test_every_other_outcome_is_a_problem(one: Seen, problem: str) -> None:
    assert [said for said in one.problems() if problem in said], one.problems()


def test_a_quarantined_message_is_as_expected_where_it_is_no_job() -> None:
    one = replace(seen(job=replace(JOB, status=None)), quarantined=True)

    assert (one.problems(), one.settled, one.state) == ([], True, "quarantined")


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (None, "sent"),
        (replace(ROW, status=Status.QUEUED), "queued"),
        (replace(ROW, status=Status.PROCESSING), "running"),
        (ROW, "telling"),
    ],
)
def test_the_state_follows_the_row_until_the_api_is_told(row: JobRow | None, state: str) -> None:
    assert seen(row=row).state == state
    assert seen(post(), row=row).state == "done"


def test_a_way_is_split_where_the_row_was_written() -> None:
    parts = spans(seen(post()), start=100.0, length=10.0)

    assert [(part.name.en, part.start, part.width) for part in parts] == [
        ("admission", 0.0, 10.0),
        ("waiting", 10.0, 10.0),
        ("running", 20.0, 20.0),
        ("telling", 40.0, 10.0),
    ]


def test_a_job_refused_at_admission_has_not_run() -> None:
    refused = replace(ROW, started_at=None, finished_at=101.0)

    names = [part.name.en for part in spans(seen(post(), row=refused), 100.0, 10.0)]

    assert names == ["admission", "telling"]


def test_the_timeline_has_a_line_for_a_job_nobody_heard_of() -> None:
    (line,) = timeline([seen(row=None)])

    assert (line.seconds, line.spans, line.problems) == (None, [], ["the API was not told"])


def test_the_table_takes_titles_literally() -> None:
    console = Console(width=100, record=True)
    console.print(table([seen(job=replace(JOB, title="[red]x[/red]"))], now=110.0))

    assert "[red]x[/red]" in console.export_text()


def test_refusals_stand_for_rules_that_exist() -> None:
    jobs = {job.code: job for job in refusals()}

    forbidden = jobs["tier_forbidden"]
    assert JobType(forbidden.job_type) not in ALLOWED[Tier(forbidden.tier)]
    assert jobs["unknown_job_type"].job_type not in list(JobType)


def test_files_in_a_payload_become_links(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    job = DemoJob("x", "lite", "ocr", {"a": [{"b": file}], "c": "text"})

    assert '"payload": {"a": [{"b": "http://x/a.png"}], "c": "text"}' in job.body(
        1, lambda path: f"http://x/{path.name}"
    )
    assert job.picture == file


def test_boxes_are_drawn_on_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), np.full((400, 2 * WIDTH, 3), 255, np.uint8))

    drawn = with_boxes(path, [[100, 50, 200, 100]])

    assert drawn is not None
    assert (drawn[50, 200] != 255).any()
    assert (drawn[100, 200] == 255).all()
    assert data_uri(drawn).startswith("data:image/jpeg;base64,")


def test_what_is_no_picture_has_no_boxes(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"not a picture")

    assert with_boxes(path, []) is None
