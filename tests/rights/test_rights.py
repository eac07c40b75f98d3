"""Each function works with its role's rights, and each right is one it would miss."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from jobs import limits
from tests.rights.account import Account, api
from tests.rights.guard import Guard, Use, install
from tests.rights.roles import Right, arns, of_sources, rights_of
from tests.rights.scenarios import SCENARIOS
from tests.template.transformed import of_type

REFS = arns(
    WorkerTokenSecretArn="token", OpenAiSecretArn="openai", GoogleSecretArn="google", VideoFlow="f"
)


def needed(role: str, known: dict[str, str]) -> list[Right]:
    """The rights our code uses itself; those of event sources are Lambda's."""
    polled = of_sources(role, known)
    return [one for one in rights_of(role, known) if (one.action, one.resource) not in polled]


def named(role: str) -> list[tuple[str, str]]:
    """(statement, action) of a role's own rights."""
    return sorted({(right.sid, right.action) for right in needed(role, REFS)})


RIGHTS = [(role, sid, action) for role in SCENARIOS for sid, action in named(role)]


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    found = Guard()
    with pytest.MonkeyPatch.context() as monkeypatch:
        install(found, monkeypatch)
        yield found


@pytest.fixture(scope="module")
def account(guard: Guard) -> Iterator[Account]:
    answers = {"GET": 200, "POST": 200}
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws(), api(answers) as url:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
        monkeypatch.setattr(limits, "INLINE_BYTES", 5)  # payloads and results go to the bucket
        made = Account(url, answers)
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made
        made.forget()


def play(
    guard: Guard, account: Account, role: str, rights: list[Right], *, brief: bool = False
) -> Guard:
    account.brief = brief
    doing = SCENARIOS[role](account)
    with guard.enforced(rights):
        doing()
    return guard


@pytest.mark.parametrize("role", SCENARIOS)
def test_a_function_does_its_work_with_its_rights_and_uses_each(
    guard: Guard, account: Account, role: str
) -> None:
    rights = rights_of(role, account.known)
    played = play(guard, account, role, rights)
    assert played.refused == set()
    own = needed(role, account.known)
    unused = [str(one) for one in own if not any(use.covered_by(one) for use in played.used)]
    assert unused == []


@pytest.mark.parametrize(("role", "sid", "action"), RIGHTS)
def test_without_a_right_its_function_is_refused_by_name(
    guard: Guard, account: Account, role: str, sid: str, action: str
) -> None:
    kept = [
        right
        for right in rights_of(role, account.known)
        if (right.sid, right.action) != (sid, action)
    ]
    refused = play(guard, account, role, kept, brief=True).refused
    assert refused
    assert {use.action for use in refused} == {action}


def test_a_call_beyond_the_rights_is_refused() -> None:
    guard = Guard()
    right = Right("R", "S", "sqs:SendMessage", "arn:aws:sqs:ap-northeast-2:123456789012:a")
    with guard.enforced([right]):
        guard.check(Use("sqs:SendMessage", right.resource))
        with pytest.raises(Exception, match="not authorized to perform: sqs:SendMessage"):
            guard.check(Use("sqs:SendMessage", right.resource + "b"))


_STEPS = ("Claim", "Probe", "Extract", "Merge", "Pages", "Finish")
ELSEWHERE = {
    *(f"Video{step}FunctionRole" for step in _STEPS),
    "VideoFlowRole",
    "GpuMachineRole",
    "GpuExecutionRole",
    "GpuWakeFunctionRole",
    "DeploymentRole",
}
"""Roles of the flow's steps (tests/flow), and those that services of AWS act under: the state
machine's (tests/template), the agent's of a GPU machine, the one that pulls its image,
CodeDeploy's. The engine and moto run no tasks, so that the role that starts them is checked on AWS
only."""


def test_no_role_is_forgotten() -> None:
    assert set(SCENARIOS) | ELSEWHERE == set(of_type("AWS::IAM::Role"))
    assert not set(SCENARIOS) & ELSEWHERE
