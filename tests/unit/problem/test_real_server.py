"""The same promises against a server that others wrote: llmock, a process of its own."""

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from analysis.problem.computed import Verdict
from analysis.problem.generator import generate
from faults import Code, Permanent, Transient, Unavailable
from tests.unit.problem.servers import LanguageModel, serving
from tests.unit.problem.test_generator import SOURCE, problem

MINUTE = partial(float, 60)
RESPONSES, CHAT = "/v1/responses", "/v1/chat/completions"
GOOD = json.dumps({"problems": [problem()]}, ensure_ascii=False)


@pytest.fixture(scope="module")
def running() -> Iterator[LanguageModel]:
    with serving("llmock", "serve", "--log-level", "error") as root:
        yield LanguageModel(root)


@pytest.fixture
def server(running: LanguageModel) -> LanguageModel:
    running.reset()
    return running


def made(server: LanguageModel, remaining: Any = MINUTE) -> Any:
    return generate(server.client(), "gpt-4.1-mini", SOURCE, remaining)


def test_structured_output_over_the_responses_api(server: LanguageModel) -> None:
    server.next("reply", text=GOOD)
    generation = made(server)
    assert generation.problems[0].answer == "5"
    assert generation.problems[0].verdict is Verdict.COMPUTED
    assert generation.dialect == "responses"
    assert server.asked() == [RESPONSES]


def test_a_server_without_the_responses_api(server: LanguageModel) -> None:
    server.next("fail", status=404, match={"path": RESPONSES})
    server.next("reply", text=GOOD)
    assert made(server).dialect == "chat"
    server.next("reply", text=GOOD)
    assert made(server).dialect == "chat"
    assert server.asked() == [RESPONSES, CHAT, CHAT]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_left_to_the_queue_with_its_wish(
    server: LanguageModel, status: int
) -> None:
    server.next("fail", status=status, retry_after=7.0)
    with pytest.raises(Unavailable) as caught:
        made(server)
    assert caught.value.retry_after == 7.0
    assert server.asked() == [RESPONSES]


def test_a_slow_server_is_given_up_when_the_time_is(server: LanguageModel) -> None:
    server.next("delay", seconds=4.0)
    began = time.monotonic()
    with pytest.raises(Transient) as caught:
        made(server, lambda: began + 1.5 - time.monotonic())
    assert caught.value.code is Code.OUT_OF_TIME
    assert time.monotonic() - began < 3.0


def test_malformed_answers_are_mended_once_plainly(server: LanguageModel) -> None:
    server.next("reply", text='```json\n{"problems": [{"body": ')
    server.next("reply", text=f"다시 보냅니다.\n```json\n{GOOD}\n```")
    generation = made(server)
    assert (generation.attempts, generation.dialect) == (2, "plain")
    assert server.asked() == [RESPONSES, CHAT]


def test_the_servers_own_filler_is_refused(server: LanguageModel) -> None:
    with pytest.raises(Permanent) as caught:
        made(server)
    assert caught.value.code is Code.MODEL_OUTPUT_INVALID


def test_a_truncated_answer_is_no_result(server: LanguageModel) -> None:
    server.next("fail", status=404, match={"path": RESPONSES})
    server.next("reply", text=GOOD, finish_reason="length")
    with pytest.raises(Permanent, match="cut off"):
        made(server)
