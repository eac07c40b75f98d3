"""A job's workspace in production: guarded downloads in, files of the result to S3."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs import limits
from jobs.contract.message import Tier
from jobs.download import DownloadPolicy, download
from jobs.job_files import JobFiles
from jobs.row import JobRow
from jobs.telemetry import Metric, Telemetry
from jobs.workspace import FileKind, Workspace


class CloudWorkspace:
    """Belongs to one attempt; its directory goes away with it."""

    def __init__(
        self,
        row: JobRow,
        directory: Path,
        deadline: float,
        files: JobFiles,
        policy: DownloadPolicy,
        telemetry: Telemetry,
        clock: Callable[[], float],
    ) -> None:
        self._row = row
        self._directory = directory
        self._deadline = deadline
        self._files = files
        self._policy = policy
        self._telemetry = telemetry
        self._clock = clock

    @property
    def tier(self) -> Tier:
        """The customer's plan, as the job's row has it."""
        return self._row.tier

    def fetch(self, url: str, kind: FileKind) -> Path:
        """Download under guard. Raises as `jobs.download.download`."""
        seconds = max(1.0, self.remaining() - limits.DOWNLOAD_MARGIN)
        path = download(url, kind, self._directory, self._policy, seconds)
        self._telemetry.count(
            Metric.DOWNLOAD_BYTES, self._row.tier, self._row.job_type, path.stat().st_size
        )
        return path

    def put(self, name: str, data: bytes, content_type: str) -> str:
        """Keep a file of the result in S3 under this attempt's own key."""
        return self._files.keep_file(self._row, name, data, content_type)

    def remaining(self) -> float:
        """Seconds left of this attempt."""
        return self._deadline - self._clock()


@contextmanager
def cloud_workspace(
    row: JobRow,
    deadline: float,
    files: JobFiles,
    policy: DownloadPolicy,
    telemetry: Telemetry,
    clock: Callable[[], float],
) -> Iterator[Workspace]:
    """Open the workspace of one attempt in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="job-") as directory:
        yield CloudWorkspace(row, Path(directory), deadline, files, policy, telemetry, clock)
