"""Is everything there that the worker needs? Each check says what to do where it is not."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from academy_worker.operate.dead_letters import depths
from academy_worker.operate.stack import Stack
from jobs.outbox import NOTIFY_QUEUE
from jobs.tiers import WORK_QUEUES

Verdict = Literal["ok", "warning", "failed"]

LANGUAGES = ("eng", "kor")
FONTS = ("NanumGothic", "Noto Sans CJK")
INGRESS_DLQ = "ingress-dlq"
ADMIT_HIDDEN = 180
"""s, six times the time-out of `admit`: AWS's advice for queues that call functions."""

MODELS = ("circled_numbers", "handwriting", "hangul_letters", "number_glyphs", "video_handwriting")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `remedy` is empty where nothing is to be done."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def stack_checks(stack: Stack) -> Iterator[Check]:
    """Check a deployed stack, without a secret's value and without changing anything."""
    yield _attempt("credentials", lambda: _identity(stack), "log in: `aws sts get-caller-identity`")
    yield _attempt("jobs table", lambda: _table(stack), "deploy the stack again")
    yield _attempt("results bucket", lambda: _bucket(stack), "deploy the stack again")
    yield from _queues(stack)
    yield from (_imported(stack, tier, arn) for tier, arn in stack.imported.items())
    yield from _secrets(stack)


def local_checks(models: Path) -> Iterator[Check]:
    """Check this machine for what `analyze` and the image need."""
    yield _languages()
    yield from (_font(name) for name in FONTS)
    missing = [name for name in MODELS if not (models / f"{name}.npz").is_file()]
    yield Check(
        "model files",
        "failed" if missing else "ok",
        f"missing: {', '.join(missing)}" if missing else f"{len(MODELS)} there",
        "run `make models`" if missing else "",
    )


def _attempt(name: str, look: Callable[[], str], remedy: str) -> Check:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return Check(name, "ok", look())
    except (BotoCoreError, ClientError, KeyError) as error:
        return Check(name, "failed", f"{type(error).__name__}: {error}"[:200], remedy)


def _identity(stack: Stack) -> str:
    return str(stack.connect("sts").get_caller_identity()["Arn"])


def _table(stack: Stack) -> str:
    found: dict[str, Any] = stack.connect("dynamodb").describe_table(TableName=stack.table_name)
    return f"{found['Table']['TableStatus']}, about {found['Table'].get('ItemCount', 0)} rows"


def _bucket(stack: Stack) -> str:
    stack.connect("s3").head_bucket(Bucket=stack.bucket)
    return stack.bucket


def _queues(stack: Stack) -> Iterator[Check]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = depths(stack)
    except (BotoCoreError, ClientError) as error:
        yield Check("queues", "failed", str(error)[:200], "allow sqs:ListQueues and GetQueueUrl")
        return
    missing = sorted({*WORK_QUEUES, NOTIFY_QUEUE} - set(found))
    yield Check(
        "queues",
        "failed" if missing else "ok",
        f"missing: {', '.join(missing)}" if missing else f"{len(found)} there",
        "deploy the stack again" if missing else "",
    )
    dead = {name: count for name, count in found.items() if name.endswith("-dlq") and count}
    yield Check(
        "dead letters",
        "warning" if dead else "ok",
        ", ".join(f"{name}: {count}" for name, count in dead.items()) or "none",
        "`academy-worker dlq`, then docs/runbook.md" if dead else "",
    )


def _imported(stack: Stack, tier: str, arn: str) -> Check:
    """Whether a tier's queue of another stack is fit for `admit` and what it gives up on."""
    name, queue = f"{tier} queue, imported", arn.rsplit(":", 1)[-1]
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        attributes = _attributes(stack, queue)
    except (BotoCoreError, ClientError) as error:
        return Check(name, "failed", str(error)[:200], "see its ARN in the stack's parameters")
    hidden = int(attributes["VisibilityTimeout"])
    if hidden < ADMIT_HIDDEN:
        remedy = f"set VisibilityTimeout of {queue} to {ADMIT_HIDDEN} or more"
        return Check(name, "failed", f"messages are hidden for {hidden} s", remedy)
    letters = json.loads(attributes.get("RedrivePolicy", "{}")).get("deadLetterTargetArn", "none")
    if not letters.endswith(f":{stack.name}-{INGRESS_DLQ}"):
        remedy = f"set its RedrivePolicy to {stack.name}-{INGRESS_DLQ}: else the API never hears"
        return Check(name, "warning", f"dead letters go to {letters}", remedy)
    return Check(name, "ok", queue)


def _attributes(stack: Stack, queue: str) -> dict[str, str]:
    sqs = stack.connect("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    names = ["VisibilityTimeout", "RedrivePolicy"]
    return dict(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"])


def _secrets(stack: Stack) -> Iterator[Check]:
    for key, arn in stack.secrets.items():
        yield _attempt(
            f"secret {key}", partial(_secret, stack, arn), f"create it, then deploy with {key}"
        )


def _secret(stack: Stack, arn: str) -> str:
    found = stack.connect("secretsmanager").describe_secret(SecretId=arn)
    if "DeletedDate" in found:
        raise KeyError("the secret is scheduled for deletion")
    return str(found["Name"])


def _languages() -> Check:
    program = shutil.which("tesseract")
    if program is None:
        return Check("Tesseract", "failed", "not installed", "apt-get install tesseract-ocr-kor")
    told = _said([program, "--list-langs"])
    missing = [name for name in LANGUAGES if name not in told.split()]
    return Check(
        "Tesseract",
        "failed" if missing else "ok",
        f"missing: {', '.join(missing)}" if missing else ", ".join(LANGUAGES),
        f"apt-get install {' '.join(f'tesseract-ocr-{name}' for name in missing)}"
        if missing
        else "",
    )


def _font(name: str) -> Check:
    program = shutil.which("fc-list")
    told = _said([program, ":", "family"]) if program else ""
    there = name.replace(" ", "").lower() in told.replace(" ", "").lower()
    remedy = "" if there else "apt-get install fonts-nanum fonts-noto-cjk fontconfig"
    return Check(f"font {name}", "ok" if there else "failed", "there" if there else "-", remedy)


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout
