"""What no linter says about the template, held against the transformed one."""

import json
import re
from typing import Any

import pytest

from jobs import limits
from jobs.contract.message import Tier
from jobs.tiers import WORK_QUEUES
from tests.template.transformed import (
    as_list,
    called,
    of_type,
    referred,
    source,
    statements,
    transformed,
)

QUEUES = of_type("AWS::SQS::Queue")
MAPPINGS = of_type("AWS::Lambda::EventSourceMapping")
FUNCTIONS = of_type("AWS::Lambda::Function")
ROLES = of_type("AWS::IAM::Role")
SQS_MAPPINGS = {
    name: item
    for name, item in MAPPINGS.items()
    if referred(item["Properties"]["EventSourceArn"]) in QUEUES
}
DEAD_LETTERS = {name for name in QUEUES if name.endswith("Dlq")}
UNCONSUMED = {"NotifyDlq", "PlatformDlq"}
"""Dead letters that raise an alarm and that the sweeper makes good from the table."""

DRAINED = {"PremiumGpuQueue"}
"""Queues that a task polls by itself, without a mapping."""

SECRET_READERS = {
    "WorkerTokenSecretArn": {
        "NotifyFunctionRole",
        "OmrGradingFunctionRole",
        "PullFunctionRole",
    },
    "OpenAiSecretArn": {"EmbeddingFunctionRole", "ProblemGenerationFunctionRole"},
    "GoogleSecretArn": {"OcrFunctionRole"},
}


def queue_name(resource: dict[str, Any]) -> str:
    return str(resource["Properties"]["QueueName"]["Fn::Sub"]).removeprefix("${AWS::StackName}-")


def function_of(mapping: dict[str, Any]) -> dict[str, Any]:
    return FUNCTIONS[called(mapping["Properties"]["FunctionName"])]


@pytest.mark.parametrize("name", SQS_MAPPINGS)
def test_no_filter_drops_messages_of_a_queue(name: str) -> None:
    assert "FilterCriteria" not in SQS_MAPPINGS[name]["Properties"]


@pytest.mark.parametrize("name", SQS_MAPPINGS)
def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_run(name: str) -> None:
    mapping = SQS_MAPPINGS[name]
    queue = QUEUES[referred(mapping["Properties"]["EventSourceArn"])]
    timeout = function_of(mapping)["Properties"]["Timeout"]
    assert queue["Properties"]["VisibilityTimeout"] >= 6 * timeout


@pytest.mark.parametrize("name", SQS_MAPPINGS)
def test_a_batch_may_fail_in_part_and_its_pollers_are_bounded(name: str) -> None:
    properties = SQS_MAPPINGS[name]["Properties"]
    assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    bounds = source()["Mappings"]["Concurrency"]
    row = properties["ScalingConfig"]["MaximumConcurrency"]["Fn::FindInMap"][2]
    assert all(scale[row] >= 2 for scale in bounds.values())


def test_every_queue_has_exactly_one_consumer() -> None:
    sources = [referred(item["Properties"]["EventSourceArn"]) for item in SQS_MAPPINGS.values()]
    assert len(sources) == len(set(sources))
    assert set(QUEUES) - set(sources) == UNCONSUMED | DRAINED


@pytest.mark.parametrize("name", set(QUEUES) - DEAD_LETTERS)
def test_a_queue_gives_up_into_dead_letters_that_are_kept_longer(name: str) -> None:
    properties = QUEUES[name]["Properties"]
    dead = QUEUES[referred(properties["RedrivePolicy"]["deadLetterTargetArn"])]
    assert properties["RedrivePolicy"]["maxReceiveCount"] >= 5
    kept = dead["Properties"]["MessageRetentionPeriod"]
    assert kept == 14 * 86400
    assert kept >= properties["MessageRetentionPeriod"]


def test_receive_counts_are_those_the_code_reckons_with() -> None:
    def counts(suffix: str) -> set[int]:
        return {
            item["Properties"]["RedrivePolicy"]["maxReceiveCount"]
            for item in QUEUES.values()
            if queue_name(item).endswith(suffix) and "RedrivePolicy" in item["Properties"]
        }

    work = {
        item["Properties"]["RedrivePolicy"]["maxReceiveCount"]
        for item in QUEUES.values()
        if queue_name(item) in WORK_QUEUES
    }
    assert work == {limits.WORK_MAX_RECEIVE}
    assert counts("-ingress") == {limits.INGRESS_MAX_RECEIVE}
    assert counts("notify") == {limits.NOTIFY_MAX_RECEIVE}


def test_queues_are_those_of_the_routes() -> None:
    names = {queue_name(item) for item in QUEUES.values()}
    dead = {queue_name(QUEUES[name]) for name in DEAD_LETTERS}
    others = {f"{tier}-ingress" for tier in Tier} | {"notify", "flow-ended"} | GPU_QUEUES
    assert names - dead == set(WORK_QUEUES) | others


GPU_QUEUES = {queue_name(item) for item in QUEUES.values() if item.get("Condition") == "UseGpu"}


def test_no_statement_covers_everything() -> None:
    broad = [
        (role, statement["Sid"])
        for role, item in ROLES.items()
        for statement in statements(item)
        if "*" in as_list(statement["Resource"]) and statement["Sid"] not in MAY_COVER_ALL
    ]
    assert broad == []


MAY_COVER_ALL = {"DeliverLogs", "WatchAlarms", "FindEcs", "FindTasks", "EnterRegistry"}
"""Log delivery of a state machine, the way to ECS, the list of a cluster's tasks (its condition
names the cluster) and the way into the registry: AWS offers no resource for these."""


@pytest.mark.parametrize("role", ROLES)
def test_actions_are_named_one_by_one(role: str) -> None:
    for statement in statements(ROLES[role]):
        assert all("*" not in action for action in as_list(statement["Action"]))


@pytest.mark.parametrize("role", ROLES)
def test_no_managed_policy_beyond_writing_logs(role: str) -> None:
    arns = [json.dumps(arn) for arn in ROLES[role]["Properties"].get("ManagedPolicyArns", [])]
    allowed = re.compile("AWSLambdaBasicExecutionRole|AmazonECSTaskExecutionRolePolicy|ECSInfra")
    assert all(allowed.search(arn) for arn in arns)


@pytest.mark.parametrize("secret", SECRET_READERS)
def test_a_secret_is_read_by_exactly_these_roles(secret: str) -> None:
    readers = {
        role
        for role, item in ROLES.items()
        for statement in statements(item)
        if any("secretsmanager" in action for action in as_list(statement["Action"]))
        and secret in [referred(resource) for resource in as_list(statement["Resource"])]
    }
    assert readers == SECRET_READERS[secret]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_bounded_and_its_log_group_is_its_own(name: str) -> None:
    properties = FUNCTIONS[name]["Properties"]
    assert properties["Description"]
    assert properties["Timeout"] <= 900
    assert properties["MemorySize"] >= 256
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"
    group = transformed()["Resources"][referred(properties["LoggingConfig"]["LogGroup"])]
    assert group["Properties"]["RetentionInDays"]
    assert group["Properties"]["LogGroupName"]["Fn::Sub"].endswith(
        properties["FunctionName"]["Fn::Sub"]
    )


def test_all_image_functions_share_one_build() -> None:
    metadata = [
        json.dumps(item["Metadata"], sort_keys=True)
        for item in source()["Resources"].values()
        if item.get("Properties", {}).get("PackageType") == "Image"
    ]
    assert len(metadata) >= 7
    assert len(set(metadata)) == 1


def test_every_handler_exists() -> None:
    from importlib import import_module

    for item in source()["Resources"].values():
        if item["Type"] != "AWS::Serverless::Function":
            continue
        properties = item["Properties"]
        if properties.get("PackageType") == "Image":
            path = properties["ImageConfig"]["Command"][0]
        else:
            path = f"functions.{properties['Handler']}"
        module, _, name = path.rpartition(".")
        assert callable(getattr(import_module(module), name)), path


def test_the_table_can_be_restored_expires_and_streams() -> None:
    table = transformed()["Resources"]["JobsTable"]
    properties = table["Properties"]
    assert table["DeletionPolicy"] == "Retain"
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert properties["SSESpecification"]["SSEEnabled"]
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert properties["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


@pytest.mark.parametrize("bucket", of_type("AWS::S3::Bucket"))
def test_a_bucket_is_private_encrypted_and_forgets(bucket: str) -> None:
    properties = of_type("AWS::S3::Bucket")[bucket]["Properties"]
    assert all(properties["PublicAccessBlockConfiguration"].values())
    assert properties["BucketEncryption"]
    prefixes = {rule["Prefix"] for rule in properties["LifecycleConfiguration"]["Rules"]}
    assert {"results/", "payloads/", "frames/", "quarantine/"} <= prefixes
    policies = [
        item
        for item in of_type("AWS::S3::BucketPolicy").values()
        if referred(item["Properties"]["Bucket"]) == bucket
    ]
    assert any(
        statement["Effect"] == "Deny" and "aws:SecureTransport" in json.dumps(statement)
        for item in policies
        for statement in item["Properties"]["PolicyDocument"]["Statement"]
    )


def test_readers_cannot_write_rows_anew_and_the_notifier_cannot_write_files() -> None:
    def actions(role: str) -> set[str]:
        return {
            action
            for statement in statements(ROLES[role])
            for action in as_list(statement["Action"])
        }

    for name, item in source()["Resources"].items():
        if item.get("Properties", {}).get("PackageType") == "Image":
            assert "dynamodb:PutItem" not in actions(f"{name}Role")
    assert "s3:PutObject" not in actions("NotifyFunctionRole")
