"""A deployment shifts traffic by alias, everything that calls a function calls its alias."""

import re
from typing import Any

import pytest

from tests.template.transformed import of_type, referred, source, transformed

FUNCTIONS = {
    name for name, item in source()["Resources"].items() if item["Type"].endswith("less::Function")
}
ALIAS = re.compile(r"^(\w+Function)Aliaslive$")


def versions(**given: str) -> dict[str, str]:
    """The logical id of each function's published version."""
    found = transformed(**given)["Resources"].items()
    ids = [name for name, item in found if item["Type"] == "AWS::Lambda::Version"]
    return {re.split(r"Version[0-9a-f]{10}$", name)[0]: name for name in ids}


def test_every_function_is_shifted_in_prod_by_canary_and_back_on_alarm() -> None:
    groups = of_type("AWS::CodeDeploy::DeploymentGroup")

    assert {name.removesuffix("DeploymentGroup") for name in groups} == FUNCTIONS
    for name, group in groups.items():
        kind = group["Properties"]["DeploymentConfigName"]["Fn::If"]
        assert kind[0] == "Canary"
        assert "Canary10Percent10Minutes" in str(kind[1])
        assert "AllAtOnce" in str(kind[2])
        watched = group["Properties"]["AlarmConfiguration"]["Fn::If"]
        assert watched[0] == "Monitored"
        assert [referred(alarm["Name"]) for alarm in watched[1]["Alarms"]] == [
            "ReaderErrorsAlarm",
            "GlueErrorsAlarm",
            "CrashedAlarm",
        ]
        assert "DEPLOYMENT_STOP_ON_ALARM" in str(group["Properties"]["AutoRollbackConfiguration"])
        own = source()["Resources"][name.removesuffix("DeploymentGroup")].get("Condition")
        assert group.get("Condition") == own
    assert source()["Conditions"]["Canary"] == {"Fn::Equals": [{"Ref": "StageName"}, "prod"]}


def called() -> dict[str, Any]:
    """Whatever names a function to call it, by the resource that does."""
    found = {}
    for kind, field in (
        ("AWS::Lambda::EventSourceMapping", "FunctionName"),
        ("AWS::Lambda::Permission", "FunctionName"),
    ):
        found |= {name: item["Properties"][field] for name, item in of_type(kind).items()}
    for name, rule in of_type("AWS::Events::Rule").items():
        targets = [target["Arn"] for target in rule["Properties"].get("Targets", [])]
        found |= {f"{name}-{index}": target for index, target in enumerate(targets)}
    for name, flow in of_type("AWS::StepFunctions::StateMachine").items():
        steps = flow["Properties"]["DefinitionSubstitutions"].items()
        found |= {f"{name}-{step}": target for step, target in steps}
    return found


def test_whatever_calls_a_function_calls_its_alias() -> None:
    direct = {name for name, target in called().items() if referred(target) in FUNCTIONS}
    by_alias = {
        match[1] for target in called().values() if (match := ALIAS.match(referred(target)))
    }

    assert direct == set()
    assert by_alias == FUNCTIONS


@pytest.mark.parametrize("function", ["AdmitFunction", "VideoClaimFunction", "NotifyFunction"])
def test_a_change_of_the_layer_publishes_a_version(function: str) -> None:
    assert versions(layer="newer")[function] != versions()[function]
    assert versions(layer="layer")[function] == versions()[function]


def test_the_release_is_seen_by_what_publishes_versions() -> None:
    """Parameters are not: a version is published when the template's own text changes."""
    assert versions(LogLevel="DEBUG") == versions()
    assert isinstance(source()["Globals"]["Function"]["Tags"]["release"], str)
