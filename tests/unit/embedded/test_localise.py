"""The template fitted to the embedded engine: what changes, what stays, what is refused."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from academy_worker.embedded.cfn_yaml import load_template, parse_yaml
from academy_worker.embedded.localise import Unmappable, bootstrap_zip, localise
from academy_worker.embedded.project import TEMPLATE

BUCKET = "artifacts"
IMAGE = {
    "Type": "AWS::Serverless::Function",
    "Metadata": {"Dockerfile": "Dockerfile", "DockerContext": "."},
    "Properties": {
        "PackageType": "Image",
        "ImageConfig": {"Command": ["functions.ocr.app.handler"]},
        "Timeout": 60,
        "Environment": {"Variables": {"A": {"Ref": "P"}}},
    },
}
LAYER = {
    "Type": "AWS::Serverless::LayerVersion",
    "Metadata": {"BuildMethod": "python3.13"},
    "Properties": {"ContentUri": "layer"},
}
ZIP = {
    "Type": "AWS::Serverless::Function",
    "Properties": {
        "CodeUri": "code/",
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "Layers": [{"Ref": "Layer"}],
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "layer" / "shared").mkdir(parents=True)
    (tmp_path / "layer" / "shared" / "__init__.py").write_text("")
    return tmp_path


def mapped(project: Path, resources: dict[str, Any], **sections: Any) -> Any:
    template = project / "template.yaml"
    template.write_text(json.dumps({"Resources": resources} | sections))
    return localise(template, BUCKET, Path(sys.executable))


def bootstrap(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.getinfo("bootstrap").external_attr >> 16 == 0o755
        return archive.read("bootstrap").decode()


def test_an_image_function_runs_its_command_with_the_project_interpreter(project: Path) -> None:
    result = mapped(project, {"F": IMAGE})

    function = result.template["Resources"]["F"]
    assert function == {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "provided.al2023",
            "Handler": "functions.ocr.app.handler",
            "CodeUri": "s3://artifacts/bootstrap/F.zip",
            "Timeout": 60,
            "Environment": {"Variables": {"A": {"Ref": "P"}}},
        },
    }
    script = bootstrap(result.artifacts["bootstrap/F.zip"])
    assert f'exec {sys.executable} -m awslambdaric "$_HANDLER"' in script
    assert f"cd {project}" in script


def test_a_zip_function_runs_in_its_code_folder_with_its_layers_importable(project: Path) -> None:
    result = mapped(project, {"F": ZIP, "Layer": LAYER})

    properties = result.template["Resources"]["F"]["Properties"]
    assert properties["Runtime"] == "provided.al2023"
    assert properties["Handler"] == "app.handler"
    assert "Layers" not in properties
    script = bootstrap(result.artifacts["bootstrap/F.zip"])
    assert f"cd {project / 'code'}" in script
    assert f"PYTHONPATH={project / 'layer'}" in script


def test_a_layer_keeps_its_sources_under_python(project: Path) -> None:
    result = mapped(project, {"F": ZIP, "Layer": LAYER})

    layer = result.template["Resources"]["Layer"]
    assert layer["Properties"]["ContentUri"] == "s3://artifacts/layers/Layer.zip"
    with zipfile.ZipFile(io.BytesIO(result.artifacts["layers/Layer.zip"])) as archive:
        assert archive.namelist() == ["python/shared/__init__.py"]


def test_globals_count_as_the_function_s_own(project: Path) -> None:
    bare = {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "app.handler"}}
    shared = {"Function": {"Runtime": "python3.13", "CodeUri": "code/", "Timeout": 9}}

    result = mapped(project, {"F": bare}, Globals=shared)

    assert result.template["Globals"] == {"Function": {"Timeout": 9}}
    assert result.template["Resources"]["F"]["Properties"]["Runtime"] == "provided.al2023"


def test_a_state_machine_s_file_becomes_its_definition(project: Path) -> None:
    (project / "flow.asl.yaml").write_text("StartAt: A\nStates: {A: {Type: Succeed}}\n")
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {"DefinitionUri": "flow.asl.yaml", "DefinitionSubstitutions": {"X": "y"}},
    }

    result = mapped(project, {"Flow": machine})

    assert result.template["Resources"]["Flow"]["Properties"] == {
        "Definition": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
        "DefinitionSubstitutions": {"X": "y"},
    }


def test_time_to_live_is_noted_because_the_engine_ignores_it(project: Path) -> None:
    spec = {"AttributeName": "expires_at", "Enabled": True}
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TimeToLiveSpecification": spec}}

    assert mapped(project, {"Table": table}).ttl == {"Table": "expires_at"}


def test_batch_forms_join_the_sqs_actions_even_inside_a_condition(project: Path) -> None:
    statement = {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"]}
    policies = [{"Statement": [{"Fn::If": ["C", statement, {"Ref": "AWS::NoValue"}]}]}]
    function = {**ZIP, "Properties": {**ZIP["Properties"], "Policies": policies}}

    result = mapped(project, {"F": function, "Layer": LAYER})

    found = result.template["Resources"]["F"]["Properties"]["Policies"][0]["Statement"][0]
    assert found["Fn::If"][1]["Action"] == [
        "sqs:SendMessage",
        "sqs:GetQueueUrl",
        "sqs:SendMessageBatch",
    ]


def test_only_the_demand_for_tls_leaves_a_bucket_policy(project: Path) -> None:
    tls = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    other = {"Effect": "Deny", "Action": "s3:DeleteObject"}
    resources = {
        name: {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"PolicyDocument": {"Statement": statements}},
        }
        for name, statements in (("Both", [tls, other]), ("TlsOnly", [tls]))
    }

    left = mapped(project, resources).template["Resources"]

    assert list(left) == ["Both"]
    assert left["Both"]["Properties"]["PolicyDocument"]["Statement"] == [other]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Runtime": "nodejs22.x"}, "only python3.x"),
        ({"CodeUri": None, "InlineCode": "x"}, "inline code"),
        ({"CodeUri": "missing/"}, "not a folder"),
        ({"Layers": ["arn:aws:lambda:x:1:layer:y:1"]}, "a layer must be a Ref"),
        ({"Layers": [{"Ref": "F"}]}, "a layer must be a Ref"),
    ],
)
def test_a_zip_function_that_cannot_be_mapped_is_refused(
    project: Path, change: dict[str, Any], reason: str
) -> None:
    function = {**ZIP, "Properties": {**ZIP["Properties"], **change}}

    with pytest.raises(Unmappable, match=f"F: .*{reason}"):
        mapped(project, {"F": function, "Layer": LAYER})


@pytest.mark.parametrize(
    "config", [{}, {"Command": ["a", "b"]}, {"Command": ["a"], "EntryPoint": ["b"]}]
)
def test_an_image_function_without_one_plain_command_is_refused(
    project: Path, config: dict[str, Any]
) -> None:
    function = {**IMAGE, "Properties": {**IMAGE["Properties"], "ImageConfig": config}}

    with pytest.raises(Unmappable, match="F: ImageConfig"):
        mapped(project, {"F": function})


@pytest.mark.parametrize(
    "kind", ["AWS::Lambda::Function", "AWS::Serverless::Application", "AWS::CloudFormation::Stack"]
)
def test_resources_with_code_from_elsewhere_are_refused(project: Path, kind: str) -> None:
    with pytest.raises(Unmappable, match=f"X: {kind}"):
        mapped(project, {"X": {"Type": kind, "Properties": {}}})


def without_aliases(resource: dict[str, Any]) -> dict[str, Any]:
    """References to functions and to their aliases written alike."""
    plain = json.dumps(resource)
    plain = re.sub(r'{"Ref": "(\w+Function)\.Alias"}', r"<\1>", plain)
    plain = re.sub(
        r'{"Fn::GetAtt": (?:\["(\w+Function)", "Arn"\]|"(\w+Function)\.Arn")}', r"<\1\2>", plain
    )
    return {"text": plain}


def test_an_alias_is_the_function_itself(project: Path) -> None:
    rule = {"Type": "X::Rule", "Properties": {"Targets": [{"Arn": {"Ref": "F.Alias"}}]}}

    out = mapped(project, {"F": IMAGE, "R": rule}).template["Resources"]["R"]

    assert out["Properties"]["Targets"] == [{"Arn": {"Fn::GetAtt": ["F", "Arn"]}}]


def test_the_project_s_template_maps_every_function_and_leaves_all_else() -> None:
    before = load_template(TEMPLATE)

    after = localise(TEMPLATE, BUCKET, Path(sys.executable)).template

    changed = {
        "AWS::Serverless::Function",
        "AWS::Serverless::LayerVersion",
        "AWS::Serverless::StateMachine",
        "AWS::S3::BucketPolicy",
    }
    for name, resource in before["Resources"].items():
        if resource["Type"] not in changed:
            assert without_aliases(after["Resources"][name]) == without_aliases(resource)
        if resource["Type"] == "AWS::Serverless::Function":
            assert after["Resources"][name]["Properties"]["Runtime"] == "provided.al2023"


def test_the_bootstrap_starts_the_interpreter_in_its_folder(tmp_path: Path) -> None:
    """Run for real, with a stand-in for the runtime client that says where it is."""
    folder = tmp_path / "it's here"
    (folder / "awslambdaric").mkdir(parents=True)
    (folder / "awslambdaric" / "__init__.py").touch()
    (folder / "awslambdaric" / "__main__.py").write_text(
        "import os, sys; print(os.getcwd(), sys.argv[1], os.environ['PYTHONPATH'])"
    )
    with zipfile.ZipFile(
        io.BytesIO(bootstrap_zip(Path(sys.executable), folder, [folder]))
    ) as archive:
        archive.extract("bootstrap", tmp_path)

    def run(**env: str) -> str:
        return subprocess.run(
            ["/bin/sh", str(tmp_path / "bootstrap")],
            env={"_HANDLER": "app.handler"} | env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    told = f"{folder} app.handler {folder}\n"
    assert run() == told
    logs = {"HANDLER_LOGS": str(tmp_path), "AWS_LAMBDA_FUNCTION_NAME": "f"}
    assert [run(**logs), run(**logs)] == ["", ""]
    assert (tmp_path / "f.log").read_text() == told * 2


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub '${A}-x'", {"Fn::Sub": "${A}-x"}),
        (
            "!If [C, !Ref A, !GetAtt B.C]",
            {"Fn::If": ["C", {"Ref": "A"}, {"Fn::GetAtt": ["B", "C"]}]},
        ),
        ("!Sub ['${A}', {A: !Ref B}]", {"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]}),
        ("2012-10-17", "2012-10-17"),
    ],
)
def test_short_forms_become_long_ones(short: str, long: Any) -> None:
    assert parse_yaml(short) == long


def test_the_loader_builds_no_python_objects() -> None:
    with pytest.raises(yaml.YAMLError):
        parse_yaml("!!python/object/apply:os.system ['true']")
