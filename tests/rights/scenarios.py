"""What each function does in its life, so that every call it may have to make is made."""

import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from faults import Code, Permanent, Transient, Unavailable
from jobs import wiring
from jobs.contract.message import JobType, Tier
from jobs.contract.ocr import OcrPayload
from jobs.outcome import Done, Failed
from jobs.queues import IngressQueues
from jobs.row import JobRow
from jobs.tiers import ALLOWED, GPU_QUEUE, WORK_QUEUES
from jobs.wiring import drain, job_handler, puller
from tests.rights.account import LINK, PAYLOADS, Account, call
from tests.rights.roles import STACK

Doing = Callable[[], None]
FAILURE = Failed(Code.OCR_FAILED, "no")


def admit(account: Account) -> Doing:
    handler = account.fresh("functions.admit.app").handler
    events = []
    for number, (tier, job_type) in enumerate(WORK_QUEUES.values()):
        payload = PAYLOADS.get(job_type, LINK)
        body = {"job_id": f"new-{number}-{time.time_ns()}", "job_type": job_type}
        events.append(account.event(f"{tier}-ingress", json.dumps(body | {"payload": payload})))
    events.append(account.event("lite-ingress", "{no json"))
    body = {"job_id": f"gpu-{time.time_ns()}", "job_type": "embedding"}
    payload = PAYLOADS["embedding"]
    to_gpu = account.event("premium-ingress", json.dumps(body | {"payload": payload}))

    def doing() -> None:
        for event in events:
            call(handler, event)
        with patch.dict(os.environ, GPU_TYPES="embedding"):
            call(account.fresh("functions.admit.app").handler, to_gpu)

    return doing


def outbox(account: Account) -> Doing:
    handler = account.fresh("functions.outbox.app").handler
    image = {"job_id": {"S": "x"}, "notify": {"S": "pending"}, "generation": {"N": "1"}}
    event = {"Records": [{"dynamodb": {"SequenceNumber": "1", "NewImage": image}}]}
    return lambda: call(handler, event)


def _ended(account: Account, outcome: Any = None) -> JobRow:
    row = account.admit("ocr", Tier.LITE)
    account.store.claim(row.job_id, "me", 60.0)
    result = outcome or Done(account.files.keep_result(row, {"text": "x"}))
    account.store.finish(row.job_id, 1, result)
    return row


def notify(account: Account) -> Doing:
    handler = account.fresh("functions.notify.app").handler
    told, untold = (_pointer(_ended(account)) for _ in range(2))
    first, second = account.event("notify", told), account.event("notify", untold)

    def doing() -> None:
        account.answers["POST"] = 200
        call(handler, first)
        account.answers["POST"] = 500
        call(handler, second)

    return doing


def _pointer(row: JobRow) -> str:
    return json.dumps({"job_id": row.job_id})


def finalize(account: Account) -> Doing:
    handler = account.fresh("functions.finalize.app").handler
    events = []
    for queue in ("ingress-dlq", "work-dlq"):
        held = account.admit("ocr", Tier.LITE)
        account.store.claim(held.job_id, "me", 60.0)
        events.append(account.event(queue, _pointer(held)))
    events.append(account.event("work-dlq", _pointer(account.admit("ocr", Tier.LITE))))
    lost = json.dumps({"job_id": f"lost-{time.time_ns()}", "job_type": "ocr", "payload": LINK})
    source = account.known["LiteIngressQueue.Arn"]
    events.append(account.event("ingress-dlq", lost, DeadLetterQueueSourceArn=source))
    events.append(account.event("ingress-dlq", "{no json"))
    return lambda: [call(handler, event) for event in events].clear()


def sweep(account: Account) -> Doing:
    handler = account.fresh("functions.sweep.app").handler
    now = time.time()
    for tier, job_type in WORK_QUEUES.values():
        account.admit(job_type, tier, admitted_at=now - 9e4, due_at=now + 9e4)
    account.admit("ocr", Tier.LITE, admitted_at=now - 9e4, due_at=now - 10)
    past = account.admit("ocr", Tier.LITE, admitted_at=now - 9e4, due_at=now + 9e4)
    account.store.claim(past.job_id, "me", 60.0)
    account.store.finish(past.job_id, 1, FAILURE)
    _age(account, past)

    def doing() -> None:
        for _ in range(3):
            call(handler, {})

    return doing


def _age(account: Account, row: JobRow) -> None:
    """Let a job have ended long ago."""
    account.store._table.update_item(
        Key={"job_id": row.job_id},
        UpdateExpression="SET finished_at = :then",
        ExpressionAttributeValues={":then": int(time.time()) - 9_000},
    )


def _slow(payload: Any, workspace: Any) -> Any:
    raise Transient(Code.DOWNLOAD_TIMEOUT, "slow")


def _down(payload: Any, workspace: Any) -> Any:
    raise Unavailable("provider", "down")


def _keeps(payload: Any, workspace: Any) -> Any:
    workspace.put("page.png", b"x", "image/png")
    raise Permanent(Code.IMAGE_UNREADABLE, "kept")


def reader(job_type: JobType, own: Callable[[], Any] = lambda: None) -> Callable[..., Doing]:
    """A reader that puts off, is put off, keeps a file; `own` is what its code alone does."""

    def scenario(account: Account) -> Doing:
        account.forget()
        tiers = [tier for tier in Tier if job_type in ALLOWED[tier]][-1 if account.brief else 0 :]
        calls: list[tuple[Any, Mapping[str, Any]]] = [
            (job_handler(job_type, run), account.work(job_type, tier))
            for tier in tiers
            for run in (_slow, _down, _keeps)
        ]

        def doing() -> None:
            for handler, event in calls:
                call(handler, event)
            call(lambda event, context: own(), {})

        return doing

    return scenario


def _read_token() -> None:
    from functions.omr_grading.template_source import TemplateSource

    TemplateSource().from_api(20)


def _read_google_key() -> None:
    from functions.ocr.engines import engine_for

    engine_for(OcrPayload.model_validate(LINK | {"consent": True}), Tier.PREMIUM, 60.0)


def _embed() -> None:
    from functions.embedding.backend_choice import backend

    backend(lambda: 5.0)
    _read_model()


def _read_model() -> None:
    from functions.embedding.backend_choice import EmbeddingSettings, backend

    there = EmbeddingSettings(
        embedding_backend="onnx", embedding_onnx_path="s3://results/models/none"
    )
    with suppress(Permanent):  # there is none, which only whoever may read it can know
        backend(lambda: 5.0, there)


def _ask_model() -> None:
    from functions.language_model import LanguageModelSettings, client

    client(LanguageModelSettings.load(), 5.0)


def video_start(account: Account) -> Doing:
    handler = account.fresh("functions.homework_video.start").handler
    event = account.work(JobType.HOMEWORK_VIDEO_ANALYSIS, Tier.BASIC)
    return lambda: call(handler, event)


class _FullQueues(IngressQueues):
    """Queues that are there and take nothing."""

    def put(self, tier: Tier, body: str) -> None:
        raise RuntimeError("full")


def pull(account: Account) -> Doing:
    handler = account.fresh("functions.pull.app").handler

    def no_queue_takes_it(event: object, context: object) -> None:
        full = replace(puller(), ingress=_FullQueues(wiring.client("sqs"), {}))
        left = iter([60.0, *[0.0] * 9])
        full.pull(lambda: next(left))

    def doing() -> None:
        call(handler, {})
        call(no_queue_takes_it, {})

    return doing


def gpu_task(account: Account) -> Doing:
    account.forget()
    doings = itertools.cycle([_slow, _down, _keeps])
    url = account.sqs.get_queue_url(QueueName=f"{STACK}-{GPU_QUEUE}")["QueueUrl"]
    for _ in range(3):
        account.sqs.send_message(
            QueueUrl=url, MessageBody=_pointer(account.admit("embedding", Tier.PREMIUM))
        )

    def doing() -> None:
        with patch.dict(os.environ, DRAIN_POLL="0", DRAIN_HIDDEN="60"):
            runs = {JobType.EMBEDDING: lambda payload, room: next(doings)(payload, room)}
            call(lambda event, context: drain(runs, threading.Event()).run(), {})
            call(lambda event, context: _read_model(), {})

    return doing


ALSO_READS = {
    JobType.OCR: _read_google_key,
    JobType.OMR_GRADING: _read_token,
    JobType.EMBEDDING: _embed,
    JobType.PROBLEM_GENERATION: _ask_model,
}
"""What a reader needs rights for beside its job's own reading and writing."""

SCENARIOS: dict[str, Callable[[Account], Doing]] = {
    "AdmitFunctionRole": admit,
    "OutboxFunctionRole": outbox,
    "NotifyFunctionRole": notify,
    "FinalizeFunctionRole": finalize,
    "SweepFunctionRole": sweep,
    **{
        f"{job_type.title().replace('_', '')}FunctionRole": reader(
            job_type, *[ALSO_READS[job_type]] if job_type in ALSO_READS else []
        )
        for job_type in JobType
        if job_type is not JobType.HOMEWORK_VIDEO_ANALYSIS
    },
    "VideoStartFunctionRole": video_start,
    "PullFunctionRole": pull,
    "GpuTaskRole": gpu_task,
}
"""Role -> what sets the stage with all rights and returns what the function then does."""
