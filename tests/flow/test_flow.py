"""Every state, every way out, on the flow's own definition."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from analysis.video import cost
from faults import Code, LeaseLost, Permanent, Transient
from jobs.row import Status
from tests.flow.conftest import BUCKET, World, definition

CODES = {"claim", "probe", "extract", "merge", "pages", "finish"}


def failing(error: Exception, times: int = 99) -> Callable[[int, dict[str, Any]], None]:
    def before(count: int, event: dict[str, Any]) -> None:
        if count <= times:
            raise error

    return before


def breaking(world: World, count: int) -> Callable[[], None]:
    """Spoil the pictures of the first `count` pages."""

    def spoil() -> None:
        [key] = [key for key in world.stored("frames/") if key.endswith("/pages.json")]
        manifest = json.loads(world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        folder = key.removesuffix("pages.json")
        for row in manifest["pages"][:count]:
            world.s3.put_object(Bucket=BUCKET, Key=f"{folder}{row['name']}.jpg", Body=b"spoilt")

    return spoil


def test_a_film_becomes_its_pages_and_the_file_itself_is_deleted(world: World) -> None:
    world.admit(download_url=f"{world.films}/ten.mp4")
    ended = world.wait(world.start())
    assert (ended["status"], world.row().status) == ("SUCCEEDED", Status.DONE)
    assert len(ended["output"]) < 4000, "a state holds references only"
    result = world.result()
    assert result["pages_detected"] == 10
    assert result["too_short"] is False
    assert [frame["page_number"] for frame in result["frames"]] == list(range(1, 11))
    assert all(frame["level"] != "unknown" for frame in result["frames"])
    refs = [frame["image_ref"] for frame in result["frames"]] + [result["contact_sheet_ref"]]
    for ref in refs:
        key = ref.removeprefix(f"s3://{BUCKET}/")
        assert world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read(2) == b"\xff\xd8"
    assert not [key for key in world.stored() if key.endswith("/source")]
    assert set(world.lambdas.calls) == CODES
    assert world.lambdas.calls["pages"] == 2


def test_the_former_way_scores_every_nth_frame(world: World) -> None:
    _, row = world.run(use_key_frames=False, frame_stride=10)
    assert row.status is Status.DONE
    result = world.result()
    assert result["key_frames_extraction"] is False
    assert [frame["index"] for frame in result["frames"]][:3] == [0, 10, 20]
    assert "pages" not in world.lambdas.calls


def test_more_pages_and_fewer_frames_than_asked_for_are_told(world: World) -> None:
    world.run(max_pages=1, min_frame_count=5000)
    result = world.result()
    assert result["too_short"] is True
    assert result["pages_detected"] == 1
    assert result["partial"] is True
    assert "max_pages: 1 of 2 pages reported" in result["warnings"]


def pages_of(world: World, job_id: str) -> list[tuple[float, float, float, int]]:
    return [
        (one["start"], one["end"], one["timestamp"], one["index"])
        for one in world.result(job_id)["frames"]
    ]


def test_a_reader_short_of_time_hands_over_and_the_pages_stay_the_same(world: World) -> None:
    world.run("whole")
    world.lambdas.seconds = 45.0  # no time at all: every part reads one stretch
    world.run("parts")
    assert world.lambdas.calls["extract"] > 2
    assert pages_of(world, "parts") == pages_of(world, "whole")
    assert world.result("parts")["partial"] is False


def test_a_dear_film_is_read_in_segments_and_the_pages_stay_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run("whole")
    monkeypatch.setattr(cost, "ONE_PASS", 0.02)
    world.run("parts")
    parts = [key for key in world.stored("frames/parts/") if "/segments/" in key]
    manifests = sorted(key.rsplit("/", 1)[-1] for key in parts if key.endswith(".json"))
    assert len(manifests) > 1
    assert manifests[:2] == ["00-00.json", "01-00.json"]
    assert world.lambdas.calls["extract"] == 1 + len(manifests)
    assert pages_of(world, "parts") == pages_of(world, "whole")


@pytest.mark.parametrize(
    ("spoilt", "status", "code"), [(1, Status.DONE, None), (5, Status.FAILED, "video_pages")]
)
def test_a_job_is_done_if_four_fifths_of_its_pages_were_read(
    world: World, spoilt: int, status: Status, code: str | None
) -> None:
    world.lambdas.after["merge"] = breaking(world, spoilt)
    flow, row = world.run(download_url=f"{world.films}/ten.mp4")
    assert (flow, row.status, row.error_code) == ("SUCCEEDED", status, code)
    if status is Status.DONE:
        result = world.result()
        assert [frame["level"] for frame in result["frames"]].count("unknown") == spoilt
        assert f"pages_unread: {spoilt}" in result["warnings"]


def test_a_batch_that_breaks_counts_its_pages_as_unread(world: World) -> None:
    def before(call: int, event: dict[str, Any]) -> None:
        if event["batch"] == 0:
            raise Permanent(Code.INTERNAL, "the batch breaks")

    world.lambdas.before["pages"] = before
    flow, row = world.run(download_url=f"{world.films}/ten.mp4")
    assert (flow, row.error_code) == ("SUCCEEDED", "video_pages")
    assert row.error_message == "only 2 of 10 pages could be read; submit it again"


def test_what_is_no_video_fails_with_its_own_code_and_is_not_tried_again(world: World) -> None:
    flow, row = world.run(download_url=f"{world.films}/notes.mp4")
    assert (flow, row.status, row.error_code) == ("SUCCEEDED", Status.FAILED, "video_unreadable")
    assert world.lambdas.calls == {"claim": 1, "probe": 1, "finish": 1}


def test_a_missing_file_fails_with_the_download_s_code(world: World) -> None:
    _, row = world.run(download_url=f"{world.films}/none.mp4")
    assert row.error_code == "download_missing"


def test_a_passing_fault_of_every_state_is_tried_again(world: World) -> None:
    for state in sorted(CODES):
        world.lambdas.before[state] = failing(Transient(Code.DOWNLOAD_FAILED, "once"), times=1)
    flow, row = world.run()
    assert (flow, row.status) == ("SUCCEEDED", Status.DONE)
    assert set(world.lambdas.calls.values()) == {2}


@pytest.mark.parametrize("state", ["probe", "extract", "merge"])
def test_a_permanent_fault_of_any_state_ends_the_job_with_its_code(
    world: World, state: str
) -> None:
    world.lambdas.before[state] = failing(Permanent(Code.VIDEO_NO_FRAMES, "film it again"))
    flow, row = world.run()
    assert (flow, row.status) == ("SUCCEEDED", Status.FAILED)
    assert (row.error_code, row.error_message) == ("video_no_frames", "film it again")
    assert world.lambdas.calls[state] == 1


def test_a_fault_of_the_result_ends_the_job_with_its_code(world: World) -> None:
    fault = Permanent(Code.INTERNAL, "run it again")
    world.lambdas.before["finish"] = failing(fault, times=1)
    flow, row = world.run()
    assert (flow, row.status) == ("SUCCEEDED", Status.FAILED)
    assert (row.error_code, row.error_message) == ("internal", "run it again")
    assert world.lambdas.calls["finish"] == 2


@pytest.mark.parametrize(
    ("error", "flow", "code"),
    [
        (Permanent(Code.INTERNAL, "run it again"), "SUCCEEDED", "internal"),
        (RuntimeError("broken"), "FAILED", "flow_failed"),
        (LeaseLost("video-1"), "SUCCEEDED", None),
    ],
)
def test_a_fault_that_leaves_the_map_of_pages_is_caught(
    world: World, error: Exception, flow: str, code: str | None
) -> None:
    open_map = definition()
    del open_map["States"]["AnalyzePages"]["ItemProcessor"]["States"]["ReadBatch"]["Catch"]
    world.redefine(open_map)
    world.lambdas.before["pages"] = failing(error)
    status, row = world.run()
    assert (status, row.error_code) == (flow, code)
    assert row.terminal is (code is not None)


@pytest.mark.parametrize("state", ["probe", "extract", "merge"])
def test_a_state_that_stays_broken_fails_the_job_and_the_flow(world: World, state: str) -> None:
    world.lambdas.before[state] = failing(RuntimeError("broken"))
    flow, row = world.run()
    assert (flow, row.status, row.error_code) == ("FAILED", Status.FAILED, "flow_failed")
    assert world.lambdas.calls[state] == 5


def test_a_finish_that_breaks_once_too_often_still_ends_the_job(world: World) -> None:
    world.lambdas.before["finish"] = failing(RuntimeError("broken"), times=5)
    flow, row = world.run()
    assert (flow, row.error_code) == ("FAILED", "flow_failed")


@pytest.mark.parametrize("state", ["claim", "finish"])
def test_a_flow_that_cannot_end_its_job_fails_for_finalize_to_do_it(
    world: World, state: str
) -> None:
    world.lambdas.before[state] = failing(RuntimeError("broken"))
    flow, row = world.run()
    assert flow == "FAILED"
    assert not row.terminal


@pytest.mark.parametrize("state", ["probe", "extract", "merge", "finish"])
def test_a_flow_whose_job_is_another_s_leaves_it_alone(world: World, state: str) -> None:
    world.lambdas.before[state] = failing(LeaseLost("video-1"))
    flow, row = world.run()
    assert flow == "SUCCEEDED"
    assert not row.terminal


def test_a_job_that_has_ended_is_not_run_again(world: World) -> None:
    world.run()
    calls = dict(world.lambdas.calls)
    ended = world.wait(world.start(name="again"))
    assert ended["status"] == "SUCCEEDED"
    assert world.lambdas.calls == calls | {"claim": calls["claim"] + 1}


def test_a_flow_that_is_stopped_leaves_the_job_to_finalize(world: World) -> None:
    world.lambdas.before["probe"] = lambda call, event: time.sleep(2)
    world.admit()
    arn = world.start()
    while "probe" not in world.lambdas.calls:
        time.sleep(0.05)
    world.states.stop_execution(executionArn=arn)
    assert world.wait(arn)["status"] == "ABORTED"
    row = world.row()
    assert row.status is Status.PROCESSING
    assert row.lease_owner == arn


def test_a_step_that_hangs_is_cut_off_and_told(world: World) -> None:
    hung = definition(timeouts={"Probe": 1})
    hung["States"]["Probe"]["Retry"] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]
    world.redefine(hung)
    world.lambdas.before["probe"] = world.lambdas.hang
    flow, row = world.run()
    assert (flow, row.error_code) == ("FAILED", "out_of_time")
