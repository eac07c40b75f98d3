"""Every metric on the dashboard and in an alarm is there: emitted by our code, or AWS's own."""

import contextlib
import copy
import io
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
from moto import mock_aws

from academy_worker.cost.model import Prices
from jobs.contract.message import Tier
from jobs.telemetry import NAMESPACE, CloudTelemetry, Metric
from jobs.tiers import ALLOWED, WORK_QUEUES
from tests.protocol.harness.schedule import (
    ApiTrouble,
    Behaviour,
    Faults,
    JobPlan,
    Kind,
    Outage,
    Schedule,
)
from tests.protocol.harness.world import BUCKET, CountingTelemetry, World
from tests.template.metric_uses import STACK, Names, Use, of_widget, uses, widgets
from tests.template.transformed import of_type, source

AWS_METRICS = {
    "AWS/SQS": (
        {
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfMessagesReceived",
        },
        "QueueName",
    ),
    "AWS/Lambda": (
        {"Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
        "FunctionName",
    ),
    "AWS/States": (
        {f"Executions{end}" for end in ("Started", "Succeeded", "Failed", "Aborted", "TimedOut")},
        "StateMachineArn",
    ),
}
"""Names and the one dimension, from AWS's lists of metrics of these services."""

ACCOUNT_WIDE = {("AWS/Lambda", "Throttles")}
"""Metrics used without a dimension: the sum over the account and region."""

Check = Callable[[dict[str, Any]], list[str]]


class Telling(CountingTelemetry):
    """Counts for the harness and emits as in production."""

    def __init__(self) -> None:
        super().__init__()
        self._cloud = CloudTelemetry(STACK)

    def count(
        self, metric: Metric, tier: str, job_type: str, value: float = 1, code: str = ""
    ) -> None:
        super().count(metric, tier, job_type, value, code)
        self._cloud.count(metric, tier, job_type, value, code)


SCHEDULES = (
    Schedule(
        jobs=(
            JobPlan(sent_twice=True),
            JobPlan(behaviour=Behaviour.TRANSIENT_TWICE, other_body_after=5.0),
            JobPlan(behaviour=Behaviour.PROVIDER_DOWN_1H),
            JobPlan(behaviour=Behaviour.PERMANENT),
            JobPlan(kind=Kind.NO_ID),
        ),
        outages=(Outage(0.0, 60.0), Outage(60.0, 600.0, ApiTrouble.WRONG_TOKEN)),
    ),
    Schedule(jobs=tuple(JobPlan(behaviour=Behaviour.ZOMBIE) for _ in range(8))),
    Schedule(jobs=(JobPlan(),), faults=Faults(api_rejects=1.0)),
    Schedule(jobs=tuple(JobPlan() for _ in range(20)), faults=Faults(loss=0.3, throttle=0.1)),
)
"""Evenings in which everything happens that is counted, but for a message without a row."""


@lru_cache
def emitted() -> frozenset[tuple[str, frozenset[str]]]:
    """(name, dimensions) of each metric that the protocol's own code writes when it is played."""
    out = io.StringIO()
    with mock_aws(), contextlib.redirect_stdout(out):
        import boto3

        boto3.client("s3", "us-east-1").create_bucket(Bucket=BUCKET)
        for schedule in SCHEDULES:
            World(schedule, telemetry=Telling()).play()
        lost = World(Schedule(jobs=(JobPlan(),)), telemetry=Telling())
        lost.sqs.send_message("premium-ocr", '{"job_id": "nobody", "generation": 1}')
        lost.play()
    found = set()
    for line in out.getvalue().splitlines():
        for directive in json.loads(line).get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == NAMESPACE
            found |= {
                (metric["Name"], frozenset(names))
                for metric in directive["Metrics"]
                for names in directive["Dimensions"]
            }
    return frozenset(found)


def problems(template: dict[str, Any]) -> list[str]:
    """What is named but never comes."""
    return [f"{use.where}: {said}" for use in uses(template) for said in _wrong(use, template)]


def _wrong(use: Use, template: dict[str, Any]) -> Iterator[str]:
    if use.namespace == NAMESPACE:
        if (use.name, use.dimensions) not in emitted():
            yield f"{use.name} by {sorted(use.dimensions)} is never emitted"
        if ("service", STACK) not in use.values:
            yield f"{use.name} is not this stack's alone"
        known = {"Tier": set(Tier), "JobType": {kind for _, kind in WORK_QUEUES.values()}}
        for name, value in use.values:
            if value not in known.get(name, {value}):
                yield f"{name} {value} is unknown"
        return
    known_names, dimension = AWS_METRICS.get(use.namespace, (set(), ""))
    if use.name not in known_names:
        yield f"{use.namespace} has no {use.name}"
    if not use.values and (use.namespace, use.name) in ACCOUNT_WIDE:
        return
    if use.dimensions != {dimension}:
        yield f"{use.name} comes by {dimension}, not {sorted(use.dimensions)}"
    elif (value := use.values[0][1]) not in physical(template, dimension):
        yield f"no {dimension} is called {value}"


def physical(template: dict[str, Any], dimension: str) -> set[str]:
    """The names of the template's resources that have this dimension."""
    names = Names(template)
    kind = "AWS::Serverless::StateMachine" if dimension == "StateMachineArn" else dimension
    return {
        logical if item["Type"] == kind else names.text(item["Properties"][dimension])
        for logical, item in template["Resources"].items()
        if item["Type"] == kind or dimension in item.get("Properties", {})
        if item["Type"] != "AWS::Lambda::EventSourceMapping"
    }


def functions() -> dict[str, dict[str, Any]]:
    """Functions that every stack has, by their name without the stack's."""
    names = Names(source())
    return {
        names.text(item["Properties"]["FunctionName"]).removeprefix(f"{STACK}-"): item["Properties"]
        for item in source()["Resources"].values()
        if item["Type"] == "AWS::Serverless::Function" and "Condition" not in item
    }


def called(use: Use) -> str:
    """The function or queue a use is about, without the stack's name."""
    return use.values[0][1].removeprefix(f"{STACK}-")


def alarm(name: str) -> list[Use]:
    return [use for use in uses(source()) if use.where == name]


def widget(title: str) -> dict[str, Any]:
    [found] = [one for one in widgets(source()) if title in one["properties"].get("title", "")]
    return found


def test_every_metric_named_is_emitted_or_is_one_of_aws() -> None:
    assert len(uses(source())) > 150
    assert problems(source()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"MetricName": "Rescued"', '"MetricName": "Recsued"'),
        ('MetricName=\\\\\\"QueueWaitMs\\\\\\"', 'MetricName=\\\\\\"QueueWait\\\\\\"'),
        ("{AcademyWorker,JobType,Tier,service}", "{AcademyWorker,JobType,Tier}"),
        ('Tier=\\\\\\"lite\\\\\\"', 'Tier=\\\\\\"light\\\\\\"'),
        ('"Namespace": "AWS/SQS"', '"Namespace": "AWS/Sqs"'),
        ('"Name": "FunctionName"', '"Name": "Function"'),
        ('${AWS::StackName}-premium-embedding\\\\\\"', '${AWS::StackName}-premium-embeding\\\\\\"'),
        ('\\"AWS/Lambda\\", \\"Errors\\"', '\\"AWS/Lambda\\", \\"Error\\"'),
    ],
)
def test_a_misspelt_metric_is_found(old: str, new: str) -> None:
    text = json.dumps(source())
    if old not in text:
        old, new = old.replace("\\\\\\", "\\"), new.replace("\\\\\\", "\\")
    assert old in text, "the template no longer has what this test spoils"

    assert problems(json.loads(text.replace(old, new)))


def test_every_queue_s_age_is_watched_by_its_tier() -> None:
    for tier in Tier:
        watched = {called(use) for use in alarm(f"{tier.capitalize()}QueueAgeAlarm")}
        work = {name for name, (of, _) in WORK_QUEUES.items() if of is tier}
        assert watched == work | {f"{tier}-ingress"}
        shown = {called(use) for use in of_widget(widget(f"{tier}: oldest message"))}
        assert shown == watched


def test_every_dead_letter_queue_is_watched_and_shown() -> None:
    dead = {name for name in of_type("AWS::SQS::Queue") if name.endswith("Dlq")}
    watched = {
        called(use)
        for use in uses(source())
        if use.name == "ApproximateNumberOfMessagesVisible" and use.where.endswith("Alarm")
    }
    assert {f"{name.removesuffix('Dlq').lower()}-dlq" for name in dead} == watched
    assert {called(use) for use in of_widget(widget("Dead letters"))} == watched


def test_letters_that_finalize_takes_within_seconds_are_counted_as_they_are_taken() -> None:
    for name in ("Ingress", "Work"):
        taken = [use for use in alarm(f"{name}DeadLettersAlarm") if "Received" in use.name]
        assert [called(use) for use in taken] == [f"{name.lower()}-dlq"]


REFUSE_BY_RAISING = {"video-probe", "video-extract", "video-merge", "video-pages"}
"""Steps of the flow that raise where a film is refused; the flow's own alarm tells a real fault."""


def test_every_function_s_errors_are_watched_and_shown() -> None:
    watched = [called(use) for name in ("Reader", "Glue") for use in alarm(f"{name}ErrorsAlarm")]
    assert len(watched) == len(set(watched))
    assert set(functions()) - set(watched) == REFUSE_BY_RAISING
    assert {called(use) for use in of_widget(widget("Errors of functions"))} == set(functions())


def test_run_times_are_held_against_their_function_s_own_time_out() -> None:
    [expression, *stats] = source()["Resources"]["NearTimeoutAlarm"]["Properties"]["Metrics"]
    names = Names(source())
    divisors = dict(re.findall(r"(\w+) / (\d+)", expression["Expression"]))
    for stat in stats:
        value = stat["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        function = functions()[names.text(value).removeprefix(f"{STACK}-")]
        assert int(divisors.pop(stat["Id"])) == function["Timeout"] * 1000 / 100
    assert divisors == {}


def test_the_cost_of_all_jobs_counts_every_function_with_its_memory_and_processor() -> None:
    shown = widget("everything counted")["properties"]["metrics"]
    sums = " ".join(row[0].get("expression", "") for row in shown if isinstance(row[0], dict))
    rates = dict(re.findall(r'METRICS\("(\w+_)"\)\) \* ([\d.]+ \* [\d.]+)', sums))
    shares = source()["Globals"]["Function"]
    counted = {}
    rows = [row for row in shown if isinstance(row[0], str)]
    for row in rows:
        gigabytes, price = rates[re.sub(r"\d+$", "", row[-1]["id"])].split(" * ")
        counted[row[-2].removeprefix(f"{STACK}-")] = (float(gigabytes), float(price))
    assert counted == {
        name: (
            function.get("MemorySize", shares["MemorySize"]) / 1024,
            PRICES[function["Architectures"][0]],
        )
        for name, function in functions().items()
    }
    assert len(rows) == len(counted)


LIST = Prices.load()
PRICES = {"x86_64": LIST["lambda_x86"], "arm64": LIST["lambda_arm"]}


def test_a_tier_s_cost_takes_each_reader_at_its_memory() -> None:
    for tier in Tier:
        seen = []
        for row in widget(f"{tier}: USD per 1,000 jobs")["properties"]["metrics"]:
            expression = row[0]["expression"]
            [found] = re.findall(r"JobType=\(([^)]*)\)", expression)
            gigabytes, price = expression.rsplit(" * ", 2)[1:]
            assert float(price) == PRICES["x86_64"]
            for job_type in re.findall(r'"(\w+)"', found):
                memory = functions()[job_type.replace("_", "-")]["MemorySize"]
                assert float(gigabytes) == memory / 1024, job_type
                seen.append(job_type)
        assert sorted(seen) == sorted(ALLOWED[tier] - {"homework_video_analysis"})


def test_every_alarm_reaches_the_topic_by_itself_or_through_one_of_the_two_above_it() -> None:
    resources = source()["Resources"]
    alarms = {name for name, item in resources.items() if item["Type"] == "AWS::CloudWatch::Alarm"}
    above = [
        item["Properties"]
        for item in resources.values()
        if item["Type"] == "AWS::CloudWatch::CompositeAlarm"
    ]
    assert len(above) == 2
    grouped = {
        name for one in above for name in re.findall(r"\$\{(\w+)\}", one["AlarmRule"]["Fn::Sub"])
    }
    told = {name for name in alarms if resources[name]["Properties"].get("AlarmActions")}
    assert grouped <= alarms
    assert told | grouped == alarms
    assert told & grouped == set()
    topic = [{"Ref": "AlarmTopic"}]
    assert all(one["AlarmActions"] == one["OKActions"] == topic for one in above)


def test_no_alarm_adds_up_more_metrics_than_cloudwatch_takes() -> None:
    for name, item in of_type("AWS::CloudWatch::Alarm").items():
        assert (
            len([one for one in item["Properties"].get("Metrics", []) if "MetricStat" in one]) <= 10
        ), name


def test_a_template_without_alarms_is_no_error_of_the_check() -> None:
    bare = copy.deepcopy(source())
    for name in list(bare["Resources"]):
        if bare["Resources"][name]["Type"].startswith("AWS::CloudWatch::"):
            del bare["Resources"][name]
    assert uses(bare) == []
