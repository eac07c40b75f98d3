"""Fit the untouched template to the embedded engine, which has no containers and no builds.

Every function, image or zip, becomes a custom-runtime function whose `bootstrap` execs the
project's interpreter with the production runtime client (`-m awslambdaric HANDLER`), so that our
code runs in our environment. Versions and aliases, which shift traffic, are left out: there is one
version here. Everything else in the template stays as it is. What cannot be
mapped is an error, never a silent skip.
"""

import copy
import io
import json
import shlex
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from academy_worker.embedded.cfn_yaml import load_template, parse_yaml

RUNTIME = "provided.al2023"
_NOT_LOCAL = (
    *("PackageType", "ImageConfig", "ImageUri", "CodeUri", "Layers", "Runtime"),
    *("AutoPublishAlias", "AutoPublishAliasAllProperties", "DeploymentPreference"),
)
_BATCH_TWINS = ("sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
"""On AWS the right to one of these covers its batch form; the engine asks for `…Batch` by name."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


class Unmappable(ValueError):
    """A resource the embedded engine cannot run; the message names it and the reason."""


@dataclass(frozen=True, slots=True)
class Localised:
    """`template` refers to `artifacts` (S3 key -> bytes) that must be in the bucket first.

    `ttl` maps the logical id of a table to its time-to-live attribute: the engine ignores
    `TimeToLiveSpecification`, so it is set after the deployment.
    """

    template: dict[str, Any]
    artifacts: dict[str, bytes] = field(default_factory=dict)
    ttl: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """The template as CloudFormation takes it."""
        return json.dumps(self.template)


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """Where a function's handler is run from: in `folder`, with `imports` importable."""

    handler: str
    folder: Path
    imports: tuple[Path, ...] = ()


def function_source(path: Path, template: dict[str, Any], name: str) -> FunctionSource:
    """Find the source of the function `name` of the template read from `path`.

    Raises `Unmappable`, or `KeyError` if there is no such function.
    """
    resource = template["Resources"][name]
    return _Sources(path.resolve().parent, template).of(name, resource)


def localise(path: Path, bucket: str, interpreter: Path) -> Localised:
    """Map the template at `path`; artifacts go to `bucket`. Raises `Unmappable`."""
    template = load_template(path)
    mapper = _Mapper(path.resolve().parent, bucket, interpreter, template)
    return mapper.map()


def bootstrap_zip(interpreter: Path, directory: Path, imports: Sequence[Path]) -> bytes:
    """Pack a bootstrap that starts the runtime client in `directory` with `imports` importable.

    Its output goes to the function's file in the folder `HANDLER_LOGS`, if the engine names one.
    """
    search = ":".join(map(str, imports))
    script = (
        "#!/bin/sh\n"
        f"cd {shlex.quote(str(directory))} || exit 1\n"
        f"export PYTHONPATH={shlex.quote(search)}\n"
        'if [ -n "$HANDLER_LOGS" ]; then\n'
        '  exec >>"$HANDLER_LOGS/$AWS_LAMBDA_FUNCTION_NAME.log" 2>&1\n'
        "fi\n"
        f'exec {shlex.quote(str(interpreter))} -m awslambdaric "$_HANDLER"\n'
    )
    return _zip({"bootstrap": script.encode()})


class _Sources:
    """Finds the code of functions; `root` is the template's folder."""

    def __init__(self, root: Path, template: Mapping[str, Any]) -> None:
        self._root = root
        self._resources: Mapping[str, Any] = template.get("Resources", {})
        self._globals: Mapping[str, Any] = template.get("Globals", {}).get("Function", {})

    def of(self, name: str, resource: Mapping[str, Any]) -> FunctionSource:
        given = {**self._globals, **resource["Properties"]}
        if given.get("PackageType") == "Image":
            return self._image(name, resource, given)
        return self._zip(name, given)

    def folder(self, name: str, relative: Any) -> Path:
        folder = self._root / relative if isinstance(relative, str) else None
        if folder is None or not folder.is_dir():
            raise Unmappable(f"{name}: {relative} is not a folder of this project")
        return folder.resolve()

    def _image(
        self, name: str, resource: Mapping[str, Any], given: Mapping[str, Any]
    ) -> FunctionSource:
        config = given.get("ImageConfig", {})
        command = config.get("Command")
        if set(config) != {"Command"} or not _is_one_text(command):
            raise Unmappable(f"{name}: ImageConfig must hold Command with one handler, no more")
        context = resource.get("Metadata", {}).get("DockerContext")
        if not isinstance(context, str):
            raise Unmappable(f"{name}: Metadata must name the DockerContext the image is built of")
        return FunctionSource(command[0], self.folder(name, context))

    def _zip(self, name: str, given: Mapping[str, Any]) -> FunctionSource:
        runtime = given.get("Runtime")
        if not (isinstance(runtime, str) and runtime.startswith("python3.")):
            raise Unmappable(f"{name}: only python3.x functions run here, not {runtime}")
        handler, code = given.get("Handler"), given.get("CodeUri")
        if not isinstance(handler, str) or not isinstance(code, str):
            raise Unmappable(f"{name}: Handler and CodeUri must be texts; inline code cannot run")
        layers = [*self._globals.get("Layers", []), *given.get("Layers", [])]
        imports = tuple(self._layer_folder(name, layer) for layer in layers)
        return FunctionSource(handler, self.folder(name, code), imports)

    def _layer_folder(self, name: str, layer: Any) -> Path:
        target = layer.get("Ref") if isinstance(layer, dict) else None
        resource = self._resources.get(target or "", {})
        if resource.get("Type") != "AWS::Serverless::LayerVersion":
            raise Unmappable(f"{name}: a layer must be a Ref to one of this template")
        return self.folder(str(target), resource["Properties"]["ContentUri"])


class _Mapper:
    def __init__(
        self, root: Path, bucket: str, interpreter: Path, template: dict[str, Any]
    ) -> None:
        self._root = root
        self._bucket = bucket
        self._interpreter = interpreter
        self._sources = _Sources(root, template)
        self._out = Localised(copy.deepcopy(template))

    def map(self) -> Localised:
        kinds: dict[str, Callable[[str, dict[str, Any]], None]] = {
            "AWS::Serverless::Function": self._function,
            "AWS::Serverless::LayerVersion": self._layer,
            "AWS::Serverless::StateMachine": self._state_machine,
            "AWS::DynamoDB::Table": self._table,
            "AWS::S3::BucketPolicy": self._bucket_policy,
            "AWS::Lambda::Function": self._refuse,
            "AWS::Lambda::LayerVersion": self._refuse,
            "AWS::Serverless::Application": self._refuse,
            "AWS::CloudFormation::Stack": self._refuse,
        }
        for name, resource in list(self._out.template.get("Resources", {}).items()):
            mapping = kinds.get(resource["Type"])
            if mapping is not None:
                mapping(name, resource)
        for shared in _NOT_LOCAL:
            self._out.template.get("Globals", {}).get("Function", {}).pop(shared, None)
        _point_at_functions(self._out.template["Resources"])
        return self._out

    def _function(self, name: str, resource: dict[str, Any]) -> None:
        source = self._sources.of(name, resource)
        properties = resource["Properties"]
        for property_name in _NOT_LOCAL:
            properties.pop(property_name, None)
        resource.pop("Metadata", None)
        code = bootstrap_zip(self._interpreter, source.folder, source.imports)
        _add_batch_twins(properties.get("Policies", []))
        properties |= {
            "Runtime": RUNTIME,
            "Handler": source.handler,
            "CodeUri": self._keep(f"bootstrap/{name}.zip", code),
        }

    def _layer(self, name: str, resource: dict[str, Any]) -> None:
        folder = self._sources.folder(name, resource["Properties"]["ContentUri"])
        files = {
            f"python/{path.relative_to(folder)}": path.read_bytes()
            for path in sorted(folder.rglob("*.py"))
        }
        resource.pop("Metadata", None)
        resource["Properties"]["ContentUri"] = self._keep(f"layers/{name}.zip", _zip(files))

    def _state_machine(self, name: str, resource: dict[str, Any]) -> None:
        properties = resource["Properties"]
        uri = properties.pop("DefinitionUri", None)
        if uri is None:
            return
        path = self._root / uri if isinstance(uri, str) else None
        if path is None or not path.is_file():
            raise Unmappable(f"{name}: DefinitionUri must be a file of this project")
        properties["Definition"] = parse_yaml(path.read_text())

    def _table(self, name: str, resource: dict[str, Any]) -> None:
        wanted = resource["Properties"].get("TimeToLiveSpecification", {})
        if wanted.get("Enabled"):
            self._out.ttl[name] = wanted["AttributeName"]

    def _bucket_policy(self, name: str, resource: dict[str, Any]) -> None:
        """Drop the rule that demands TLS: the engine speaks plain HTTP, on loopback only."""
        document = resource["Properties"]["PolicyDocument"]
        document["Statement"] = [item for item in document["Statement"] if not _demands_tls(item)]
        if not document["Statement"]:
            del self._out.template["Resources"][name]

    def _refuse(self, name: str, resource: Mapping[str, Any]) -> None:
        raise Unmappable(f"{name}: {resource['Type']} cannot be mapped to the embedded engine")

    def _keep(self, key: str, data: bytes) -> str:
        self._out.artifacts[key] = data
        return f"s3://{self._bucket}/{key}"


def _add_batch_twins(value: Any) -> None:
    """Add the batch form of SQS actions wherever the plain one is granted, `!If`s included."""
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            _add_batch_twins(part)
    if isinstance(value, dict) and isinstance(actions := value.get("Action"), list):
        twins = [f"{action}Batch" for action in actions if action in _BATCH_TWINS]
        value["Action"] = [*actions, *twins]


def _point_at_functions(value: Any) -> None:
    """Refer to functions where the template refers to aliases, which do not exist here."""
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            _point_at_functions(part)
    if isinstance(value, dict) and str(value.get("Ref", "")).endswith(".Alias"):
        name = value.pop("Ref").removesuffix(".Alias")
        value["Fn::GetAtt"] = [name, "Arn"]


def _demands_tls(statement: Mapping[str, Any]) -> bool:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    return statement.get("Effect") == "Deny" and statement.get("Condition") == condition


def _is_one_text(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Pack files reproducibly, executable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()
