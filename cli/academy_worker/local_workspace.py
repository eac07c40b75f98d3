"""A job's workspace without AWS: local files in, a folder out."""

import time
from pathlib import Path

from faults import Code, Permanent
from jobs.contract.message import Tier
from jobs.workspace import FileKind

ONE_JOB = 600.0
"""s a job may take here."""


class LocalWorkspace:
    """Opens paths as they are; keeps files under `audit`, or nowhere if that is None."""

    def __init__(self, audit: Path | None = None) -> None:
        self._audit = audit
        self._ends = time.monotonic() + ONE_JOB
        self.tier = Tier.LITE  # no queue says more; a payload's own consent counts here too

    def fetch(self, url: str, kind: FileKind) -> Path:
        """Open a local file. Raises `Permanent(download_missing)`."""
        path = Path(url)
        if not path.is_file():
            raise Permanent(Code.DOWNLOAD_MISSING, f"{path.name}: there is no such file")
        return path

    def put(self, name: str, data: bytes, content_type: str) -> str:
        """Keep a file of the result; returns its path, or just its name if nothing is kept."""
        if self._audit is None:
            return name
        path = self._audit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return str(path)

    def remaining(self) -> float:
        """Seconds left."""
        return self._ends - time.monotonic()
