"""The stand-in over HTTP: results, outages, files, templates, pulled jobs."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from academy_worker.embedded.api_rules import ResultDesk
from academy_worker.embedded.api_stand_in import META_PATH, NEXT_PATH, RESULT_PATH, StandIn, server
from academy_worker.embedded.stand_in import StandInProcess
from jobs.api import ApiClient, Verdict
from jobs.contract.message import ApiResult

TOKEN = "right"
OUTCOME = ApiResult(job_id="j1", submission_id=None, status="done", result={"a": 1}, error=None)


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandInProcess]:
    folder = tmp_path / "files"
    (folder / "meta").mkdir(parents=True)
    served = server(0, StandIn(ResultDesk(TOKEN), folder))
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield StandInProcess(served.server_port, 0, folder)
    served.shutdown()
    served.server_close()
    thread.join()


def get(stand_in: StandInProcess, path: str, token: str = TOKEN) -> tuple[int, bytes]:
    request = urllib.request.Request(stand_in.url + path, headers={"X-Worker-Token": token})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def api(stand_in: StandInProcess, token: str = TOKEN) -> ApiClient:
    return ApiClient(stand_in.url, lambda fresh: token, "worker-1", lambda: 0.0)


def test_the_product_s_own_client_delivers(stand_in: StandInProcess) -> None:
    answer = api(stand_in).post(OUTCOME)

    assert answer.verdict is Verdict.SENT
    (post,) = stand_in.posts()
    assert post["body"] == OUTCOME.model_dump()
    assert (post["status"], post["worker"], post["problems"]) == (200, "worker-1", [])


def test_a_wrong_token_is_refused_and_recorded(stand_in: StandInProcess) -> None:
    assert api(stand_in, "wrong").post(OUTCOME).verdict is Verdict.UNAUTHORIZED
    assert {post["status"] for post in stand_in.posts()} == {401}


@pytest.mark.parametrize("status", [503, 429, 0])
def test_an_outage_lasts_as_long_as_it_is_told_to(stand_in: StandInProcess, status: int) -> None:
    stand_in.out_of_order(status, count=2, retry_after=3)

    verdicts = [api(stand_in).post(OUTCOME) for _ in range(3)]

    assert [answer.verdict for answer in verdicts] == [Verdict.LATER, Verdict.LATER, Verdict.SENT]
    assert verdicts[0].retry_after == (3 if status else None)
    assert len(stand_in.posts()) == 1, "a refused post is not taken"


def test_files_are_served_from_the_folder_alone(stand_in: StandInProcess) -> None:
    (stand_in.folder / "시험지 1.png").write_bytes(b"png")
    (stand_in.folder.parent / "secret").write_bytes(b"no")
    name = stand_in.file_url("시험지 1.png").removeprefix(f"http://localhost:{stand_in.port}")

    assert get(stand_in, name) == (200, b"png")
    assert get(stand_in, "/files/..%2Fsecret")[0] == 404
    assert get(stand_in, "/files/../secret")[0] == 404
    assert get(stand_in, "/files/none.png")[0] == 404


def test_a_template_is_served_by_its_number_of_questions(stand_in: StandInProcess) -> None:
    (stand_in.folder / "meta" / "20.json").write_text('{"version": "x"}')

    assert get(stand_in, f"{META_PATH}?question_count=20") == (200, b'{"version": "x"}')
    assert get(stand_in, f"{META_PATH}?question_count=30")[0] == 404
    assert get(stand_in, f"{META_PATH}?question_count=../x")[0] == 404
    assert get(stand_in, f"{META_PATH}?question_count=20", token="wrong")[0] == 401


def test_jobs_are_pulled_one_by_one(stand_in: StandInProcess) -> None:
    job: dict[str, Any] = {"id": "j1", "type": "ocr"}
    stand_in.offer(job)

    assert json.loads(get(stand_in, NEXT_PATH)[1]) == {"job": job}
    assert json.loads(get(stand_in, NEXT_PATH)[1]) == {"job": None}
    assert get(stand_in, NEXT_PATH, token="")[0] == 401


def test_an_unknown_path_is_not_found(stand_in: StandInProcess) -> None:
    assert get(stand_in, "/api/v2/")[0] == 404
    assert get(stand_in, RESULT_PATH)[0] == 404
