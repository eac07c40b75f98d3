"""The demo as a stranger runs it: everything arrives, nothing stays behind."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from academy_worker.commands.demo import REPORT
from academy_worker.cost.model import Prices
from academy_worker.dashboard.figures import figures
from academy_worker.dashboard.log_lines import read_log
from academy_worker.embedded import processes
from academy_worker.embedded.project import INTERPRETER, ROOT
from academy_worker.embedded.run_log import RUN_LOG
from academy_worker.embedded.samples import all_jobs

TIME_LIMIT = 240
UP = "the stack is up"


def start() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(INTERPRETER), "-m", "academy_worker", "demo"],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT / "cli")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def children(pid: int) -> list[int]:
    """The session leaders a process has started: engine and stand-in."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in told]


def test_every_expected_outcome_arrives_and_the_report_is_written() -> None:
    began = time.time()
    with start() as demo:
        output, _ = demo.communicate(timeout=TIME_LIMIT)

    assert demo.returncode == 0, output
    assert "outcomes are as expected" in output
    assert REPORT.stat().st_mtime >= began


def test_the_run_s_metrics_tell_the_same_story() -> None:
    with RUN_LOG.open(encoding="utf-8") as lines:
        found = figures(read_log(lines), Prices.load())

    expected = Counter((job.tier, job.job_type) for job in all_jobs() if job.status == "done")
    assert (
        Counter({(row.tier, row.job_type): row.done for row in found.rows if row.done}) == expected
    )
    failed = sum(sum(row.failed.values()) for row in found.rows)
    assert failed == sum(job.status == "failed" for job in all_jobs())
    assert found.totals["Notified"] == expected.total() + failed
    assert found.totals["Quarantined"] == 1
    assert set(found.depths.values()) == {0}
    assert set(found.cost) >= {job_type for _, job_type in expected}


def test_the_report_fetches_nothing_and_runs_nothing() -> None:
    page = REPORT.read_text(encoding="utf-8")

    assert "<script" not in page
    links = re.findall(r"""(?:src|href)=["']([^"']{0,40})""", page)
    assert links
    assert all(link.startswith("data:image/jpeg;base64,") for link in links)
    assert not re.search(r"@import|url\(", page)


@pytest.mark.parametrize(("tongue", "heading"), [("ko", "판독 결과"), ("en", "What was read")])
def test_the_report_fits_a_phone_in_either_language_without_an_error(
    tmp_path: Path, tongue: str, heading: str
) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here to lay the report out")
    page = tmp_path / "report.html"
    page.write_text(REPORT.read_text(encoding="utf-8"), encoding="utf-8")
    frame = tmp_path / "phone.html"
    frame.write_text(
        '<iframe src="report.html" style="width:390px;height:844px;border:0"></iframe><script>'
        "onload = () => { const page = frames[0].document, wide = page.documentElement;"
        f"page.querySelector('label[for={tongue}]').click();"
        "const all = [...page.querySelectorAll('.card')];"
        "const cut = all.filter(card => card.scrollWidth > card.clientWidth);"
        "const heading = [...page.querySelectorAll('h2')].at(-1).innerText;"
        "document.title = [wide.clientWidth, wide.scrollWidth, cut.length, heading].join(' ') }"
        "</script>",
        encoding="utf-8",
    )

    shown = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         "--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--dump-dom", frame.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert "CONSOLE" not in shown.stderr
    found = re.search(r"<title>(\d+) (\d+) (\d+) (.*)</title>", shown.stdout)
    assert found, "the page did not load"
    inside, needed, cut = map(int, found.groups()[:3])
    assert inside <= 390
    assert (needed, cut) == (inside, 0)
    assert found[4] == heading


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process(how: signal.Signals) -> None:
    with start() as demo:
        assert demo.stdout is not None
        while UP not in demo.stdout.readline():
            pass
        time.sleep(1)  # so that handlers are running
        sessions = children(demo.pid)
        assert len(sessions) == 2, "engine and stand-in lead a session each"

        demo.send_signal(how)
        demo.wait(30)
        demo.stdout.read()

    assert demo.returncode != 0
    deadline = time.monotonic() + 30
    while any(processes.members(session) for session in sessions):
        assert time.monotonic() < deadline, "processes are left"
        time.sleep(0.1)
