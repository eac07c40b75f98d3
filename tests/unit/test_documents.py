"""What the documents name is there: commands, make targets, files, headings, parameters."""

import re
from pathlib import Path

import pytest
import typer.main

from academy_worker.embedded.cfn_yaml import load_template
from academy_worker.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = [path for top in ("cli", "layers", "functions") for path in (ROOT / top).rglob("*.py")]
PARAMETERS = set(load_template(ROOT / "template.yaml")["Parameters"])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
by_name = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def anchors(path: Path) -> set[str]:
    """Headings of a document as links name them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.strip().replace(" ", "-") for head in plain}


def commands() -> set[str]:
    """Every command, and group with its commands, as typed after `academy-worker`."""
    group = typer.main.get_command(app)
    found = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found.add(name)
        found |= {f"{name} {below}" for below in getattr(command, "commands", {})}
    return found


@by_name
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"\w+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_sources_point_at_headings_that_exist() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    text += (ROOT / "template.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"(docs/[\w/-]+\.md)(?:#([\w-]+))?", text))

    assert len(named) > 20
    for name, anchor in named:
        assert (ROOT / name).exists(), name
        assert not anchor or anchor in anchors(ROOT / name), f"{name}#{anchor}"


@by_name
def test_commands_and_targets_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = commands()
    for first, second in re.findall(r"academy-worker ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?", text):
        assert first in known, first
        groups = {name.split()[0] for name in known if " " in name}
        assert not second or first not in groups or f"{first} {second}" in known, (
            f"{first} {second}"
        )
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
        assert target in TARGETS, target


@by_name
def test_modules_run_by_name_exist(path: Path) -> None:
    for name in re.findall(r"python -m ((?:benchmarks|tests)[\w.]+)", path.read_text("utf-8")):
        module = ROOT / name.replace(".", "/")
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), name


def test_the_migration_guide_names_parameters_of_the_template() -> None:
    text = (ROOT / "docs/migrate.md").read_text(encoding="utf-8")
    environment = text.split("## Environment")[1].split("## ")[0]
    rows = [row.split("|")[1:3] for row in environment.splitlines() if row.startswith("| `")]
    named = {name for _, now in rows for name in re.findall(r"`([A-Z]\w+)`", now)}

    assert len(rows) > 10
    assert named <= PARAMETERS, named - PARAMETERS
    assert {"ApiBaseUrl", "OcrEngine", "OpenAiSecretArn"} <= named
