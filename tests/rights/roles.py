"""The rights of the template's roles, with every reference filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.template.transformed import as_list, called, of_type, referred, statements

REGION, ACCOUNT, STACK = "ap-northeast-2", "123456789012", "academy"
_PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": STACK,
    "AWS::Partition": "aws",
}


@dataclass(frozen=True, slots=True)
class Right:
    """One action a role may do to what matches `resource`; `sid` is the statement's name."""

    role: str
    sid: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.role}-{self.sid}-{self.action}-{self.resource.split(':', 5)[-1]}"


def queue_arns() -> dict[str, str]:
    """Logical id of each queue -> ARN."""
    return {
        name: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{_sub(item['Properties']['QueueName'], {})}"
        for name, item in of_type("AWS::SQS::Queue").items()
    }


def arns(**given: str) -> dict[str, str]:
    """What `X`, `X.Arn` and `X.StreamArn` stand for; `given` adds to it or overrides."""
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/jobs"
    found = {f"{name}.Arn": arn for name, arn in queue_arns().items()}
    return found | {
        "JobsTable.Arn": table,
        "JobsTable.StreamArn": f"{table}/stream/1",
        "ResultsBucket.Arn": "arn:aws:s3:::results",
        **given,
    }


def rights_of(role: str, known: Mapping[str, str]) -> list[Right]:
    """Every right of a role, one for each action and resource."""
    return [
        Right(role, statement["Sid"], action, _resolve(target, known))
        for statement in statements(of_type("AWS::IAM::Role")[role])
        for action in as_list(statement["Action"])
        for target in as_list(statement["Resource"])
    ]


def of_sources(role: str, known: Mapping[str, str]) -> set[tuple[str, str]]:
    """(action, resource) a role has for its event sources; Lambda uses them, not our code."""
    found: set[tuple[str, str]] = set()
    functions = of_type("AWS::Lambda::Function")
    for mapping in of_type("AWS::Lambda::EventSourceMapping").values():
        given = mapping["Properties"]
        function = functions[called(given["FunctionName"])]
        if referred(function["Properties"]["Role"]) != role:
            continue
        source = _resolve(given["EventSourceArn"], known)
        actions = _POLL_QUEUE if ":sqs:" in source else _POLL_STREAM
        found |= {(action, source) for action in actions}
        failed = given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if failed is not None:
            found.add(("sqs:SendMessage", _resolve(failed, known)))
    return found


_POLL_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_POLL_STREAM = (
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
)


def _resolve(value: Any, known: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    [(function, given)] = value.items()
    if function == "Fn::If":
        return _resolve(given[1], known)
    if function == "Fn::GetAtt":
        return known[given if isinstance(given, str) else ".".join(given)]
    return known[given] if function == "Ref" else _sub(value, known)


def _sub(value: Any, known: Mapping[str, str]) -> str:
    text = value["Fn::Sub"]
    return re.sub(r"\$\{([^}]+)\}", lambda found: (_PSEUDO | dict(known))[found[1]], text)
