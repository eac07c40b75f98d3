"""An evening: students who send jobs within an hour, and the stations these pass."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from academy_worker.cost.model import Film, Model
from benchmarks.capacity.deployed import ACCOUNT_CONCURRENCY, Source, work_queue_of
from benchmarks.capacity.simulator import Clock, Serve, Station
from jobs import limits
from jobs.contract.message import JobType, Tier
from jobs.tiers import ALLOWED

HOUR = 3600.0
TIERS = {Tier.LITE: 0.4, Tier.BASIC: 0.4, Tier.PREMIUM: 0.2}
"""Shares of the tiers among the jobs: a guess, to be replaced by one's own."""

SPREAD = 0.5
"""Standard deviation of a job's time as a share of its mean: assumed."""

PER_MESSAGE = 0.05
"""s that each further message of a batch takes a glue function: assumed, two calls to AWS."""

SENT_IN_TEN = PER_MESSAGE / 2 / 10
"""s that each further record takes the outbox, which makes one call for ten of them."""

START_COLD = 0.5
"""s a cold start takes before the first line of our code: assumed."""

OUTBOX = "outbox (stream)"
FLOW = "video flow"


@dataclass(slots=True)
class Job:
    """One job on its way; times in s of the evening."""

    tier: Tier
    job_type: str
    sent: float
    begun: float = math.nan


@dataclass
class Seen:
    """What is noted of a tier: seconds until work begins and until the API is told."""

    waits: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    late: int = 0

    def note(self, job: Job, now: float) -> None:
        """A job was told to the API."""
        self.waits.append(job.begun - job.sent)
        self.answers.append(now - job.sent)
        self.late += now - job.sent > limits.DUE[job.tier]


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


class Durations:
    """Seconds of wall time a message takes each function, as measured or assumed."""

    def __init__(self, model: Model) -> None:
        self._measured = model.measured
        self._memory = model.deployment.memory
        self._wall = model.wall

    def mean(self, function: str, *, cold: bool = False) -> float:
        """Mean seconds of a call with one message."""
        measured = self._measured
        if function in measured["provider_jobs"]:
            return float(measured["provider_jobs"][function]["wait"])
        if function not in measured["jobs"]:
            return float(measured["glue"]["seconds"])
        cpu = measured["jobs"][function]["first" if cold else "warm"]
        return float(self._wall(cpu, self._memory[function]) + measured["waiting"]["seconds"])

    def flow(self, film: Film) -> float:
        """Seconds of Lambda a video takes in all its steps."""
        measured, memory = self._measured, self._memory
        batches = math.ceil(film.pages / measured["video_flow"]["pages_per_batch"])
        extract = film.minutes * measured["video"]["extract_per_minute"]
        score = film.pages * measured["video_pages"]["score_per_page"]
        return (
            self._wall(extract, memory["video_extract"])
            + self._wall(score, memory["video_pages"])
            + (5 + batches) * measured["waiting"]["seconds"]
        )

    def serve(self, function: str, rng: random.Random, further: float = PER_MESSAGE) -> Serve:
        """Draw the seconds of a call: log-normal about the mean, `further` s a further message."""
        sigma = math.sqrt(math.log(1 + SPREAD**2))
        warm, cold = self.mean(function), self.mean(function, cold=True) + START_COLD

        def seconds(messages: int, is_cold: bool) -> float:
            drawn = rng.lognormvariate(-(sigma**2) / 2, sigma)
            return (cold if is_cold else warm) * drawn + (messages - 1) * further

        return seconds


class Evening:
    """The stack's stations, wired as its queues are.

    `outboxes` is how many batches of the stream are worked on at once: one for each shard, times
    the mapping's `ParallelizationFactor`; a table as small as this one has one shard.
    """

    def __init__(
        self, sources: Mapping[str, Source], model: Model, seed: int, *, outboxes: int = 1
    ) -> None:
        self.clock, self.seen = Clock(), {tier: Seen() for tier in Tier}
        self._rng = random.Random(seed)
        self.durations = Durations(model)
        self.stations = {
            name: self._station(source) for name, source in sources.items() if _on_the_way(name)
        }
        capped = sum(station.servers for station in self.stations.values())
        self._add(OUTBOX, outboxes, self.durations.serve("outbox", self._rng, SENT_IN_TEN), 100)
        flow = self.durations.flow(Film())
        free = max(1, ACCOUNT_CONCURRENCY - capped)
        self._add(FLOW, free, lambda messages, cold: flow, 1)
        self._wire()

    def play(self, mix: Mapping[str, float], jobs: int) -> None:
        """Let `jobs` jobs arrive at random within an hour, and play until all were told."""
        types = {
            tier: [(name, share) for name, share in mix.items() if JobType(name) in ALLOWED[tier]]
            for tier in Tier
        }
        tiers = self._rng.choices(list(TIERS), list(TIERS.values()), k=jobs)
        for tier in tiers:
            names, shares = zip(*types[tier], strict=True)
            job = Job(tier, self._rng.choices(names, shares)[0], self._rng.uniform(0, HOUR))
            self.clock.at(job.sent, self.stations[f"{tier}-ingress"].arrive, job)
        self.clock.run()

    def _station(self, source: Source) -> Station:
        serve = self.durations.serve(source.function, self._rng)
        return Station(self.clock, source.queue, source.servers, serve, batch=source.batch)

    def _add(self, name: str, servers: int, serve: Serve, batch: int) -> None:
        self.stations[name] = Station(self.clock, name, servers, serve, batch=batch)

    def _wire(self) -> None:
        outbox, flow = self.stations[OUTBOX], self.stations[FLOW]
        for name, station in self.stations.items():
            if name.endswith("-ingress"):
                station.then = self._admitted
            elif name.endswith("homework-video-analysis"):
                station.then = flow.arrive
            elif name not in (OUTBOX, FLOW, "notify"):
                station.started, station.then = self._begun, outbox.arrive
        flow.started, flow.then = self._begun, outbox.arrive
        outbox.then = self.stations["notify"].arrive
        self.stations["notify"].then = self._told

    def _admitted(self, job: Job) -> None:
        self.stations[work_queue_of(job.tier, JobType(job.job_type))].arrive(job)

    def _begun(self, job: Job) -> None:
        job.begun = self.clock.now

    def _told(self, job: Job) -> None:
        self.seen[job.tier].note(job, self.clock.now)


def offered(
    sources: Mapping[str, Source], model: Model, mix: Mapping[str, float], jobs_per_second: float
) -> dict[str, tuple[float, float]]:
    """Queue -> (load in Erlang, mean seconds of a message) when jobs come at a steady rate."""
    durations = Durations(model)
    found: dict[str, tuple[float, float]] = {}
    for name, source in sources.items():
        if not _on_the_way(name):
            continue
        rate = jobs_per_second * _share(name, mix)
        seconds = durations.mean(source.function)
        if source.batch > 1:  # when it matters, batches are full
            seconds = (seconds + (source.batch - 1) * PER_MESSAGE) / source.batch
        found[name] = (rate * seconds, seconds)
    video = sum(_share(f"{tier}-homework-video-analysis", mix) for tier in ("basic", "premium"))
    flow = durations.flow(Film())
    outbox = (durations.mean("outbox") + 99 * SENT_IN_TEN) / 100
    return found | {
        FLOW: (jobs_per_second * video * flow, flow),
        OUTBOX: (jobs_per_second * outbox, outbox),
    }


def _share(queue: str, mix: Mapping[str, float]) -> float:
    """The share of all jobs that pass a queue."""
    if queue == "notify":
        return 1.0
    tier, _, kind = queue.partition("-")
    share = TIERS[Tier(tier)]
    if kind == "ingress":
        return share
    allowed = {name: part for name, part in mix.items() if JobType(name) in ALLOWED[Tier(tier)]}
    return share * allowed.get(kind.replace("-", "_"), 0.0) / sum(allowed.values())


def _on_the_way(queue: str) -> bool:
    return not queue.endswith("dlq") and queue != "flow-ended"


def cost(model: Model, mix: Mapping[str, float], jobs: int) -> Mapping[str, Any]:
    """USD of an evening by tier, without the month's fixed part."""
    sums: dict[str, float] = {}
    for tier, part in TIERS.items():
        allowed = {name: s for name, s in mix.items() if JobType(name) in ALLOWED[tier]}
        each = {name: sum(model.job(name, Film()).values()) for name in allowed}
        mean = sum(each[name] * s for name, s in allowed.items()) / sum(allowed.values())
        sums[tier.value] = jobs * part * mean
    return sums
