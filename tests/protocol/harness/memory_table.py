"""DynamoDB's expressions over a dict: fast enough for a hundred thousand jobs.

Understands exactly what the job store uses. `test_memory_table.py` plays the same random calls
on this and on moto and compares every answer.
"""

import re
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

Item = dict[str, Any]
_TOKEN = re.compile(r"\s*([()=<,]|<=|[#:]?\w+)")


class MemoryTable:
    """The four calls of a boto3 Table that the store makes."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def get_item(self, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:
        item = self._items.get(Key["job_id"])
        return {"Item": dict(item)} if item else {}

    def put_item(
        self,
        Item: Item,
        ConditionExpression: str,
        ReturnValuesOnConditionCheckFailure: str = "NONE",
    ) -> dict[str, Any]:
        old = self._items.get(Item["job_id"], {})
        self._check(old, ConditionExpression, {}, {})
        self._items[Item["job_id"]] = dict(Item)
        return {}

    def update_item(
        self,
        Key: Item,
        UpdateExpression: str,
        ConditionExpression: str,
        ExpressionAttributeValues: Item,
        ExpressionAttributeNames: dict[str, str] | None = None,
        ReturnValues: str = "NONE",
        ReturnValuesOnConditionCheckFailure: str = "NONE",
    ) -> dict[str, Any]:
        names = ExpressionAttributeNames or {}
        old = self._items.get(Key["job_id"], {})
        self._check(old, ConditionExpression, names, ExpressionAttributeValues)
        new = dict(old or Key)
        _apply(new, old, UpdateExpression, names, ExpressionAttributeValues)
        self._items[Key["job_id"]] = new
        return {"Attributes": dict(new)}

    def query(
        self,
        IndexName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Item,
        Limit: int,
    ) -> dict[str, Any]:
        shard, now = ExpressionAttributeValues[":shard"], ExpressionAttributeValues[":now"]
        found = [
            item
            for item in self._items.values()
            if item.get("open_shard") == shard and "check_at" in item and item["check_at"] <= now
        ]
        found.sort(key=lambda item: item["check_at"])
        return {"Items": [dict(item) for item in found[:Limit]]}

    def _check(self, item: Item, condition: str, names: dict[str, str], values: Item) -> None:
        if _Condition(condition, item, names, values).holds():
            return
        write = TypeSerializer().serialize
        raise ClientError(
            {
                "Error": {"Code": "ConditionalCheckFailedException", "Message": "refused"},
                **({"Item": {name: write(value) for name, value in item.items()}} if item else {}),
            },
            "UpdateItem",
        )


class _Condition:
    """Recursive descent over AND, OR, parentheses, `=`, `<` and the two attribute functions."""

    def __init__(self, text: str, item: Item, names: dict[str, str], values: Item) -> None:
        self._tokens = _TOKEN.findall(text)
        self._item, self._names, self._values = item, names, values

    def holds(self) -> bool:
        result = self._either()
        assert not self._tokens, f"not understood: {self._tokens}"
        return result

    def _either(self) -> bool:
        result = self._both()
        while self._tokens and self._tokens[0] == "OR":
            self._tokens.pop(0)
            other = self._both()
            result = result or other
        return result

    def _both(self) -> bool:
        result = self._term()
        while self._tokens and self._tokens[0] == "AND":
            self._tokens.pop(0)
            other = self._term()
            result = result and other
        return result

    def _term(self) -> bool:
        token = self._tokens.pop(0)
        if token == "(":
            result = self._either()
            self._tokens.pop(0)
            return result
        if token in ("attribute_exists", "attribute_not_exists"):
            _, name, _ = (self._tokens.pop(0) for _ in range(3))
            return (self._names.get(name, name) in self._item) == (token == "attribute_exists")
        operator, value = self._tokens.pop(0), self._values[self._tokens.pop(0)]
        held = self._item.get(self._names.get(token, token))
        if held is None:
            return False
        return bool(held == value if operator == "=" else held < value)


def _apply(new: Item, old: Item, expression: str, names: dict[str, str], values: Item) -> None:
    for clause in re.split(r"\s+(?=SET|REMOVE|ADD)", expression.strip()):
        verb, _, rest = clause.partition(" ")
        for part in re.split(r",\s*(?![^(]*\))", rest):
            if verb == "REMOVE":
                new.pop(names.get(part.strip(), part.strip()), None)
            elif verb == "ADD":
                name, value = part.split()
                new[name] = old.get(name, 0) + values[value]
            else:
                _set(new, old, part, names, values)


def _set(new: Item, old: Item, part: str, names: dict[str, str], values: Item) -> None:
    name, _, source = (piece.strip() for piece in part.partition("="))
    name = names.get(name, name)
    default = re.fullmatch(r"if_not_exists\((\w+), (:\w+)\)", source)
    if default:
        new[name] = old.get(default[1], values[default[2]])
    else:
        new[name] = values[source]
