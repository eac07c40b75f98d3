"""The ECS cluster of the GPU drain: its tasks as they stand, and one more."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DrainTask:
    """One task; times in epoch seconds.

    `waiting_since` is set while it has no machine yet, `stopped_at` once it has ended;
    `never_started` and `crashed` tell that it ended badly.
    """

    running: bool = False
    waiting_since: float | None = None
    stopped_at: float | None = None
    never_started: bool = False
    crashed: bool = False


class Cluster:
    """`ecs` is a boto3 ECS client; `subnets` and `security_group` place the tasks."""

    def __init__(
        self,
        ecs: Any,
        cluster: str,
        task_definition: str,
        capacity_provider: str,
        subnets: Iterable[str],
        security_group: str,
    ) -> None:
        self._ecs = ecs
        self._cluster = cluster
        self._task_definition = task_definition
        self._capacity_provider = capacity_provider
        self._subnets = list(subnets)
        self._security_group = security_group

    def tasks(self) -> list[DrainTask]:
        """Tasks that are wanted, and those ECS still remembers as stopped (about an hour)."""
        arns = [
            arn
            for wanted in ("RUNNING", "STOPPED")
            for arn in self._ecs.list_tasks(cluster=self._cluster, desiredStatus=wanted)["taskArns"]
        ]
        if not arns:
            return []
        told = self._ecs.describe_tasks(cluster=self._cluster, tasks=arns[:100])
        return [_task(item) for item in told["tasks"]]

    def start(self) -> bool:
        """Ask for one more task; False where ECS would not take it."""
        answer = self._ecs.run_task(
            cluster=self._cluster,
            taskDefinition=self._task_definition,
            count=1,
            capacityProviderStrategy=[{"capacityProvider": self._capacity_provider, "weight": 1}],
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": self._subnets,
                    "securityGroups": [self._security_group],
                    "assignPublicIp": "DISABLED",
                }
            },
        )
        return bool(answer["tasks"])


def _task(item: dict[str, Any]) -> DrainTask:
    status = item["lastStatus"]
    if status == "STOPPED" or "stoppedAt" in item:
        codes = [container.get("exitCode") for container in item.get("containers", [])]
        stopped = item.get("stoppedAt") or item.get("stoppingAt") or item["createdAt"]
        return DrainTask(
            stopped_at=stopped.timestamp(),
            never_started=item.get("stopCode") == "TaskFailedToStart",
            crashed=any(code not in (0, None) for code in codes),
        )
    if status in ("PROVISIONING", "PENDING", "ACTIVATING"):
        return DrainTask(waiting_since=item["createdAt"].timestamp())
    return DrainTask(running=True)
