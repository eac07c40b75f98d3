"""The bill of materials says what the lock says."""

import json
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from academy_worker.commands.sbom import app
from academy_worker.sbom import Locked, bill, image_environment, lock_text, read_lock

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements/analysis.txt"
HASH = "a" * 64
ENVIRONMENT = image_environment("3.12")


def test_every_line_of_the_lock_that_the_image_installs_is_listed() -> None:
    lines = [line for line in lock_text(LOCK).splitlines() if "==" in line]
    expected = set()
    for line in lines:
        requirement = Requirement(line.partition("--hash")[0])
        if requirement.marker is None or requirement.marker.evaluate(dict(ENVIRONMENT)):
            expected.add(f"{requirement.name.lower()}{requirement.specifier}")

    packages = read_lock(lock_text(LOCK), ENVIRONMENT)

    assert {f"{package.name}=={package.version}" for package in packages} == expected
    assert len(packages) > 40


def test_markers_choose_between_two_versions() -> None:
    text = (
        f"av==1.0 ; python_full_version < '3.12' --hash=sha256:{HASH}\n"
        f"av==2.0 ; python_full_version >= '3.12' --hash=sha256:{HASH}\n"
        f"pywin32==3 ; sys_platform == 'win32' --hash=sha256:{HASH}\n"
    )

    assert read_lock(text, image_environment("3.11")) == [Locked("av", "1.0", (HASH,))]
    assert read_lock(text, image_environment("3.12")) == [Locked("av", "2.0", (HASH,))]


def test_a_package_without_a_hash_is_an_error() -> None:
    with pytest.raises(ValueError, match="without a hash: loose"):
        read_lock("loose==1.0\n", ENVIRONMENT)


def test_the_bill_is_the_same_every_time_and_changes_with_the_lock() -> None:
    packages = [Locked("a", "1", (HASH,))]

    assert bill(packages, ENVIRONMENT, "1") == bill(packages, ENVIRONMENT, "1")
    serial, other = (
        json.loads(bill([Locked("a", version, (HASH,))], ENVIRONMENT, "1"))["serialNumber"]
        for version in ("1", "2")
    )
    assert serial != other


def test_the_command_writes_a_connected_document(tmp_path: Path) -> None:
    out = tmp_path / "out/sbom.json"

    result = CliRunner().invoke(app, ["--out", str(out), "--python", "3.11"])

    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    references = {component["bom-ref"] for component in document["components"]}
    assert len(references) == len(document["components"])
    edges = {edge["ref"]: edge["dependsOn"] for edge in document["dependencies"]}
    root = document["metadata"]["component"]["bom-ref"]
    reached, open_ends = set(), [root]
    while open_ends:
        for need in edges[open_ends.pop()]:
            if need not in reached:
                reached.add(need)
                open_ends.append(need)
    assert reached == references


def test_a_licence_is_told_where_the_package_is_installed() -> None:
    document = json.loads(bill(read_lock(lock_text(LOCK), ENVIRONMENT), ENVIRONMENT, "1"))

    licences = {entry["name"]: entry.get("licenses") for entry in document["components"]}

    assert "MIT" in json.dumps(licences["pydantic"])
    assert sum(bool(found) for found in licences.values()) > 0.9 * len(licences)


@pytest.mark.parametrize("shipped", ["jobs", "analysis"])
def test_what_is_shipped_is_what_is_tested(shipped: str) -> None:
    tested = {
        line.partition(" ")[0] for line in lock_text(ROOT / "requirements/dev.txt").split("\n")
    }
    lines = lock_text(ROOT / f"requirements/{shipped}.txt").split("\n")

    assert {line.partition(" ")[0] for line in lines if "==" in line} <= tested
