"""What a job's code may do to the outside world while it runs."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

from jobs.contract.message import Tier


class FileKind(StrEnum):
    """What a download must turn out to be; sets its size cap and the accepted formats."""

    IMAGE = "image"
    VIDEO = "video"


class Workspace(Protocol):
    """Files in, files out, and the time that is left.

    In production it downloads under guard and writes to S3; in `academy-worker analyze` it
    opens local paths and writes to a directory.
    """

    @property
    def tier(self) -> Tier:
        """The customer's plan, as the queue the job came by says."""
        ...

    def fetch(self, url: str, kind: FileKind) -> Path:
        """Bring a file here; it lives until the job ends. Raises `Permanent` or `Transient`."""
        ...

    def put(self, name: str, data: bytes, content_type: str) -> str:
        """Keep a file of the result, `name` like `crops/q7.png`; returns its reference."""
        ...

    def remaining(self) -> float:
        """Seconds left before the attempt must have ended."""
        ...
