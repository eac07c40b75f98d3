"""The template as CloudFormation sees it: after the SAM transform, with its defaults."""

import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform

from academy_worker.embedded.cfn_yaml import load_template

ROOT = Path(__file__).parents[2]
PARAMETERS = {
    "ApiBaseUrl": "https://api.example",
    "WorkerTokenSecretArn": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:token",
    "DownloadHosts": "files.example",
    "OpenAiSecretArn": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:openai",
    "GoogleSecretArn": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:google",
}

Resource = dict[str, Any]


class _ManagedPolicies:
    """Names are enough for the transform."""

    def load(self) -> dict[str, str]:
        name = "AWSLambdaBasicExecutionRole"
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}"}


@lru_cache
def source() -> dict[str, Any]:
    """The template as written."""
    return load_template(ROOT / "template.yaml")


@lru_cache
def transformed(layer: str = "layer", **given: str) -> dict[str, Any]:
    """The template after the transform; images stand in for what `sam build` makes.

    `layer` is what the layers hold; `given` overrides parameters.
    """
    template = copy.deepcopy(source())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if properties.get("PackageType") == "Image":
            properties["ImageUri"] = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/w:1"
        elif resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = "s3://artifacts/code.zip"
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            properties["ContentUri"] = f"s3://artifacts/{layer}.zip"
        elif "DefinitionUri" in properties:
            properties["DefinitionUri"] = "s3://artifacts/flow.yaml"
    return dict(transform(template, PARAMETERS | given, _ManagedPolicies()))


def of_type(kind: str) -> dict[str, Resource]:
    """Resources of one type by their logical name."""
    resources = transformed()["Resources"]
    return {name: item for name, item in resources.items() if item["Type"] == kind}


def statements(role: Resource) -> list[dict[str, Any]]:
    """Inline statements of a role; both branches of a condition count."""
    found: list[dict[str, Any]] = []
    for policy in role["Properties"].get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            found += _branches(statement)
    return found


def _branches(statement: dict[str, Any]) -> list[dict[str, Any]]:
    if "Fn::If" not in statement:
        return [statement] if "Effect" in statement else []
    return [leaf for branch in statement["Fn::If"][1:] for leaf in _branches(branch)]


def as_list(value: Any) -> list[Any]:
    """A list, whether one or many were written."""
    return value if isinstance(value, list) else [value]


def called(value: Any) -> str:
    """The logical name of the function behind a reference to it or its alias."""
    return referred(value).removesuffix("Aliaslive")


def referred(value: Any) -> str:
    """The logical name behind a Ref or GetAtt, empty for anything else."""
    if isinstance(value, dict):
        if "Ref" in value:
            return str(value["Ref"])
        if "Fn::GetAtt" in value:
            return str(as_list(value["Fn::GetAtt"])[0]).split(".")[0]
        if "Fn::If" in value:
            return referred(value["Fn::If"][1])
    return ""
