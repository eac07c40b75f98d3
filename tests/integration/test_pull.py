"""Jobs fetched from the API's list on the real engine, up to the result the API hears."""

import json
from collections.abc import Iterator

import pytest

from academy_worker.embedded.system import running_system
from tests.integration.conftest import Bench

PATIENCE = 40


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_system({"PullEnabled": "true"}) as system:
        yield Bench(system)


def pull(bench: Bench) -> int:
    """Run the function as its schedule does; how many jobs it queued."""
    name = f"{bench.system.deployment.stack}-pull"
    answer = bench.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    told = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, told
    return int(told["jobs"])


def test_jobs_of_the_list_are_answered_even_if_handed_out_twice(bench: Bench) -> None:
    texts = {"texts": ["가", "나"], "vectors": False}
    forbidden = {"id": "pulled-2", "type": "embedding", "tier": "lite", "payload": texts}
    read = {"id": "pulled-1", "type": "embedding", "source_id": 4711, "payload": texts}
    for job in (read, forbidden, read):
        bench.system.stand_in.offer(job)

    pull(bench)

    told = bench.outcome("pulled-1", PATIENCE)
    assert (told["status"], told["submission_id"]) == ("done", 4711)
    assert bench.row("pulled-1").tier == "premium"
    assert bench.outcome("pulled-2", PATIENCE)["error_code"] == "tier_forbidden"
    assert pull(bench) == 0
    bench.until(lambda: bench.messages("premium-ingress") == 0, 20, "the double was not taken")
    assert bench.row("pulled-1").attempt == 1
    assert len(bench.taken("pulled-1")) == 1
