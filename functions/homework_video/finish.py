"""Last state: end the job with its pages, or with what went wrong."""

import json
import re
from collections.abc import Mapping
from typing import Any

from faults import Code, LeaseLost, Permanent
from functions.homework_video.flow_files import FlowFiles, FlowJob
from jobs.contract.video import VideoPayload, VideoResult
from jobs.outcome import Done, Failed, Outcome
from jobs.telemetry import Metric, tell_ended
from jobs.wiring import files, store, telemetry

READ_SHARE = 0.8
"""Share of the pages found that must have been read for the job to count as done."""

_CODED = re.compile(r"([a-z_]+): (.*)", re.DOTALL)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """End the job; with `error` in the event it ends failed.

    Raises `LeaseLost` if another attempt owns it.
    """
    job = FlowJob.of(event)
    kept = FlowFiles(job)
    outcome = _failure(event["error"]) if "error" in event else _success(job, kept, event["read"])
    _end(job, outcome)
    kept.remove("source")
    return {"status": "done" if isinstance(outcome, Done) else "failed"}


def _end(job: FlowJob, outcome: Outcome) -> None:
    """End the job; once ended by this very attempt, a repetition changes nothing."""
    try:
        store().finish(job.job_id, job.attempt, outcome)
    except LeaseLost:
        row = job.row()
        if not row.terminal or row.attempt != job.attempt:
            telemetry().count(Metric.LEASE_LOST, row.tier, row.job_type)
            raise
        return
    row = job.row()
    ran = (row.finished_at or 0.0) - row.started_at if row.started_at is not None else None
    tell_ended(telemetry(), row, outcome, ran)


def _failure(error: Mapping[str, Any]) -> Failed:
    """Take the code out of an error as Step Functions passes it on: class name and cause."""
    try:
        told = str(json.loads(error.get("Cause", ""))["errorMessage"])
    except (ValueError, KeyError, TypeError):
        told = ""
    found = _CODED.match(told)
    if found and found[1] in {code.value for code in Code}:
        return Failed.of(Permanent(Code(found[1]), found[2]))
    if "Timeout" in str(error.get("Error", "")) or "timed out" in told:
        return Failed(Code.OUT_OF_TIME, "a step of the video's flow ran out of time; try again")
    return Failed(Code.FLOW_FAILED, "a step of the video's flow broke; submit the job again")


def _success(job: FlowJob, kept: FlowFiles, read: list[Mapping[str, Any]]) -> Outcome:
    from analysis.video.score import unread
    from analysis.video.types import Writing
    from functions.homework_video.manifests import page_of

    manifest = kept.get_json("pages.json")
    written: dict[str, Any] = {}
    for one in read:
        if one["ok"]:
            written |= kept.get_json(f"batches/{one['batch']:03d}.json")
    pages, good = [], 0
    for row in manifest["pages"]:
        found = written.get(str(row["number"]))
        good += found is not None
        writing = Writing(**found) if found is not None else unread()
        pages.append((row, page_of(row, b"", writing)))
    if good < READ_SHARE * len(pages):
        return Failed(
            Code.VIDEO_PAGES, f"only {good} of {len(pages)} pages could be read; submit it again"
        )
    result = _result(job, kept, manifest, pages)
    return Done(files().keep_result(job.row(), result.model_dump(mode="json")))


def _result(
    job: FlowJob, kept: FlowFiles, manifest: Mapping[str, Any], pages: list[Any]
) -> VideoResult:
    from analysis.video.stride import StrideFrame
    from analysis.video.types import Extracted, Warn, Writing
    from functions.homework_video.answer import page_frame, result_of, stride_frame
    from functions.homework_video.manifests import read_plan

    payload = VideoPayload.model_validate(job.payload())
    frames = [page_frame(page, kept.ref(f"{row['name']}.jpg")) for row, page in pages]
    for number, row in enumerate(manifest["stride"], start=1):
        frame = StrideFrame(**(row | {"writing": Writing(**row["writing"])}))
        frames.append(stride_frame(number, frame))
    said = list(manifest["warnings"])
    if payload.template_url and not any(page.writing.against_template for _, page in pages):
        said.append(Warn.TEMPLATE_UNMATCHED.value)
    extracted = Extracted(**manifest["extracted"])
    sheet = _sheet(kept, pages) if pages else None
    return result_of(payload, read_plan(kept)[0], extracted, frames, said, sheet)


def _sheet(kept: FlowFiles, pages: list[Any]) -> str:
    """Keep the contact sheet; returns its reference."""
    from dataclasses import replace

    from analysis.image import encode_jpeg
    from analysis.video.contact_sheet import contact_sheet

    shown = [replace(page, jpeg=kept.get(f"{row['name']}.jpg")) for row, page in pages[:60]]
    return kept.put("contact_sheet.jpg", encode_jpeg(contact_sheet(shown), 80), "image/jpeg")
