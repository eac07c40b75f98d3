"""A deployment in mid-flight: rows the previous release wrote are read and brought to their end."""

from decimal import Decimal
from pathlib import Path

import pytest

from jobs.row import Notify, Status
from jobs.store import Claimed
from tests.protocol.golden import FOLDER, START, Golden, read, rows_of_today
from tests.protocol.harness.scene import FINE, told
from tests.protocol.harness.schedule import Schedule
from tests.protocol.harness.world import BUCKET, World

RELEASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
FAILED = {"failed_untold", "refused_untold"}
SENT_AGAIN_BEFORE = "resent"
"""The sweeper sends a job's message again once; lost twice, the job meets its deadline."""

_HEARD = (Notify.SENT, Notify.REJECTED)


def _found(release: Path, *, told: bool) -> list[Golden]:
    return [one for one in read(release) if (one.row.notify in _HEARD) == told]


def _world(goldens: list[Golden]) -> World:
    world = World(Schedule((), disturbed=True))
    assert world.started == START
    for golden in goldens:
        for key, raw in golden.objects.items():
            world.consumer.files._put(key, raw, "application/gzip")
        world.plans[golden.row.job_id] = FINE
        world.table.restore(golden.item)
    return world


def _deliver(world: World, golden: Golden) -> None:
    row = golden.row
    queue = "notify" if row.terminal else f"{row.tier}-ocr"
    body = f'{{"job_id":"{row.job_id}","generation":{row.generation}}}'
    world._send_reliably(queue, body)


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
@pytest.mark.parametrize("messages", ["in their queues", "lost"])
def test_rows_of_an_earlier_release_end_and_are_told(release: Path, messages: str) -> None:
    goldens = _found(release, told=False)
    world = _world(goldens)
    for golden in goldens if messages == "in their queues" else []:
        _deliver(world, golden)
    assert world.play() == []
    assert len(goldens) == len(world.table.rows()) >= 10
    failed = FAILED | ({SENT_AGAIN_BEFORE} if messages == "lost" else set())
    for row in world.table.rows():
        assert row.status is (Status.FAILED if row.job_id in failed else Status.DONE), row.job_id
        assert row.notify is Notify.SENT
        assert told(world, row.job_id, row.generation) == 1


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_ended_rows_of_an_earlier_release_are_left_alone(release: Path) -> None:
    goldens = _found(release, told=True)
    world = _world(goldens)
    for golden in goldens:
        _deliver(world, golden)
        assert not isinstance(world.store.claim(golden.row.job_id, "me", 70.0), Claimed)
    world.simulation.run(world.started + 86_400.0)
    assert world.api.posts == []
    assert world.table.rows() == [golden.row for golden in goldens]


def test_the_latest_golden_rows_are_those_of_today_s_code() -> None:
    """Fails when the schema changes: then write the next release's rows (see `golden.py`)."""
    today = {golden.row.job_id: golden.item for golden in rows_of_today(BUCKET)}
    kept = {golden.row.job_id: golden.item for golden in read(RELEASES[-1])}
    assert today.keys() == kept.keys()
    assert {name: set(item) for name, item in today.items()} == {
        name: set(item) for name, item in kept.items()
    }


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_what_a_newer_release_adds_to_a_row_does_not_disturb_this_one(release: Path) -> None:
    goldens = [
        Golden(golden.item | {"added_later": {"n": Decimal(1)}}, golden.objects)
        for golden in _found(release, told=False)
    ]
    world = _world(goldens)
    for golden in goldens:
        _deliver(world, golden)
    assert world.play() == []
    ids = [golden.row.job_id for golden in goldens]
    kept = [world.table._table.get_item({"job_id": job_id})["Item"] for job_id in ids]
    assert all(item["added_later"] == {"n": Decimal(1)} for item in kept)
