"""Which metrics the dashboard and the alarms of a template name."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.template.transformed import as_list

STACK = "stack"
_SEARCH = re.compile(r"SEARCH\('\{([^}]*)\}([^']*)', '(\w+)', \d+\)")
_TERM = re.compile(r"(\w+)=(\(.*?\)|\"[^\"]*\")")


@dataclass(frozen=True, slots=True)
class Use:
    """A metric named somewhere; `values` of its dimensions, where the use narrows them."""

    where: str
    namespace: str
    name: str
    dimensions: frozenset[str]
    values: tuple[tuple[str, str], ...] = ()


class Names:
    """Puts physical names in the place of a template's references; the stack is `STACK`."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._resources = template["Resources"]

    def text(self, value: Any) -> str:
        """A property as CloudFormation renders it, conditions taken as met."""
        if isinstance(value, Mapping):
            [(function, given)] = value.items()
            return self._call(function, given)
        return str(value)

    def _call(self, function: str, given: Any) -> str:
        if function == "Fn::Sub":
            body, variables = given if isinstance(given, list) else (given, {})
            return self._sub(body, variables)
        if function == "Fn::If":
            return self.text(given[1])
        if function == "Ref":
            return self._reference(given)
        if function == "Fn::GetAtt":
            return self._reference(".".join(as_list(given)))
        raise ValueError(f"{function} is not rendered here")

    def _sub(self, body: str, variables: Mapping[str, Any]) -> str:
        def one(found: re.Match[str]) -> str:
            name = found[1]
            return self.text(variables[name]) if name in variables else self._reference(name)

        return re.sub(r"\$\{([^!}][^}]*)\}", one, body)

    def _reference(self, name: str) -> str:
        if name == "AWS::StackName":
            return STACK
        if name.startswith("AWS::"):
            return name
        logical = name.split(".")[0]
        properties = self._resources[logical]["Properties"]
        for kind in ("QueueName", "FunctionName", "AlarmName"):
            if kind in properties:
                return self.text(properties[kind])
        return logical


def uses(template: Mapping[str, Any]) -> list[Use]:
    """Every metric named by an alarm or on the dashboard."""
    names, found = Names(template), []
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            found += _of_alarm(name, resource["Properties"], names)
        elif resource["Type"] == "AWS::CloudWatch::Dashboard":
            found += [use for widget in widgets(template) for use in of_widget(widget)]
    return found


def widgets(template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The widgets of the dashboard, its text rendered and parsed."""
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    return list(json.loads(Names(template).text(body))["widgets"])


def of_widget(widget: Mapping[str, Any]) -> Iterator[Use]:
    """The metrics of one widget; `...` repeats what stood in its place before."""
    title = widget["properties"].get("title", "")
    before: list[str] = []
    for row in widget["properties"].get("metrics", []):
        options = row[-1] if isinstance(row[-1], dict) else {}
        texts = [part for part in row if isinstance(part, str)]
        if "expression" in options:
            yield from _searches(title, options["expression"])
        if not texts:
            continue
        if texts[0] == "...":
            texts = before[: len(before) - len(texts) + 1] + texts[1:]
        before = texts
        pairs = tuple(zip(texts[2::2], texts[3::2], strict=True))
        yield Use(title, texts[0], texts[1], frozenset(name for name, _ in pairs), pairs)


def _searches(title: str, expression: str) -> Iterator[Use]:
    for schema, terms, _ in _SEARCH.findall(expression):
        namespace, *dimensions = schema.split(",")
        given = {name: re.findall(r'"([^"]*)"', value) for name, value in _TERM.findall(terms)}
        [metric] = given.pop("MetricName")
        values = tuple((name, value) for name, many in given.items() for value in many)
        yield Use(title, namespace, metric, frozenset(dimensions), values)


def _of_alarm(name: str, properties: Mapping[str, Any], names: Names) -> Iterator[Use]:
    stats = [item["MetricStat"] for item in properties.get("Metrics", []) if "MetricStat" in item]
    for metric in [stat["Metric"] for stat in stats] or [properties]:
        pairs = tuple(
            (item["Name"], names.text(item["Value"])) for item in metric.get("Dimensions", [])
        )
        dimensions = frozenset(key for key, _ in pairs)
        yield Use(name, metric["Namespace"], metric["MetricName"], dimensions, pairs)
