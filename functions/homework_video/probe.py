"""Second state: fetch the video, refuse what cannot be read, plan the reading."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from functions.homework_video.flow_files import FlowFiles, FlowJob
from jobs.cloud_workspace import cloud_workspace
from jobs.contract.message import JobType
from jobs.contract.registry import parse_payload
from jobs.contract.video import VideoPayload
from jobs.wiring import DownloadSettings, files, telemetry
from jobs.workspace import FileKind


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Keep the video beside its frames; answer with the segments to read.

    Raises `Permanent` for a payload, link or video that is refused, `Transient` for a download
    that may succeed later.
    """
    from analysis.video.cost import plan
    from analysis.video.source import probe
    from analysis.video.summary import fast_allowed

    job = FlowJob.of(event)
    kept = FlowFiles(job)
    payload = parse_payload(JobType.HOMEWORK_VIDEO_ANALYSIS, job.payload())
    assert isinstance(payload, VideoPayload)  # noqa: S101  the registry's pairing, for mypy
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000
    policy = DownloadSettings.load().policy()
    with cloud_workspace(job.row(), deadline, files(), policy, telemetry(), time.time) as workspace:
        path = workspace.fetch(payload.download_url, FileKind.VIDEO)
        facts = probe(path)
        kept.upload("source", str(path))
    fast = payload.fast and fast_allowed(facts)
    kept.put_json("plan.json", {"facts": asdict(facts), "fast": fast})
    segments = plan(facts.cost, facts.duration, facts.key_times)
    if not payload.use_key_frames:
        segments = segments[:1]
    bounds = [(one.start, min(one.end, facts.duration + 1)) for one in segments]
    return {
        "segments": [
            {"index": index, "start": start, "end": end, "part": 0, "spent": 0.0}
            for index, (start, end) in enumerate(bounds)
        ]
    }
