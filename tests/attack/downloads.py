"""Downloads to be attacked, over real sockets and TLS."""

import traceback
from pathlib import Path

import pytest

from faults import WorkerError
from jobs.download import DownloadPolicy, download
from jobs.workspace import FileKind
from tests.attack.internet import Internet
from tests.generators.hostile.pictures import jpeg

PHOTO = jpeg()
SIGNATURE = "X-Amz-Signature=5ecre75ecre7"
URL = f"https://files.example.com/scan.jpg?{SIGNATURE}"
POLICY = DownloadPolicy(("example.com",))


def fetch(
    net: Internet,
    directory: Path,
    url: str = URL,
    *,
    kind: FileKind = FileKind.IMAGE,
    policy: DownloadPolicy = POLICY,
    deadline: float = 10,
) -> Path:
    return download(
        url,
        kind,
        directory,
        policy,
        deadline,
        resolver=net.resolve,
        connector=net.connect,
        tls=net.trust,
    )


def refused(net: Internet, directory: Path, url: str = URL, **options: object) -> WorkerError:
    """Download in vain: no error repeats the link, and no file is left behind."""
    with pytest.raises(WorkerError) as caught:
        fetch(net, directory, url, **options)  # type: ignore[arg-type]
    trace = "".join(traceback.format_exception(caught.value))
    assert "5ecre7" not in trace
    assert "?" not in str(caught.value)
    assert [path for path in directory.iterdir() if path.is_file()] == []
    return caught.value
