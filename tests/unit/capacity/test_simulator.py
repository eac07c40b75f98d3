"""The simulator against what queueing theory says in closed form."""

import math
import random

import pytest

from benchmarks.capacity.simulator import COLD_AFTER, Clock, Station, erlang_c, servers_needed

JOBS = 40_000


def waits(
    servers: int, load: float, jobs: int = JOBS, seed: int = 1
) -> tuple[list[float], Station, float]:
    """Waits in M/M/c with a mean service of 1 s, the station, and how long it was open."""
    rng, clock, began, found = random.Random(seed), Clock(), {}, []
    station = Station(clock, "q", servers, lambda messages, cold: rng.expovariate(1.0))
    station.started = lambda job: found.append(clock.now - began[job])
    at = 0.0
    for job in range(jobs):
        at += rng.expovariate(load)
        began[job] = at
        clock.at(at, station.arrive, job)
    clock.run()
    return found, station, clock.now


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (2, 1.4), (6, 4.5), (10, 8.5)])
def test_waits_are_those_of_erlang(servers: int, load: float) -> None:
    found, station, open_for = waits(servers, load)
    chance = erlang_c(servers, load)
    assert sum(wait > 0 for wait in found) / JOBS == pytest.approx(chance, abs=0.03)
    assert sum(found) / JOBS == pytest.approx(chance / (servers - load), rel=0.12)
    assert station.busy_seconds / open_for == pytest.approx(load, rel=0.03)


def test_the_tail_of_the_waits_is_exponential() -> None:
    servers, load = 6, 4.5
    found, _, _ = waits(servers, load)
    for patience in (0.5, 1.0, 2.0):
        theory = erlang_c(servers, load) * math.exp(-(servers - load) * patience)
        assert sum(wait > patience for wait in found) / JOBS == pytest.approx(theory, abs=0.02)


@pytest.mark.parametrize(
    ("servers", "load", "chance"), [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9)]
)
def test_erlang_c_has_its_textbook_values(servers: int, load: float, chance: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(chance)


def test_as_many_servers_are_asked_for_as_keep_the_promise() -> None:
    load, patience = 8.5, 2.0
    servers = servers_needed(load, 1.0, patience)
    found, _, _ = waits(servers, load)
    fewer, _, _ = waits(servers - 1, load)
    assert sum(wait > patience for wait in found) / JOBS <= 0.01
    assert sum(wait > patience for wait in fewer) / JOBS > 0.01


def test_steady_arrivals_at_a_steady_server_do_not_wait() -> None:
    clock, found = Clock(), []
    station = Station(clock, "q", 1, lambda messages, cold: 1.0, started=found.append)
    for job in range(100):
        clock.at(1.0 * job, station.arrive, job)
    clock.run()
    assert found == list(range(100))
    assert (station.longest, clock.now) == (1, 100.0)


def test_an_overloaded_server_s_queue_grows_by_the_difference() -> None:
    clock, told = Clock(), []
    station = Station(clock, "q", 2, lambda messages, cold: 1.0)
    station.then = lambda job: told.append(clock.now)
    for job in range(300):
        clock.at(job / 3, station.arrive, job)
    clock.run()
    assert clock.now == pytest.approx(150.0, abs=1.0)
    assert station.longest == pytest.approx(100, abs=3)


def test_a_batch_takes_what_waits_and_no_more_than_it_may() -> None:
    clock, sizes = Clock(), []

    def serve(messages: int, cold: bool) -> float:
        sizes.append(messages)
        return 1.0

    station = Station(clock, "q", 1, serve, batch=10)
    for job in range(25):
        station.arrive(job)
    clock.run()
    assert sizes == [1, 10, 10, 4]
    assert station.served == 25


def test_environments_start_cold_when_new_or_long_idle() -> None:
    clock, cold_starts = Clock(), []

    def serve(messages: int, cold: bool) -> float:
        cold_starts.append(cold)
        return 1.0

    station = Station(clock, "q", 2, serve)
    for at in (0.0, 0.5, 10.0, 20.0, 20.0 + 2 * COLD_AFTER):
        clock.at(at, station.arrive, at)
    clock.run()
    assert cold_starts == [True, True, False, False, True]
