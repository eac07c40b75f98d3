"""Every error a job can end with, and what the platform does about it.

::

    WorkerError(code, message)
    ├── Permanent            the job ends failed at once; the API is told
    ├── Transient            the lease is released; the message comes back after a jittered delay
    ├── Unavailable          a provider is down; a delayed copy is sent, no receive count is spent
    └── LeaseLost            another attempt owns the job; the result is dropped

The codes are stable: the API and the operators match on them. A message is safe to show and to
store: it never holds a URL's query, a secret or a student's text.
"""

from enum import StrEnum


class Code(StrEnum):
    """The stable error codes; the value is what goes over the wire."""

    # message and contract
    MESSAGE_INVALID = "message_invalid"
    JOB_CONFLICT = "job_conflict"
    UNKNOWN_JOB_TYPE = "unknown_job_type"
    TIER_FORBIDDEN = "tier_forbidden"
    TIER_MISMATCH = "tier_mismatch"
    PAYLOAD_INVALID = "payload_invalid"
    # download
    DOWNLOAD_FORBIDDEN = "download_forbidden"
    DOWNLOAD_EXPIRED = "download_expired"
    DOWNLOAD_MISSING = "download_missing"
    DOWNLOAD_TOO_LARGE = "download_too_large"
    DOWNLOAD_TRUNCATED = "download_truncated"
    DOWNLOAD_EMPTY = "download_empty"
    DOWNLOAD_WRONG_TYPE = "download_wrong_type"
    DOWNLOAD_TIMEOUT = "download_timeout"
    DOWNLOAD_FAILED = "download_failed"
    # decoding
    IMAGE_UNREADABLE = "image_unreadable"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_TOO_SMALL = "image_too_small"
    DOCUMENT_UNREADABLE = "document_unreadable"
    DOCUMENT_TOO_LONG = "document_too_long"
    VIDEO_UNREADABLE = "video_unreadable"
    VIDEO_NO_FRAMES = "video_no_frames"
    VIDEO_TOO_LONG = "video_too_long"
    VIDEO_TOO_LARGE = "video_too_large"
    VIDEO_PAGES = "video_pages"
    # analysis
    TEMPLATE_INVALID = "template_invalid"
    TEMPLATE_UNAVAILABLE = "template_unavailable"
    OCR_FAILED = "ocr_failed"
    MODEL_INVALID = "model_invalid"
    MODEL_MISMATCH = "model_mismatch"
    MODEL_OUTPUT_INVALID = "model_output_invalid"
    RENDER_FAILED = "render_failed"
    NOT_CONFIGURED = "not_configured"
    # platform
    DEPENDENCY_UNAVAILABLE = "dependency_unavailable"
    OUT_OF_TIME = "out_of_time"
    RESULT_INVALID = "result_invalid"
    RETRIES_EXHAUSTED = "retries_exhausted"
    DEADLINE = "deadline"
    FLOW_FAILED = "flow_failed"
    LEASE_LOST = "lease_lost"
    INTERNAL = "internal"


class WorkerError(Exception):
    """An error with a stable code; `message` says what to do about it, without secrets."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(f"{code.value}: {message}")
        self.code = code
        self.message = message


class Permanent(WorkerError):
    """Trying again cannot help: the input or the configuration is wrong."""


class Transient(WorkerError):
    """Trying again may help: a timeout, a broken connection, a throttled service."""


class Unavailable(WorkerError):
    """A provider is down or asks for patience; `retry_after` is in seconds, None if unsaid."""

    def __init__(self, dependency: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(Code.DEPENDENCY_UNAVAILABLE, f"{dependency}: {message}")
        self.dependency = dependency
        self.retry_after = retry_after


class LeaseLost(WorkerError):
    """Another attempt has taken the job over; whatever this one found is dropped."""

    def __init__(self, job_id: str) -> None:
        super().__init__(Code.LEASE_LOST, f"job {job_id} belongs to a newer attempt")
