"""Deploy the project's template to the embedded engine by CloudFormation."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy_worker.embedded.engine import Engine
from academy_worker.embedded.localise import Localised, localise
from academy_worker.embedded.project import INTERPRETER, TEMPLATE

STACK = "academy-demo"
ARTIFACTS = "academy-demo-artifacts"
DEPLOY_TIMEOUT = 120.0
BODY_LIMIT = 51_200
"""bytes of a template in the call itself; a larger one goes through S3 (CloudFormation quotas)."""


class DeployError(RuntimeError):
    """The stack could not be created; the message names the resources and why."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stack that is up."""

    stack: str
    outputs: dict[str, str]

    def queue(self, tier: str) -> str:
        """The URL of a tier's ingress queue."""
        return self.outputs[f"{tier.capitalize()}IngressQueueUrl"]

    @property
    def table(self) -> str:
        """The jobs table."""
        return self.outputs["JobsTableName"]

    @property
    def bucket(self) -> str:
        """The bucket of results."""
        return self.outputs["ResultsBucketName"]


def deploy(
    engine: Engine,
    api_url: str,
    token: str,
    *,
    template: Path = TEMPLATE,
    parameters: Mapping[str, str] | None = None,
) -> Deployment:
    """Bring the stack up and wait for it; `token` becomes the secret the API demands.

    Raises `DeployError` or `localise.Unmappable`."""
    secret = engine.client("secretsmanager").create_secret(
        Name=f"{STACK}/worker-token", SecretString=token
    )
    local = localise(template, ARTIFACTS, INTERPRETER)
    _upload(engine, local)
    given = {
        "StageName": "dev",
        "Scale": "small",
        "Monitoring": "off",
        "ApiBaseUrl": api_url,
        "WorkerTokenSecretArn": secret["ARN"],
        "DownloadHosts": "localhost",
        "AllowHttpLoopback": "true",
    } | dict(parameters or {})
    stack = _create(engine, local, given)
    _set_ttl(engine, local)
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
    return Deployment(STACK, outputs)


def _upload(engine: Engine, local: Localised) -> None:
    s3 = engine.client("s3")
    s3.create_bucket(
        Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    for key, data in local.artifacts.items():
        s3.put_object(Bucket=ARTIFACTS, Key=key, Body=data)


def _create(engine: Engine, local: Localised, parameters: Mapping[str, str]) -> dict[str, Any]:
    cloudformation = engine.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        **_body(engine, local),
    )
    deadline = time.monotonic() + DEPLOY_TIMEOUT
    while time.monotonic() < deadline:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return stack
        if not stack["StackStatus"].endswith("_IN_PROGRESS") or "ROLLBACK" in stack["StackStatus"]:
            break
        time.sleep(0.1)
    raise DeployError(f"the stack did not come up:\n{_reasons(cloudformation)}")


def _body(engine: Engine, local: Localised) -> dict[str, str]:
    if len(local.body.encode()) <= BODY_LIMIT:
        return {"TemplateBody": local.body}
    engine.client("s3").put_object(Bucket=ARTIFACTS, Key="template.json", Body=local.body.encode())
    return {"TemplateURL": f"{engine.url}/{ARTIFACTS}/template.json"}


def _reasons(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    return "\n".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(failed)
    )


def _set_ttl(engine: Engine, local: Localised) -> None:
    cloudformation = engine.client("cloudformation")
    for logical_id, attribute in local.ttl.items():
        found = cloudformation.describe_stack_resource(
            StackName=STACK, LogicalResourceId=logical_id
        )["StackResourceDetail"]
        engine.client("dynamodb").update_time_to_live(
            TableName=found["PhysicalResourceId"],
            TimeToLiveSpecification={"AttributeName": attribute, "Enabled": True},
        )
