"""The container's command: the GPU queue is worked off until it is empty or we are to stop.

The readers are the Lambda functions' own. Ends with status 0, so that nothing restarts it; with
1 where a job got stuck or the queue could not be read.
"""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from types import FrameType

from functions.embedding.app import run as embedding
from functions.question_segmentation.app import run as question_segmentation
from jobs.consumer import Run
from jobs.contract.message import JobType
from jobs.drain import Ended
from jobs.wiring import drain, telemetry

RUNS: Mapping[JobType, Run] = {
    JobType.QUESTION_SEGMENTATION: question_segmentation,
    JobType.EMBEDDING: embedding,
}


def serve(runs: Mapping[JobType, Run] = RUNS) -> int:
    """Drain with these readers; returns the exit status."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    telemetry().line("drain_started", providers=",".join(_providers()))
    try:
        ended = drain(runs, stop).run()
    except Exception as error:
        telemetry().fault("drain_failed", error)
        return 1
    telemetry().line("drain_ended", code=ended.value)
    return 1 if ended is Ended.STUCK else 0


def leave(status: int) -> None:
    """End the process at once: a job that was given back may still be running in its thread."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _providers() -> list[str]:
    import onnxruntime

    return list(onnxruntime.get_available_providers())


if __name__ == "__main__":
    leave(serve())
