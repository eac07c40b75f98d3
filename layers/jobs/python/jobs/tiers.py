"""What each tier may ask for, and on which work queue it goes.

Facts: lite reads text only; basic also grades sheets (and so may have the wrong-answer note) and
reads homework videos; premium may have everything.
"""

from faults import Code, Permanent
from jobs.contract.message import JobType, Tier

ALLOWED: dict[Tier, frozenset[JobType]] = {
    Tier.LITE: frozenset({JobType.OCR}),
    Tier.BASIC: frozenset(
        {
            JobType.OCR,
            JobType.OMR_GRADING,
            JobType.WRONG_NOTE,
            JobType.HOMEWORK_VIDEO_ANALYSIS,
        }
    ),
    Tier.PREMIUM: frozenset(JobType),
}

GPU_TYPES = frozenset({JobType.QUESTION_SEGMENTATION, JobType.EMBEDDING})
"""Types whose ONNX models gain from a GPU; premium only."""

GPU_QUEUE = "premium-gpu"


def queue_name(tier: Tier, job_type: JobType) -> str:
    """Name the work queue of a tier and type, like `lite-ocr`."""
    return f"{tier.value}-{job_type.value.replace('_', '-')}"


WORK_QUEUES: dict[str, tuple[Tier, JobType]] = {
    queue_name(tier, job_type): (tier, job_type)
    for tier, types in ALLOWED.items()
    for job_type in sorted(types)
}
"""Every CPU work queue; the template is tested to have exactly these."""


def route(tier: Tier, job_type: str) -> JobType:
    """Check that a tier may ask for a type.

    Raises `Permanent` with `unknown_job_type` or `tier_forbidden`.
    """
    try:
        known = JobType(job_type)
    except ValueError:
        raise Permanent(
            Code.UNKNOWN_JOB_TYPE, f"job_type must be one of {', '.join(JobType)}"
        ) from None
    if known not in ALLOWED[tier]:
        allowed = ", ".join(sorted(ALLOWED[tier]))
        raise Permanent(Code.TIER_FORBIDDEN, f"tier {tier} may run {allowed}; not {known}")
    return known
