"""Rights the embedded engine does not check, so that a forgotten one would show on AWS only."""

from typing import Any

import pytest

from tests.template.transformed import as_list, called, of_type, referred, statements

FUNCTIONS = of_type("AWS::Lambda::Function")
ROLES = of_type("AWS::IAM::Role")
MAPPINGS = of_type("AWS::Lambda::EventSourceMapping")
ALIASES = of_type("AWS::Lambda::Alias")
MACHINES = of_type("AWS::StepFunctions::StateMachine")
RULES = of_type("AWS::Events::Rule")
QUEUES = of_type("AWS::SQS::Queue")
POLL_QUEUE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
POLL_STREAM = {
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
}


def granted(role: str, resource: str) -> set[str]:
    """Actions a role may do to what a logical name stands for."""
    return {
        action
        for statement in statements(ROLES[role])
        if statement["Effect"] == "Allow"
        for target in as_list(statement["Resource"])
        if resource in (referred(target), _in_sub(target))
        for action in as_list(statement["Action"])
    }


def _in_sub(target: Any) -> str:
    text = target.get("Fn::Sub", "") if isinstance(target, dict) else ""
    return text.removeprefix("${").split(".")[0] if isinstance(text, str) else ""


def role_of(function: str) -> str:
    return referred(FUNCTIONS[function]["Properties"]["Role"])


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_function_may_poll_its_event_source(name: str) -> None:
    properties = MAPPINGS[name]["Properties"]
    source = referred(properties["EventSourceArn"])

    rights = granted(role_of(called(properties["FunctionName"])), source)

    assert (POLL_QUEUE if source in QUEUES else POLL_STREAM) <= rights


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_function_may_write_where_its_failed_batches_go(name: str) -> None:
    properties = MAPPINGS[name]["Properties"]
    target = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")

    if target is not None:
        rights = granted(role_of(called(properties["FunctionName"])), referred(target))
        assert "sqs:SendMessage" in rights


def test_a_state_machine_may_invoke_the_functions_it_names() -> None:
    for name, machine in MACHINES.items():
        role = referred(machine["Properties"]["RoleArn"])
        named = machine["Properties"].get("DefinitionSubstitutions", {}).values()
        aliases = set(map(referred, named)) & set(ALIASES)
        assert aliases, name
        for alias in aliases:
            assert "lambda:InvokeFunction" in granted(role, alias), (name, alias)


def test_a_rule_may_send_to_its_queues() -> None:
    open_queues = {
        referred(queue)
        for policy in of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if as_list(statement["Principal"].get("Service")) == ["events.amazonaws.com"]
        and "sqs:SendMessage" in as_list(statement["Action"])
        for queue in policy["Properties"]["Queues"]
    }
    targets = [target for rule in RULES.values() for target in rule["Properties"]["Targets"]]

    used = {referred(target["Arn"]) for target in targets} | {
        referred(target["DeadLetterConfig"]["Arn"])
        for target in targets
        if "DeadLetterConfig" in target
    }

    assert used & set(QUEUES) <= open_queues
