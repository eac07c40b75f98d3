"""One function on one event: its deployed variables, its time-out, its role's rights alone."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from academy_worker.embedded.cfn_yaml import load_template
from academy_worker.embedded.engine import REGION
from academy_worker.embedded.golden import admit_jobs_of
from academy_worker.embedded.localise import function_source
from academy_worker.embedded.project import TEMPLATE
from academy_worker.embedded.runtime_emulator import Invocation, Process, invoke
from academy_worker.embedded.system import System

FUNCTION_TYPE = "AWS::Serverless::Function"
FLOW_TYPE = "AWS::Serverless::StateMachine"


def run_event(system: System, function: str, event_file: Path) -> tuple[Invocation, list[str]]:
    """Admit the jobs an event speaks of and run a function on it; returns their ids too.

    `function` is a name like ocr or omr_grading. Raises `KeyError` if the template has no such
    function, `golden.NotAdmitted`, or `engine.EngineError`.
    """
    process = process_of(system, function)
    jobs = admit_jobs_of(event_file, system)
    event = json.loads(event_file.read_text(encoding="utf-8"))
    return invoke(process, event, system.engine.folder / "invoke.log"), jobs


def functions() -> list[str]:
    """Name every function that all stacks have, like ocr or omr_grading."""
    resources = _template()["Resources"]
    return [
        _snake(name.removesuffix("Function"))
        for name, resource in resources.items()
        if resource["Type"] == FUNCTION_TYPE and "Condition" not in resource
    ]


@lru_cache
def _template() -> dict[str, Any]:
    return load_template(TEMPLATE)


def flow_steps() -> set[str]:
    """Name the functions that state machines run."""
    named = {
        reference["Ref"].removesuffix(".Alias")
        for resource in _template()["Resources"].values()
        if resource["Type"] == FLOW_TYPE
        for reference in resource["Properties"].get("DefinitionSubstitutions", {}).values()
        if isinstance(reference, dict) and str(reference.get("Ref", "")).endswith(".Alias")
    }
    return {_snake(name.removesuffix("Function")) for name in named}


def process_of(system: System, function: str) -> Process:
    """How a deployed function is started: its code, variables, role's rights and limits.

    Raises `KeyError` if the template has no such function.
    """
    logical_id = "".join(part.capitalize() for part in function.split("_")) + "Function"
    source = function_source(TEMPLATE, _template(), logical_id)
    deployed = _deployed(system, logical_id)
    return Process(
        source.handler,
        source.folder,
        source.imports,
        deployed.get("Environment", {}).get("Variables", {}) | _rights(system, deployed["Role"]),
        deployed["Timeout"],
        deployed["MemorySize"],
        deployed["FunctionName"],
    )


def _deployed(system: System, logical_id: str) -> dict[str, Any]:
    resource = system.engine.client("cloudformation").describe_stack_resource(
        StackName=system.deployment.stack, LogicalResourceId=logical_id
    )["StackResourceDetail"]
    configuration: dict[str, Any] = system.engine.client("lambda").get_function_configuration(
        FunctionName=resource["PhysicalResourceId"]
    )
    return configuration


def _rights(system: System, role: str) -> dict[str, str]:
    """Variables that let a process call the engine as a function's role."""
    session = system.engine.client("sts").assume_role(RoleArn=role, RoleSessionName="invoke")
    credentials = session["Credentials"]
    return {
        "AWS_ENDPOINT_URL": system.engine.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")
