"""The evening is played on the template's own queues, and nobody is left waiting."""

import pytest

from academy_worker.commands.cost import MIX, parse_mix
from academy_worker.cost.deployed import deployment
from academy_worker.cost.model import Model, Prices, load_measured
from academy_worker.embedded.project import TEMPLATE
from benchmarks.capacity.deployed import mappings
from benchmarks.capacity.evening import FLOW, Evening, offered
from jobs.tiers import WORK_QUEUES

JOBS = 3_000
MODEL = Model(Prices.load(), load_measured(), deployment(TEMPLATE))


@pytest.fixture(scope="module")
def evening() -> Evening:
    played = Evening(mappings(TEMPLATE, "full"), MODEL, seed=1)
    played.play(parse_mix(MIX), JOBS)
    return played


def test_every_work_queue_has_a_station(evening: Evening) -> None:
    assert set(WORK_QUEUES) <= set(evening.stations)


def test_every_job_is_admitted_worked_on_and_told(evening: Evening) -> None:
    told = [wait for seen in evening.seen.values() for wait in seen.waits]
    assert len(told) == JOBS
    assert min(told) > 0
    readers = [evening.stations[name] for name in WORK_QUEUES]
    assert sum(station.served for station in readers) == JOBS
    videos = [station for station in readers if station.name.endswith("homework-video-analysis")]
    assert evening.stations[FLOW].served == sum(station.served for station in videos) > 0


def test_the_offered_load_is_the_one_that_comes(evening: Evening) -> None:
    loads = offered(mappings(TEMPLATE, "full"), MODEL, parse_mix(MIX), JOBS / 3600)
    for name in ("lite-ocr", "basic-omr-grading", "notify"):
        found = evening.stations[name].busy_seconds / 3600
        assert found == pytest.approx(loads[name][0], rel=0.15)


def test_less_concurrency_is_read_for_a_small_deployment() -> None:
    full, small = mappings(TEMPLATE, "full"), mappings(TEMPLATE, "small")
    assert full.keys() == small.keys()
    assert sum(s.servers for s in small.values()) < sum(s.servers for s in full.values())
