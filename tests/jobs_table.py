"""The jobs table on moto, as the template declares it."""

from functools import cache
from pathlib import Path
from typing import Any

import boto3

from academy_worker.embedded.cfn_yaml import load_template

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
_DECLARED = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")


def create_jobs_table(name: str, region: str) -> Any:
    """Create it inside `mock_aws`; returns boto3's Table."""
    return boto3.resource("dynamodb", region).create_table(TableName=name, **_properties())


@cache
def _properties() -> dict[str, Any]:
    """What moto is told; streams, backups and encryption are left out."""
    declared = load_template(TEMPLATE)["Resources"]["JobsTable"]["Properties"]
    return {name: declared[name] for name in _DECLARED}
