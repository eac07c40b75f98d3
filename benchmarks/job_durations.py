"""CPU time and memory of one job of each type, on the project's samples.

    OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.job_durations [REPEATS]

Each type runs in a process of its own: the first job, imports included, is what a cold start
costs; the median of the next ones is what a warm function costs. CPU time counts children
(Tesseract) too. Files kept go to S3; the peak is
that of the largest process, not their sum. The figures stand in
`cli/academy_worker/cost/measured.toml`.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPEATS = 5


def cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def local(value: Any) -> Any:
    """A demo payload with paths in the place of links."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {name: local(part) for name, part in value.items()}
    return [local(part) for part in value] if isinstance(value, list) else value


def payload_of(job: Any) -> dict[str, Any]:
    """The payload of a demo job; a sheet's template comes along, as no API is there to ask."""
    from academy_worker.embedded.samples import templates

    payload = dict(local(job.payload))
    if "question_count" in payload:
        path = templates()[payload.pop("question_count")]
        payload["template_meta"] = json.loads(path.read_text(encoding="utf-8"))
    return payload


def measure(job_type: str, repeats: int) -> dict[str, Any]:
    """Run the sample of a type in this process."""
    started = cpu()
    from academy_worker.analysing import run_of
    from academy_worker.embedded.samples import all_jobs
    from academy_worker.local_workspace import LocalWorkspace
    from jobs.contract.message import JobType
    from jobs.contract.registry import parse_payload

    kind = JobType(job_type)
    given = payload_of(next(job for job in all_jobs() if job.job_type == job_type))
    times, result, sizes = [], "", []
    for number in range(repeats + 1):
        began = cpu() if number else started
        with tempfile.TemporaryDirectory() as folder:
            found = run_of(kind)(parse_payload(kind, given), LocalWorkspace(Path(folder)))
            result = found.model_dump_json()
            sizes = [path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()]
        times.append(cpu() - began)
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, _CHILDREN)]
    return {
        "job_type": job_type,
        "first": round(times[0], 3),
        "warm": round(statistics.median(times[1:]), 3),
        "puts": len(sizes),
        "kept": sum(sizes),
        "result": len(result.encode()),
        "peak_mb": round(max(peaks) / 1024),
    }


_CHILDREN = resource.RUSAGE_CHILDREN


def main() -> None:
    """Measure every type that needs no provider; homework videos are `benchmarks.video_cpu`'s."""
    from academy_worker.embedded.samples import all_jobs

    repeats = sys.argv[1] if len(sys.argv) > 1 else str(REPEATS)
    print(
        "| type | first job, CPU s | next ones | files | their bytes | result, bytes | peak, MB |"
    )
    print("|---|---|---|---|---|---|---|")
    for job in all_jobs():
        if job.status != "done" or job.job_type == "homework_video_analysis":
            continue
        command = [sys.executable, "-m", "benchmarks.job_durations", "--one", job.job_type, repeats]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        one = json.loads(told.stdout.splitlines()[-1])
        print(
            f"| {one['job_type']} | {one['first']:.2f} | {one['warm']:.2f} | {one['puts']} "
            f"| {one['kept']} | {one['result']} | {one['peak_mb']} |",
            flush=True,
        )


if __name__ == "__main__":
    if "--one" in sys.argv:
        print(json.dumps(measure(sys.argv[-2], int(sys.argv[-1]))))
    else:
        main()
