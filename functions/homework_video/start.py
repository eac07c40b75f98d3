"""Work queues of homework videos -> executions of the flow."""

import hashlib
import re
from typing import Any

from jobs.contract.message import WorkMessage
from jobs.delivery import Delivery
from jobs.settings import EnvSettings
from jobs.wiring import batch_handler, client

_SAFE = re.compile(r"[A-Za-z0-9_\-]{1,60}")


class FlowSettings(EnvSettings):
    """`video_flow_arn` is the state machine's ARN."""

    video_flow_arn: str


def execution_name(job_id: str, generation: int) -> str:
    """Name an execution so that one job's generation can run only once.

    A name may hold 80 characters and fewer signs than a job id: what does not fit is hashed.
    """
    safe = job_id if _SAFE.fullmatch(job_id) else hashlib.sha256(job_id.encode()).hexdigest()[:60]
    return f"{safe}-g{generation}"


def start(delivery: Delivery, states: Any = None, flow_arn: str | None = None) -> None:
    """Start the job's flow; one that runs or ran already is left alone.

    Raises botocore's `ClientError` for anything else: the message comes back.
    """
    message = WorkMessage.model_validate_json(delivery.body)
    states = states or client("stepfunctions")
    try:
        states.start_execution(
            stateMachineArn=flow_arn or FlowSettings.load().video_flow_arn,
            name=execution_name(message.job_id, message.generation),
            input=message.model_dump_json(),
        )
    except states.exceptions.ExecutionAlreadyExists:
        return


handler = batch_handler(lambda: start)
