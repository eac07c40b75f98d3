"""`sam deploy` with each environment of samconfig.toml, as the README has it, against the engine.

Left out, because the engine's CloudFormation refuses them: composite alarms, and by
`Monitoring=off` the alarms with metric math. The image functions are localised, so that nothing is
built or pushed.
"""

import json
import os
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from academy_worker.embedded.engine import ROOT_KEY, Engine, start_engine
from academy_worker.embedded.localise import localise
from academy_worker.embedded.project import INTERPRETER, ROOT, TEMPLATE, TOOLS

SAMCONFIG = ROOT / "samconfig.toml"
ENVIRONMENTS = ("dev", "stage", "prod")
CODE = "code"
REQUIRED = {
    "ApiBaseUrl": "https://api.example.kr",
    "WorkerTokenSecretArn": "arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:token",
    "DownloadHosts": "files.example.kr",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    started = start_engine()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def template(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The localised template, its code uploaded."""
    local = localise(TEMPLATE, CODE, INTERPRETER)
    s3 = engine.client("s3")
    s3.create_bucket(
        Bucket=CODE, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    for key, data in local.artifacts.items():
        s3.put_object(Bucket=CODE, Key=key, Body=data)
    resources = local.template["Resources"]
    for name in [key for key, item in resources.items() if "CompositeAlarm" in item["Type"]]:
        del resources[name]
    path = tmp_path_factory.mktemp("deploy") / "template.json"
    path.write_text(json.dumps(local.template))
    return path


def configured(environment: str, given: dict[str, str], folder: Path) -> Path:
    """samconfig.toml with parameters added to an environment's, as an operator adds them."""
    there = tomllib.loads(SAMCONFIG.read_text())[environment]["deploy"]["parameters"]
    overrides = there["parameter_overrides"]
    more = " ".join(f"{name}={value}" for name, value in given.items())
    text = SAMCONFIG.read_text().replace(f'"{overrides}"', f'"{overrides} {more}"')
    path = folder / "samconfig.toml"
    path.write_text(text)
    return path


def sam_deploy(engine: Engine, template: Path, config: Path, environment: str, *more: str) -> Any:
    command = [
        *(str(TOOLS / "bin/sam"), "deploy", "--config-env", environment),
        *("--config-file", str(config), "--template-file", str(template)),
        *("--no-confirm-changeset", *more),
    ]
    env = os.environ | {
        "AWS_ENDPOINT_URL": engine.url,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "SAM_CLI_TELEMETRY": "0",
    }
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_deploys_and_again_without_a_change(
    engine: Engine, template: Path, environment: str, tmp_path: Path
) -> None:
    config = configured(environment, REQUIRED | {"Monitoring": "off"}, tmp_path)

    first = sam_deploy(engine, template, config, environment)
    again = sam_deploy(engine, template, config, environment)

    assert first.returncode == 0, first.stdout + first.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    assert "is up to date" in again.stdout
    name = tomllib.loads(config.read_text())[environment]["deploy"]["parameters"]["stack_name"]
    (stack,) = engine.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    given = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    assert given["StageName"] == environment
    assert given["Scale"] == ("full" if environment == "prod" else "small")
    deployed = engine.client("lambda").get_function_configuration(FunctionName=f"{name}-ocr")
    assert deployed["Environment"]["Variables"]["STAGE_NAME"] == environment


def test_a_tiers_existing_queue_is_taken_over_with_what_lies_in_it(
    engine: Engine, template: Path, tmp_path: Path
) -> None:
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="theirs", Attributes={"VisibilityTimeout": "180"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    body = {"job_id": "before-the-stack", "job_type": "telepathy", "payload": {}}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    given = {"Monitoring": "off", "LiteIngressQueueArn": arn["QueueArn"]}
    config = configured("dev", REQUIRED | given, tmp_path)

    done = sam_deploy(engine, template, config, "dev", "--stack-name", "taker")

    assert done.returncode == 0, done.stdout + done.stderr
    (stack,) = engine.client("cloudformation").describe_stacks(StackName="taker")["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    assert "LiteIngressQueueUrl" not in outputs
    assert "BasicIngressQueueUrl" in outputs
    row = admitted(engine, outputs["JobsTableName"], "before-the-stack")
    assert (row["tier"]["S"], row["error_code"]["S"]) == ("lite", "unknown_job_type")


def admitted(engine: Engine, table: str, job_id: str) -> dict[str, Any]:
    """Wait for a job's row."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        key = {"job_id": {"S": job_id}}
        found = engine.client("dynamodb").get_item(TableName=table, Key=key).get("Item")
        if found:
            return dict(found)
        time.sleep(0.2)
    pytest.fail(f"{job_id} was not admitted")


def test_a_parameter_left_out_is_named(engine: Engine, template: Path, tmp_path: Path) -> None:
    given = {name: value for name, value in REQUIRED.items() if name != "DownloadHosts"}

    config = configured("dev", given, tmp_path)
    done = sam_deploy(engine, template, config, "dev", "--stack-name", "newcomer")

    assert done.returncode != 0
    assert "DownloadHosts" in done.stdout + done.stderr


def test_images_go_to_a_repository_that_sam_can_find() -> None:
    """A name that is no ECR address is refused before anything is deployed."""
    for environment in ENVIRONMENTS:
        parameters = tomllib.loads(SAMCONFIG.read_text())[environment]["deploy"]["parameters"]
        assert parameters["resolve_image_repos"] is True
