"""The demo's jobs, made of the project's own samples."""

from academy_worker.embedded.demo_jobs import DemoJob, refusals


def all_jobs() -> list[DemoJob]:
    """List every job of the demo."""
    return refusals()
