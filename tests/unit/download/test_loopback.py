"""The local run's download: the system's resolver, a real server, nothing injected."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from faults import Code, Permanent
from jobs.download import DownloadPolicy, download
from jobs.workspace import FileKind
from tests.generators.hostile.pictures import jpeg

PHOTO = jpeg()
POLICY = DownloadPolicy((), allow_http_loopback=True)


class Files(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/사진.jpg?x=1")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(PHOTO)))
        self.end_headers()
        self.wfile.write(PHOTO)

    def send_header(self, keyword: str, value: str) -> None:
        self._headers_buffer.append(f"{keyword}: {value}\r\n".encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def files() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/scan.jpg", "/moved", "/사진.jpg?signature=%2Fx"])
def test_a_local_file_arrives_whole(files: str, tmp_path: Path, path: str) -> None:
    saved = download(files + path, FileKind.IMAGE, tmp_path, POLICY, 10)

    assert saved.parent == tmp_path
    assert saved.read_bytes() == PHOTO


def test_two_downloads_of_one_link_are_two_files(files: str, tmp_path: Path) -> None:
    first, second = (download(f"{files}/a", FileKind.IMAGE, tmp_path, POLICY, 10) for _ in range(2))

    assert first != second


def test_proxies_of_the_environment_are_not_used(
    files: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert download(f"{files}/a", FileKind.IMAGE, tmp_path, POLICY, 10).read_bytes() == PHOTO


def test_without_the_local_setting_loopback_is_refused(files: str, tmp_path: Path) -> None:
    with pytest.raises(Permanent) as caught:
        download(f"{files}/a", FileKind.IMAGE, tmp_path, DownloadPolicy(("localhost",)), 10)
    assert caught.value.code == Code.DOWNLOAD_FORBIDDEN
