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
    """The stable error codes: value (what goes over the wire), meaning, and what to do.

    `docs/errors.md` is made of them.
    """

    _value_: str
    meaning: str
    remedy: str

    def __new__(cls, value: str, meaning: str = "", remedy: str = "") -> "Code":
        """Keep the value as the text it is; meaning and remedy ride along."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        code.remedy = remedy
        return code

    # message and contract
    MESSAGE_INVALID = (
        "message_invalid",
        "The message is no JSON object with a usable job_id.",
        "Mend the sender; the message lies in quarantine/.",
    )
    JOB_CONFLICT = (
        "job_conflict",
        "A job of this id was sent before with another body.",
        "Use a new job_id; the first job goes on, this message lies in quarantine/.",
    )
    UNKNOWN_JOB_TYPE = (
        "unknown_job_type",
        "The job type is not known.",
        "Send one of the types the message lists.",
    )
    TIER_FORBIDDEN = (
        "tier_forbidden",
        "The tier of this queue may not run this type.",
        "Send it to a higher tier's queue or drop it.",
    )
    TIER_MISMATCH = (
        "tier_mismatch",
        "The message names another tier than its queue's.",
        "Send it to that tier's queue, or leave tier out.",
    )
    PAYLOAD_INVALID = (
        "payload_invalid",
        "A payload field is missing or wrong.",
        "Mend the fields the message names; see docs/contract.",
    )
    # download
    DOWNLOAD_FORBIDDEN = (
        "download_forbidden",
        "The link leads where downloads may not go.",
        "Send an https link of an allowed host, or allow the host.",
    )
    DOWNLOAD_EXPIRED = (
        "download_expired",
        "The link has expired or is not allowed (HTTP 401, 403).",
        "Sign a new link and submit the job again.",
    )
    DOWNLOAD_MISSING = (
        "download_missing",
        "There is no file at the link.",
        "Upload the file, then submit the job again.",
    )
    DOWNLOAD_TOO_LARGE = (
        "download_too_large",
        "The file is larger than its kind may be.",
        "Send a smaller file.",
    )
    DOWNLOAD_TRUNCATED = (
        "download_truncated",
        "The connection broke before the file was complete.",
        "Tried again by itself; look at the file server if it stays.",
    )
    DOWNLOAD_EMPTY = (
        "download_empty",
        "The file holds no byte.",
        "Upload the file again.",
    )
    DOWNLOAD_WRONG_TYPE = (
        "download_wrong_type",
        "The file is not of an accepted kind, whatever its name says.",
        "Send a picture, PDF or video as the job asks.",
    )
    DOWNLOAD_TIMEOUT = (
        "download_timeout",
        "The file did not arrive in time.",
        "Tried again by itself; send a smaller file if it stays.",
    )
    DOWNLOAD_FAILED = (
        "download_failed",
        "The file server could not be reached or used.",
        "Tried again by itself; look at the file server if it stays.",
    )
    # decoding
    IMAGE_UNREADABLE = (
        "image_unreadable",
        "The picture is broken, cut off or none at all.",
        "Send the picture again as JPEG, PNG, HEIC or PDF.",
    )
    IMAGE_TOO_LARGE = (
        "image_too_large",
        "The picture has more pixels or parts than can be opened safely.",
        "Send a smaller picture.",
    )
    IMAGE_TOO_SMALL = (
        "image_too_small",
        "The picture is too small to be read.",
        "Photograph or scan it larger.",
    )
    DOCUMENT_UNREADABLE = (
        "document_unreadable",
        "The PDF is broken, locked, or too costly to render.",
        "Send it without password, or as pictures.",
    )
    DOCUMENT_TOO_LONG = (
        "document_too_long",
        "The document has too many pages.",
        "Split it.",
    )
    VIDEO_UNREADABLE = (
        "video_unreadable",
        "The file is no video that can be read, or it is cut off.",
        "Send the video again.",
    )
    VIDEO_NO_STREAM = (
        "video_no_stream",
        "The file holds sound or data but no moving picture.",
        "Send the video itself.",
    )
    VIDEO_NO_FRAMES = (
        "video_no_frames",
        "Not one frame of the video could be decoded.",
        "Film it again.",
    )
    VIDEO_TOO_SMALL = (
        "video_too_small",
        "The video's picture is too small to be read.",
        "Film it at 720p or better.",
    )
    VIDEO_TOO_LONG = (
        "video_too_long",
        "The video lasts longer than is read.",
        "Split it.",
    )
    VIDEO_TOO_LARGE = (
        "video_too_large",
        "The video's picture has more pixels than is read.",
        "Film it at 1080p.",
    )
    VIDEO_PAGES = (
        "video_pages",
        "Too many of the video's pages could not be read.",
        "Film it again with more light and a steady hand.",
    )
    # analysis
    TEMPLATE_INVALID = (
        "template_invalid",
        "The template is wrong, or the page does not belong to it.",
        "Mend the template at the path the message names.",
    )
    TEMPLATE_UNAVAILABLE = (
        "template_unavailable",
        "The API did not give the template.",
        "Tried again by itself; look at the API if it stays.",
    )
    OCR_FAILED = (
        "ocr_failed",
        "The text engine broke down.",
        "Tried again by itself; look at the log if it stays.",
    )
    MODEL_INVALID = (
        "model_invalid",
        "A model file is missing or cannot be run.",
        "Operator: put a working model at the configured path.",
    )
    MODEL_MISMATCH = (
        "model_mismatch",
        "Vectors of different models would be compared.",
        "Compute all of them with one model.",
    )
    MODEL_OUTPUT_INVALID = (
        "model_output_invalid",
        "A model answered what its contract does not allow.",
        "Operator: check which model is configured.",
    )
    RENDER_FAILED = (
        "render_failed",
        "The note could not be set.",
        "Report the job's id.",
    )
    NOT_CONFIGURED = (
        "not_configured",
        "The deployment lacks a setting or a package.",
        "Operator: set what the message names, then redrive.",
    )
    # platform
    DEPENDENCY_UNAVAILABLE = (
        "dependency_unavailable",
        "A provider was down until the job's deadline.",
        "Submit it again when the provider is back.",
    )
    OUT_OF_TIME = (
        "out_of_time",
        "The attempt's time was not enough.",
        "Tried again by itself; send less if it stays.",
    )
    RESULT_INVALID = (
        "result_invalid",
        "The result breaks its own contract or its checksum.",
        "Report the job's id.",
    )
    RETRIES_EXHAUSTED = (
        "retries_exhausted",
        "Every try failed; the message tells the last reason.",
        "Look at the reason, then submit it again.",
    )
    DEADLINE = (
        "deadline",
        "There was no answer before the tier's deadline.",
        "Submit it again; operator: look at the queue's age.",
    )
    FLOW_FAILED = (
        "flow_failed",
        "The video's state machine was stopped or ran out of time.",
        "Submit it again.",
    )
    LEASE_LOST = (
        "lease_lost",
        "A newer attempt owns the job; never a job's outcome.",
        "Nothing: the newer attempt answers.",
    )
    INTERNAL = (
        "internal",
        "An error nobody foresaw.",
        "Report the job's id.",
    )


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
