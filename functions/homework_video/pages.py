"""Fifth state, once per batch: the handwriting on each page."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from functions.homework_video.flow_files import FlowFiles, FlowJob
from jobs.cloud_workspace import cloud_workspace
from jobs.contract.video import VideoPayload
from jobs.wiring import DownloadSettings, files, telemetry


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Score the pages `from` to `to`; one that cannot be read is told, not raised.

    Raises `Permanent` or `Transient` if the unwritten pages cannot be fetched.
    """
    from functions.homework_video.whole import blank_pages

    job = FlowJob.of(event)
    kept = FlowFiles(job)
    payload = VideoPayload.model_validate(job.payload())
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    policy = DownloadSettings.load().policy()
    rows = kept.get_json("pages.json")["pages"][event["from"] : event["to"]]
    with cloud_workspace(job.row(), deadline, files(), policy, telemetry(), time.time) as workspace:
        blanks = blank_pages(payload, workspace)
    written = {row["number"]: _score(kept, row, blanks) for row in rows}
    kept.put_json(f"batches/{event['batch']:03d}.json", written)
    return {"batch": event["batch"], "ok": True}


def _score(kept: FlowFiles, row: Mapping[str, Any], blanks: Any) -> dict[str, Any] | None:
    """One page's writing; None for a page that cannot be read, with its trace in the log."""
    from analysis.video.analyse import decode
    from analysis.video.score import score_writing

    try:
        return asdict(score_writing(decode(kept.get(f"{row['name']}.jpg")), blanks))
    except Exception as error:
        telemetry().fault("page unread", error, job_id=kept.job.job_id, page=row["number"])
        return None
