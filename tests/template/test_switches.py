"""What a deployment has with the GPU path and the pull adapter on, and that off leaves nothing."""

import json
import re
from typing import Any

import pytest

from jobs import limits
from jobs.contract.message import Tier
from jobs.tiers import GPU_QUEUE, GPU_TYPES, queue_name
from tests.template.transformed import (
    as_list,
    called,
    of_type,
    referred,
    source,
    statements,
    transformed,
)

GPU = {"GpuEnabled": "true"}
PULL = {"PullEnabled": "true"}
GPU_KINDS = {
    "AWS::ECS::Cluster",
    "AWS::ECS::CapacityProvider",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::ECS::TaskDefinition",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::SecurityGroup",
    "AWS::IAM::InstanceProfile",
}
ROLES = of_type("AWS::IAM::Role")


def holds(condition: Any, given: dict[str, str]) -> bool:
    """Evaluate a condition as CloudFormation does."""
    (kind, value), *_ = condition.items()
    if kind == "Condition":
        return holds(transformed()["Conditions"][value], given)
    if kind == "Fn::Equals":
        left, right = (_value(item, given) for item in value)
        return left == right
    parts = [holds(item, given) for item in value]
    return {"Fn::And": all, "Fn::Or": any, "Fn::Not": lambda all_: not all_[0]}[kind](parts)


def _value(item: Any, given: dict[str, str]) -> str:
    if isinstance(item, dict):
        name = item["Ref"]
        return given.get(name, str(transformed()["Parameters"][name].get("Default", "")))
    return str(item)


def present(given: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Resources a deployment with these parameters has."""
    return {
        name: item
        for name, item in transformed()["Resources"].items()
        if "Condition" not in item or holds({"Condition": item["Condition"]}, given)
    }


def routed(given: dict[str, str]) -> set[str]:
    """Job types that admission puts on the GPU queue."""
    variables = transformed()["Resources"]["AdmitFunction"]["Properties"]["Environment"]
    branches = variables["Variables"]["GPU_TYPES"]["Fn::Join"][1]
    chosen = [
        branch["Fn::If"][1] if holds({"Condition": branch["Fn::If"][0]}, given) else ""
        for branch in branches
    ]
    return set(chosen) - {""}


def test_both_are_off_unless_asked_for() -> None:
    there = present({})

    assert not GPU_KINDS & {item["Type"] for item in there.values()}
    assert [name for name in there if name.startswith(("Gpu", "Pull", "PremiumGpu"))] == []
    assert routed({}) == set()


def test_the_gpu_s_parameter_alone_brings_all_of_it() -> None:
    added = {name: item for name, item in present(GPU).items() if name not in present({})}

    assert {item["Type"] for item in added.values()} >= GPU_KINDS
    assert {item["Condition"] for item in added.values()} <= {"UseGpu", "MonitoredGpu"}
    alone = {name for name in present(PULL) if name not in present({})}
    assert {re.sub(r"Version[0-9a-f]{10}$", "Version", name) for name in alone} == {
        "PullFunction",
        "PullFunctionVersion",
        "PullFunctionAliaslive",
        "PullFunctionDeploymentGroup",
        "PullFunctionRole",
        "PullLogGroup",
        "PullSchedule",
        "PullPermission",
        "PullFunctionEventInvokeConfig",
        "PullAlarm",
    }


def test_nothing_outside_refers_to_what_may_be_absent() -> None:
    without = present({})
    absent = set(transformed()["Resources"]) - set(without)

    def dangling(value: Any) -> set[str]:
        if isinstance(value, dict) and "Fn::If" in value:
            name, yes, no = value["Fn::If"]
            return dangling(yes if holds({"Condition": name}, {}) else no)
        if isinstance(value, dict):
            found = {referred(value)} & absent
            return found.union(*(dangling(item) for item in value.values()))
        if isinstance(value, list):
            return set().union(*(dangling(item) for item in value))
        return set()

    assert {name: dangling(item["Properties"]) for name, item in without.items()} == {
        name: set() for name in without
    }


@pytest.mark.parametrize(
    ("given", "types"),
    [
        (GPU, set()),
        (GPU | {"YoloQuestionModelPath": "/m.onnx"}, {"question_segmentation"}),
        (GPU | {"EmbeddingOnnxPath": "/m"}, {"embedding"}),
        (GPU | {"EmbeddingOnnxPath": "/m", "EmbeddingBackend": "openai"}, set()),
        (GPU | {"EmbeddingOnnxPath": "/m", "EmbeddingBackend": "onnx"}, {"embedding"}),
        ({"YoloQuestionModelPath": "/m.onnx", "EmbeddingOnnxPath": "/m"}, set()),
    ],
)
def test_only_types_with_an_onnx_model_wake_a_gpu(given: dict[str, str], types: set[str]) -> None:
    assert routed(given) == types <= {kind.value for kind in GPU_TYPES}


def test_the_gpu_queue_is_a_work_queue_like_the_others() -> None:
    queue = present(GPU)["PremiumGpuQueue"]["Properties"]

    assert queue["QueueName"]["Fn::Sub"].endswith(f"-{GPU_QUEUE}")
    assert referred(queue["RedrivePolicy"]["deadLetterTargetArn"]) == "WorkDlq"
    assert queue["RedrivePolicy"]["maxReceiveCount"] == limits.WORK_MAX_RECEIVE


def container() -> dict[str, Any]:
    """The one container of the drain task."""
    (found,) = present(GPU)["GpuDrainTask"]["Properties"]["ContainerDefinitions"]
    return dict(found)


def test_the_drain_runs_without_rights_on_its_machine() -> None:
    task = container()

    assert task["User"] == "993"
    assert task["ReadonlyRootFilesystem"] is True
    assert task["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert not task.get("Privileged")
    assert {"Type": "GPU", "Value": "1"} in task["ResourceRequirements"]
    assert "Secrets" not in task


def test_the_drain_is_given_the_time_it_takes_to_stop() -> None:
    assert container()["StopTimeout"] >= limits.DRAIN_GRACE + limits.DRAIN_POLL


def test_the_drain_reads_what_the_readers_read() -> None:
    here = {item["Name"]: item["Value"] for item in container()["Environment"]}
    functions = transformed()["Resources"]
    for name in ("QuestionSegmentationFunction", "EmbeddingFunction"):
        there = functions[name]["Properties"]["Environment"]["Variables"]
        left_out = {"STAGE_NAME", "ALLOW_HTTP_LOOPBACK"} | {
            variable for variable in there if "OPENAI" in variable
        }
        assert {key: here.get(key) for key in there if key not in left_out} == {
            key: value for key, value in there.items() if key not in left_out
        }


def actions(role: str) -> dict[str, set[str]]:
    """Actions of a role by the service they are of."""
    found: dict[str, set[str]] = {}
    for statement in statements(ROLES[role]):
        for action in as_list(statement["Action"]):
            service, _, name = action.partition(":")
            found.setdefault(service, set()).add(name)
    return found


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (
            "GpuTaskRole",
            {
                "sqs": {
                    "ReceiveMessage",
                    "DeleteMessage",
                    "ChangeMessageVisibility",
                    "GetQueueUrl",
                    "SendMessage",
                },
                "dynamodb": {"UpdateItem"},
                "s3": {"GetObject", "PutObject"},
            },
        ),
        (
            "GpuExecutionRole",
            {
                "ecr": {
                    "GetAuthorizationToken",
                    "BatchGetImage",
                    "BatchCheckLayerAvailability",
                    "GetDownloadUrlForLayer",
                },
                "logs": {"CreateLogStream", "PutLogEvents"},
            },
        ),
        (
            "GpuWakeFunctionRole",
            {
                "sqs": {
                    "ReceiveMessage",
                    "DeleteMessage",
                    "GetQueueAttributes",
                    "GetQueueUrl",
                    "SendMessage",
                },
                "dynamodb": {"GetItem"},
                "ecs": {"ListTasks", "DescribeTasks", "RunTask"},
                "iam": {"PassRole"},
            },
        ),
        (
            "PullFunctionRole",
            {
                "sqs": {"SendMessage", "GetQueueUrl"},
                "s3": {"PutObject"},
                "secretsmanager": {"GetSecretValue"},
            },
        ),
    ],
)
def test_a_role_has_these_rights_and_no_more(role: str, rights: dict[str, set[str]]) -> None:
    assert actions(role) == rights


def test_rights_over_all_of_a_cluster_are_over_this_one_only() -> None:
    for statement in statements(ROLES["GpuWakeFunctionRole"]):
        if statement["Sid"] in ("FindTasks", "StartTask"):
            assert referred(statement["Condition"]["ArnEquals"]["ecs:cluster"]) == "GpuCluster"
        if statement["Sid"] == "HandOverRoles":
            passed = {referred(item) for item in as_list(statement["Resource"])}
            assert passed == {"GpuTaskRole", "GpuExecutionRole"}
            told = statement["Condition"]["StringEquals"]["iam:PassedToService"]
            assert told == "ecs-tasks.amazonaws.com"


def test_jobs_that_fall_back_find_their_cpu_queues() -> None:
    (granted,) = [
        statement
        for statement in statements(ROLES["GpuWakeFunctionRole"])
        if statement["Sid"] == "ToTheCpu"
    ]
    queues = of_type("AWS::SQS::Queue")
    names = {
        queues[referred(item)]["Properties"]["QueueName"]["Fn::Sub"].partition("-")[2]
        for item in as_list(granted["Resource"])
    }
    assert names == {queue_name(Tier.PREMIUM, kind) for kind in GPU_TYPES}


def test_machines_give_their_credentials_to_no_container() -> None:
    data = present(GPU)["GpuMachine"]["Properties"]["LaunchTemplateData"]

    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    assert "ECS_AWSVPC_BLOCK_IMDS=true" in json.dumps(data["UserData"])
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True


def test_no_machine_runs_while_nothing_waits() -> None:
    machines = present(GPU)["GpuMachines"]["Properties"]

    assert machines["MinSize"] == "0"
    assert "DesiredCapacity" not in machines, "an update of the stack would set it anew"
    assert "SecurityGroupIngress" not in present(GPU)["GpuSecurityGroup"]["Properties"]


@pytest.mark.parametrize(
    ("rule", "function"),
    [("GpuWakeSchedule", "GpuWakeFunction"), ("PullSchedule", "PullFunction")],
)
def test_a_schedule_may_call_its_function_and_ends_before_it_comes_again(
    rule: str, function: str
) -> None:
    resources = transformed()["Resources"]
    (target,) = resources[rule]["Properties"]["Targets"]
    permission = resources[rule.replace("Schedule", "Permission")]["Properties"]

    assert called(target["Arn"]) == called(permission["FunctionName"]) == function
    assert referred(permission["SourceArn"]) == rule
    assert resources[rule]["Properties"]["ScheduleExpression"] == "rate(1 minute)"
    assert resources[function]["Properties"]["Timeout"] < 60


def test_each_of_their_functions_is_watched() -> None:
    watched = {
        referred(dimension["Value"])
        for item in source()["Resources"].values()
        if item["Type"] == "AWS::CloudWatch::Alarm"
        and item["Properties"].get("MetricName") == "Errors"
        for dimension in item["Properties"]["Dimensions"]
    }
    conditional = {
        name
        for name, item in source()["Resources"].items()
        if item["Type"] == "AWS::Serverless::Function" and "Condition" in item
    }
    assert conditional <= watched
