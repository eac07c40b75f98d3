"""What happens in one simulated evening: jobs, and everything that goes wrong with them."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from hypothesis import strategies as st

from jobs.contract.message import Tier


class Behaviour(StrEnum):
    """What a job's code does when it runs."""

    FINE = "fine"
    LARGE = "large"
    PERMANENT = "permanent"
    TRANSIENT_TWICE = "transient_twice"
    ALWAYS_TRANSIENT = "always_transient"
    POISON = "poison"
    STALLS = "stalls"
    ZOMBIE = "zombie"
    CRASHES_ONCE = "crashes_once"
    PROVIDER_DOWN_1H = "provider_down_1h"
    PROVIDER_DOWN_FOREVER = "provider_down_forever"


class Kind(StrEnum):
    """What the message looks like."""

    GOOD = "good"
    UNKNOWN_TYPE = "unknown_type"
    TIER_FORBIDDEN = "tier_forbidden"
    TIER_MISMATCH = "tier_mismatch"
    BAD_PAYLOAD = "bad_payload"
    NOT_JSON = "not_json"
    NO_ID = "no_id"


class ApiTrouble(StrEnum):
    """How the API misbehaves during an outage."""

    ERROR_500 = "500"
    SLOW = "slow"
    LOSES_RESPONSE = "loses_response"
    WRONG_TOKEN = "wrong_token"
    SLUGGISH = "sluggish"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class JobPlan:
    tier: Tier = Tier.PREMIUM
    behaviour: Behaviour = Behaviour.FINE
    kind: Kind = Kind.GOOD
    sent_after: float = 0.0
    duration: float = 2.0
    sent_twice: bool = False
    redriven_after: float | None = None
    other_body_after: float | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    start: float
    length: float
    trouble: ApiTrouble = ApiTrouble.ERROR_500


@dataclass(frozen=True, slots=True)
class Faults:
    """Chances per opportunity, 0-1."""

    crash: float = 0.0
    throttle: float = 0.0
    pause: float = 0.0
    duplicate: float = 0.0
    loss: float = 0.0
    replay: float = 0.0
    skew: float = 0.0
    api_rejects: float = 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    jobs: tuple[JobPlan, ...]
    faults: Faults = field(default_factory=Faults)
    outages: tuple[Outage, ...] = ()
    crash_points: tuple[str, ...] = ()
    """Named seams at which a process dies, like `put_item:after:1` (the first of them)."""
    early_letters: tuple[float, ...] = ()
    """When a dead letter of each job arrives, whoever sent it and whatever the job is at."""
    seed: int = 0
    disturbed: bool = False
    """Whether a test meddles with the services by hand."""

    @property
    def calm(self) -> bool:
        """Whether every outcome can be foretold: at most repeats, and deaths at named points."""
        repeats = Faults(duplicate=self.faults.duplicate, replay=self.faults.replay)
        return self.faults == repeats and not self.outages and not self.disturbed


def _chance(top: float) -> st.SearchStrategy[float]:
    return st.sampled_from([0.0, 0.0, top / 10, top / 3, top])


plans = st.builds(
    JobPlan,
    tier=st.sampled_from(list(Tier)),
    behaviour=st.one_of(st.just(Behaviour.FINE), st.sampled_from(list(Behaviour))),
    kind=st.one_of(st.just(Kind.GOOD), st.just(Kind.GOOD), st.sampled_from(list(Kind))),
    sent_after=st.sampled_from([0.0, 0.1, 1.0, 30.0, 600.0]),
    duration=st.sampled_from([0.01, 1.0, 5.0, 40.0]),
    sent_twice=st.booleans(),
    redriven_after=st.sampled_from([None] * 5 + [5.0, 4000.0, 100_000.0]),
    other_body_after=st.sampled_from([None, None, 0.0, 2.0, 300.0]),
)

faults = st.builds(
    Faults,
    crash=_chance(0.06),
    throttle=_chance(0.1),
    pause=_chance(0.3),
    duplicate=_chance(0.3),
    loss=_chance(0.05),
    replay=_chance(0.3),
    skew=st.sampled_from([0.0, 0.0, 5.0, 60.0]),
    api_rejects=_chance(0.1),
)

outages = st.lists(
    st.builds(
        Outage,
        start=st.sampled_from([0.0, 1.0, 60.0]),
        length=st.sampled_from([5.0, 3600.0, 3 * 86400.0]),
        trouble=st.sampled_from(list(ApiTrouble)),
    ),
    max_size=2,
).map(tuple)


def schedules(jobs: int) -> st.SearchStrategy[Schedule]:
    """Draw schedules of 1 to `jobs` jobs."""
    return st.builds(
        Schedule,
        jobs=st.lists(plans, min_size=1, max_size=jobs).map(tuple),
        faults=st.one_of(st.just(Faults()), faults, faults),
        outages=st.one_of(st.just(()), outages),
        seed=st.integers(0, 2**32 - 1),
    )


def random_schedule(seed: int, jobs: int) -> Schedule:
    """A schedule drawn without Hypothesis, always the same for a seed: for volume."""
    rng = random.Random(seed)

    def chance(top: float) -> float:
        return rng.choice([0.0, 0.0, top / 10, top / 3, top])

    def plan() -> JobPlan:
        return JobPlan(
            tier=rng.choice(list(Tier)),
            behaviour=rng.choice([Behaviour.FINE, rng.choice(list(Behaviour))]),
            kind=rng.choice([Kind.GOOD, Kind.GOOD, rng.choice(list(Kind))]),
            sent_after=rng.choice([0.0, 0.1, 1.0, 30.0, 600.0]),
            duration=rng.choice([0.01, 1.0, 5.0, 40.0]),
            sent_twice=rng.random() < 0.3,
            redriven_after=rng.choice([None] * 9 + [5.0, 4000.0]),
            other_body_after=rng.choice([None, None, 0.0, 2.0, 300.0]),
        )

    calm = rng.random() < 0.3
    return Schedule(
        jobs=tuple(plan() for _ in range(jobs)),
        faults=Faults()
        if calm
        else Faults(
            crash=chance(0.06),
            throttle=chance(0.1),
            pause=chance(0.3),
            duplicate=chance(0.3),
            loss=chance(0.05),
            replay=chance(0.3),
            skew=rng.choice([0.0, 5.0, 60.0]),
            api_rejects=chance(0.1),
        ),
        outages=()
        if calm or rng.random() < 0.5
        else (
            Outage(
                rng.choice([0.0, 1.0, 60.0]),
                rng.choice([5.0, 3600.0, 3600.0, 3 * 86400.0]),
                rng.choice(list(ApiTrouble)),
            ),
        ),
        seed=seed,
    )
