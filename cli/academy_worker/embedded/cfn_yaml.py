"""CloudFormation's YAML: the short forms (`!Ref`, `!GetAtt`, `!Sub`, …) as their long ones."""

from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Dates stay texts, as CloudFormation has them; short forms become objects."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_template(path: Path) -> dict[str, Any]:
    """Read a template. Raises `ValueError` if it is no mapping."""
    template = parse_yaml(path.read_text())
    if not isinstance(template, dict):
        raise ValueError(f"{path.name} holds no template")
    return template


def parse_yaml(text: str) -> Any:
    """Parse YAML (or JSON) with CloudFormation's short forms."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with more tags


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value = _value(loader, node)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    return {name: value}


def _value(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    raise yaml.constructor.ConstructorError(None, None, "unknown node", node.start_mark)


_Loader.add_multi_constructor("!", _short_form)
