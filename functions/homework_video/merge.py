"""Fourth state: runs that show the same page become one; pages are numbered."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from itertools import accumulate
from typing import Any

from functions.homework_video.flow_files import FlowFiles, FlowJob
from jobs.contract.video import VideoPayload

BATCH = 8
"""Pages analysed by one call: a page takes about half a second, a transition costs as much."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Write the manifest of pages; answer with the batches to analyse.

    Raises `Permanent(video_no_frames)` where nothing could be decoded.
    """
    from analysis.video import summary
    from analysis.video.analyse import check_decoded
    from analysis.video.look import Look
    from analysis.video.merge import merge, visits
    from analysis.video.types import Extracted, Run, Warn
    from functions.homework_video.manifests import read_plan

    job = FlowJob.of(event)
    kept = FlowFiles(job)
    payload = VideoPayload.model_validate(job.payload())
    manifests = [
        kept.get_json(f"segments/{one['index']:02d}-{part:02d}.json")
        for one in event["segments"]
        for part in range(one["parts"])
    ]
    rows = [row for manifest in manifests for row in manifest["runs"]]
    runs = [
        Run(
            **{name: value for name, value in row.items() if name != "name"},
            jpeg=b"",
            look=Look.from_bytes(kept.get(f"{row['name']}.png")),
        )
        for row in rows
    ]
    parts = [Extracted(**manifest["extracted"]) for manifest in manifests]
    extracted = summary.total(_without_resumed(parts, [one["parts"] for one in event["segments"]]))
    check_decoded(extracted)
    facts, fast = read_plan(kept)
    spans = merge(runs)
    shown = spans[: payload.max_pages]
    stride = manifests[0].get("stride", [])
    found, reported = (1, 1) if stride else (len(spans), len(shown))
    said = list(summary.warnings(facts, extracted, runs, found, reported))
    if payload.fast and not fast:
        said.append(Warn.FAST_MODE_REFUSED.value)
    pages = []
    for span in shown:
        start, end = summary.page_bounds(span, runs)
        pages.append(
            rows[span.best]
            | {"number": span.number, "start": start, "end": end}
            | {"visits": visits(span, runs, spans)}
        )
    kept.put_json(
        "pages.json",
        {"extracted": asdict(extracted), "warnings": said, "pages": pages, "stride": stride},
    )
    return {
        "count": len(pages),
        "batches": [
            {"batch": number, "from": first, "to": min(first + BATCH, len(pages))}
            for number, first in enumerate(range(0, len(pages), BATCH))
        ],
    }


def _without_resumed(parts: list[Any], counts: list[int]) -> list[Any]:
    """Where a segment was read in parts, only its last one can have left something unread."""
    ends = {end - 1 for end in accumulate(counts)}
    return [
        part if index in ends else replace(part, resume_at=None) for index, part in enumerate(parts)
    ]
