"""AWS's decision, made before each call our code sends: a call no right covers is refused."""

import fnmatch
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.rights.roles import ACCOUNT, REGION, Right

_ACTIONS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "s3:HeadObject": "s3:GetObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
}
"""Operations whose right has another name."""

_THE_TEST_S_OWN = {"lambda"}
"""What moto's state machine calls to play its states."""

_SERVICES = {"stepfunctions": "states"}


@dataclass(frozen=True, slots=True)
class Use:
    """One call: what was done to what."""

    action: str
    resource: str

    def covered_by(self, right: Right) -> bool:
        """Whether a right allows it; `*` in a right's resource stands for anything."""
        return self.action == right.action and fnmatch.fnmatchcase(self.resource, right.resource)


@dataclass
class Guard:
    """Refuses what `rights` do not cover while `on`; `exempt` is a thread of the test's own."""

    rights: Sequence[Right] = ()
    on: bool = False
    exempt: threading.Thread | None = None
    used: set[Use] = field(default_factory=set)
    refused: set[Use] = field(default_factory=set)

    @property
    def watching(self) -> bool:
        """Whether the current thread's calls are judged."""
        return self.on and threading.current_thread() is not self.exempt

    def check(self, use: Use) -> None:
        """Note a call. Raises `ClientError` as AWS does if no right covers it."""
        self.used.add(use)
        if not any(use.covered_by(right) for right in self.rights):
            self.refused.add(use)
            message = f"not authorized to perform: {use.action} on resource: {use.resource}"
            error = {"Code": "AccessDeniedException", "Message": message}
            raise ClientError({"Error": error}, use.action)

    @contextmanager
    def enforced(self, rights: Sequence[Right]) -> Iterator["Guard"]:
        """Let the block's calls be judged by these rights."""
        self.rights, self.on = rights, True
        self.used, self.refused = set(), set()
        try:
            yield self
        finally:
            self.on = False


def install(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in the way of every client of every session."""
    call = BaseClient._make_api_call

    def checked(self: Any, operation_name: str, api_params: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        if guard.watching and service not in _THE_TEST_S_OWN:
            guard.check(use_of(service, operation_name, api_params))
        return call(self, operation_name, api_params)

    monkeypatch.setattr(BaseClient, "_make_api_call", checked)


def use_of(service: str, operation: str, given: dict[str, Any]) -> Use:
    """What a call does to what. Raises `KeyError` for a service nobody has taught it."""
    action = f"{_SERVICES.get(service, service)}:{operation}"
    return Use(_ACTIONS.get(action, action), _RESOURCES[service](given))


def _queue(given: dict[str, Any]) -> str:
    name = given.get("QueueName") or given["QueueUrl"].rsplit("/", 1)[-1]
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def _table(given: dict[str, Any]) -> str:
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{given['TableName']}"
    return f"{table}/index/{given['IndexName']}" if "IndexName" in given else table


_RESOURCES = {
    "sqs": _queue,
    "dynamodb": _table,
    "s3": lambda given: f"arn:aws:s3:::{given['Bucket']}/{given['Key']}",
    "secretsmanager": lambda given: given["SecretId"],
    "stepfunctions": lambda given: given["stateMachineArn"],
}
