"""Jobs a second through the platform alone: admission, work queue, finish, notify, API.

    .venv/bin/python -m benchmarks.platform_throughput [JOBS]

The deployed stack runs on the embedded engine with a reader that does nothing. The baseline is
what any design needs: the same messages through one queue of the same engine to a function that
returns at once (`benchmarks/handlers/baseline.py`), timed the same way. Wall time on one machine
says nothing about AWS; the ratio says what the platform costs over a bare queue.
"""

import json
import sys
import time
from pathlib import Path

from academy_worker.embedded.localise import bootstrap_zip
from academy_worker.embedded.project import INTERPRETER, ROOT
from academy_worker.embedded.system import System, running_system

HANDLERS = Path(__file__).parent / "handlers"
TIMEOUT = 300.0
TIERS = ("lite", "basic", "premium")
WARM_UP = 12


def replace_code(system: System, function: str, module: str) -> None:
    """Let a function of the stack run one of the benchmark's handlers."""
    functions, name = system.engine.client("lambda"), f"{system.deployment.stack}-{function}"
    code = bootstrap_zip(INTERPRETER, ROOT, [HANDLERS])
    functions.update_function_code(FunctionName=name, ZipFile=code)
    functions.update_function_configuration(FunctionName=name, Handler=f"{module}.handler")


def send(system: System, urls: list[str], bodies: list[str]) -> None:
    """Spread messages over queues, ten a call."""
    sqs = system.engine.client("sqs")
    for lane, url in enumerate(urls):
        mine = bodies[lane :: len(urls)]
        for start in range(0, len(mine), 10):
            part = mine[start : start + 10]
            entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(part)]
            sqs.send_message_batch(QueueUrl=url, Entries=entries)


def whole_way(system: System, jobs: int, name: str) -> float:
    """Seconds from the first message until the API has heard of every job."""
    before = len(system.stand_in.posts())
    payload = {"download_url": "http://localhost/never-fetched"}
    bodies = [
        json.dumps({"job_id": f"{name}-{i}", "job_type": "ocr", "payload": payload})
        for i in range(jobs)
    ]
    began = time.monotonic()
    send(system, [system.deployment.queue(tier) for tier in TIERS], bodies)
    while len(system.stand_in.posts()) - before < jobs:
        if time.monotonic() - began > TIMEOUT:
            raise SystemExit("not every job arrived in time")
        time.sleep(0.1)
    return time.monotonic() - began


def bare_queue(system: System, jobs: int) -> float:
    """Seconds until a function that returns at once has taken as many messages off one queue."""
    sqs, functions = system.engine.client("sqs"), system.engine.client("lambda")
    url = sqs.create_queue(QueueName="bare", Attributes={"VisibilityTimeout": "180"})["QueueUrl"]
    names = ["QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]["QueueArn"]
    replace_code(system, "embedding", "baseline")
    mapping = functions.create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName=f"{system.deployment.stack}-embedding",
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 2},
    )

    def through(count: int) -> float:
        began = time.monotonic()
        send(system, [url], ["{}"] * count)
        while True:
            left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            if int(left[names[1]]) + int(left[names[2]]) == 0:
                return time.monotonic() - began
            time.sleep(0.05)

    through(WARM_UP)
    seconds = through(jobs)
    functions.delete_event_source_mapping(UUID=mapping["UUID"])
    return seconds


def main() -> None:
    """Measure both and print them."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with running_system() as system:
        replace_code(system, "ocr", "nothing")
        whole_way(system, WARM_UP, "warm")
        whole, bare = whole_way(system, jobs, "job"), bare_queue(system, jobs)
    print(f"{jobs} jobs, the platform's whole way: {jobs / whole:.1f} jobs/s")
    print(f"{jobs} messages, a bare queue and function: {jobs / bare:.1f} messages/s")
    print(f"the platform takes {whole / bare:.1f} times as long")


if __name__ == "__main__":
    main()
