"""Third state, once per segment: still runs, each with its picture and what it is known by."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faults import Code, Permanent
from functions.homework_video.flow_files import FlowFiles, FlowJob
from jobs.contract.video import VideoPayload

_MARGIN = 45.0
"""s before the function's time-out at which reading stops and the next part is asked for."""

_MOST_PARTS = 30


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Read a segment as far as time allows; `done` says whether another part must follow."""
    job, segment = FlowJob.of(event), event["segment"]
    kept = FlowFiles(job)
    payload = VideoPayload.model_validate(job.payload())
    begun = time.monotonic()
    left = context.get_remaining_time_in_millis() / 1000 - _MARGIN
    allowed = payload.processing_timeout - float(segment["spent"])
    with tempfile.TemporaryDirectory(prefix="video-") as folder:
        path = Path(folder) / "source"
        kept.download("source", str(path))
        seconds = min(left - (time.monotonic() - begun), allowed)
        resume_at = _read(kept, payload, path, segment, seconds)
    spent = float(segment["spent"]) + time.monotonic() - begun
    done = resume_at is None or spent >= payload.processing_timeout
    if not done and (segment["part"] + 1 >= _MOST_PARTS or resume_at <= segment["start"]):
        raise Permanent(Code.OUT_OF_TIME, "the video takes too long to read; send a shorter one")
    return {
        "job": event["job"],
        "done": done,
        "segment": {
            "index": segment["index"],
            "start": segment["start"] if resume_at is None else resume_at,
            "end": segment["end"],
            "part": segment["part"] + 1,
            "spent": round(spent, 3),
        },
    }


def _read(
    kept: FlowFiles,
    payload: VideoPayload,
    path: Path,
    segment: Mapping[str, Any],
    seconds: float,
) -> float | None:
    """Write the runs of one part and their manifest; returns where reading stopped, if it did."""
    from analysis.video.extract import Extraction
    from analysis.video.types import Segment
    from functions.homework_video.whole import by_stride, deadline

    name = f"segments/{segment['index']:02d}-{segment['part']:02d}"
    stop = deadline(seconds)
    if not payload.use_key_frames:
        _, extracted, frames = by_stride(path, payload.frame_stride, stop)
        kept.put_json(
            f"{name}.json",
            {"extracted": asdict(extracted), "runs": [], "stride": [asdict(one) for one in frames]},
        )
        return None
    reading = Extraction(
        path, Segment(segment["start"], segment["end"]), stop, kept.get_json("plan.json")["fast"]
    )
    runs = []
    for number, run in enumerate(reading):
        kept.put(f"{name}-{number:03d}.jpg", run.jpeg, "image/jpeg")
        kept.put(f"{name}-{number:03d}.png", run.look.to_bytes(), "image/png")
        runs.append(run_row(run) | {"name": f"{name}-{number:03d}"})
    kept.put_json(f"{name}.json", {"extracted": asdict(reading.summary), "runs": runs})
    return reading.summary.resume_at


def run_row(run: Any) -> dict[str, Any]:
    """A run without its pictures."""
    names = ("start", "end", "index", "time", "quality", "sharpness", "samples", "brightness")
    return {name: getattr(run, name) for name in names} | {"reduced": run.reduced}
