"""The arithmetic: usage per job and per month, times list prices; no usage is left implicit.

Amounts are USD. A job's cost is the sum of its parts by name, so that a table can show them.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FOLDER = Path(__file__).parent
CORE_MB = 1769
"""MB of memory with which a Lambda function has one core (AWS Lambda quotas)."""

HOURS = 730
"""Hours of a month, as AWS bills them."""

VIDEO = "homework_video_analysis"
Parts = dict[str, float]


@dataclass(frozen=True, slots=True)
class Prices:
    """USD by name, and where each comes from."""

    usd: Mapping[str, float]
    said: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, path: Path = FOLDER / "prices.toml") -> Self:
        """Read the price file."""
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls({name: float(entry["usd"]) for name, entry in said.items()}, said)

    def __getitem__(self, name: str) -> float:
        """USD of one unit. Raises `KeyError`."""
        return self.usd[name]


@dataclass(frozen=True, slots=True)
class Film:
    """What a homework video is like on average: `minutes` long, with `pages` pages."""

    minutes: float = 2.0
    pages: int = 20


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the template deploys: functions' memory in MB, and what a month bills for."""

    memory: Mapping[str, int]
    polled_queues: int = 0
    alarm_metrics: int = 0
    composite_alarms: int = 0
    dashboards: int = 0
    secrets: int = 1
    metrics: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """Prices, measurements and the deployment they are applied to."""

    prices: Prices
    measured: Mapping[str, Any]
    deployment: Deployment

    def known(self) -> set[str]:
        """Job types whose cost can be told, as what they take was measured or assumed."""
        tables = (self.measured["jobs"], self.measured["provider_jobs"])
        return {VIDEO}.union(*tables) - {"command", "assumed"}

    def job(self, job_type: str, film: Film | None = None) -> Parts:
        """What one job of a type costs, by part. Raises `KeyError` for an unknown type."""
        if job_type == VIDEO:
            own = self._video(film or Film())
        elif job_type in self.measured["provider_jobs"]:
            wait = self.measured["provider_jobs"][job_type]["wait"]
            own = self._reader(job_type, wait, {"puts": 0, "kept": 0})
        else:
            entry = self.measured["jobs"][job_type]
            share = self.measured["cold"]["share"]
            cpu = share * entry["first"] + (1 - share) * entry["warm"]
            seconds = self.wall(cpu, self.deployment.memory[job_type])
            own = self._reader(job_type, seconds + self.measured["waiting"]["seconds"], entry)
        return own | self._platform()

    def month(self) -> Parts:
        """What a month costs before its first job, by part."""
        deployed, prices, busy = self.deployment, self.prices, self.measured["busy"]["hours"]
        idle = self.measured["idle"]
        polls = deployed.polled_queues * idle["polls"] * HOURS * 3600 / idle["seconds"]
        return {
            "polling of queues": polls * prices["sqs_request"],
            "custom metrics": deployed.metrics * prices["metric_month"] * busy / HOURS,
            "alarms": deployed.alarm_metrics * prices["alarm_month"]
            + deployed.composite_alarms * prices["composite_alarm_month"],
            "dashboard": deployed.dashboards * prices["dashboard_month"],
            "secrets": deployed.secrets * prices["secret_month"],
            "container image": self.measured["image"]["gigabytes"] * prices["image_month"],
        }

    @staticmethod
    def wall(cpu: float, memory: int) -> float:
        """Seconds that `cpu` seconds take with `memory` MB; a second core does not help."""
        return cpu * max(1.0, CORE_MB / memory)

    def compute(self, seconds: float, memory: int, *, arm: bool = False) -> float:
        """What a call of a function costs without its request; `seconds` are billed by 1 ms."""
        billed = math.ceil(round(seconds * 1000, 6)) / 1000
        return billed * memory / 1024 * self.prices["lambda_arm" if arm else "lambda_x86"]

    def _files(self, puts: int, gets: int, kept: int) -> float:
        """Requests, and `kept` bytes for as long as the bucket keeps them, about a month."""
        return (
            puts * self.prices["s3_put"]
            + gets * self.prices["s3_get"]
            + kept / 1e9 * self.prices["s3_month"]
        )

    def _reader(self, job_type: str, seconds: float, entry: Mapping[str, int]) -> Parts:
        return {
            "reading": self.compute(seconds, self.deployment.memory[job_type])
            + self.prices["lambda_request"],
            "files": self._files(entry["puts"], 0, entry["kept"]),
        }

    def _video(self, film: Film) -> Parts:
        counted, memory = self.measured["video_flow"], self.deployment.memory
        batches = max(1, math.ceil(film.pages / counted["pages_per_batch"]))
        wait = self.measured["waiting"]["seconds"]
        extract = self.wall(
            film.minutes * self.measured["video"]["extract_per_minute"], memory["video_extract"]
        )
        scores = self.wall(
            film.pages * self.measured["video_pages"]["score_per_page"], memory["video_pages"]
        )
        calls = [
            (wait, "video_probe"),
            (extract + wait, "video_extract"),
            (wait, "video_merge"),
            (scores + batches * wait, "video_pages"),
            (wait, "video_finish"),
        ]
        transitions = (
            counted["transitions"] + (batches - 1) * counted["transitions_per_further_batch"]
        )
        puts = counted["puts_per_film"] + film.pages * counted["puts_per_page"]
        gets = counted["gets_per_film"] + film.pages * counted["gets_per_page"]
        return {
            "reading": sum(self.compute(seconds, memory[name]) for seconds, name in calls)
            + (len(calls) + batches + 1) * self.prices["lambda_request"],
            "files": self._files(puts, gets, film.pages * counted["bytes_per_page"]),
            "state transitions": transitions * self.prices["states_transition"],
        }

    def _platform(self) -> Parts:
        """What every job costs on its way, whatever its type."""
        glue, counted = self.measured["glue"], self.measured["platform"]
        one = self.compute(glue["seconds"], self.deployment.memory["admit"], arm=True)
        return {
            "glue functions": glue["calls"] * (one + self.prices["lambda_request"]),
            "queues": counted["sqs_requests"] * self.prices["sqs_request"],
            "table": counted["write_units"] * self.prices["dynamodb_write"]
            + counted["read_units"] * self.prices["dynamodb_read"],
            "logs": self.measured["logs"]["bytes_per_job"] / 1e9 * self.prices["logs_gb"],
        }


def load_measured(path: Path = FOLDER / "measured.toml") -> dict[str, Any]:
    """Read the measurements."""
    return tomllib.loads(path.read_text(encoding="utf-8"))
