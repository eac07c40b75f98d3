"""The software bill of materials of the container image, CycloneDX 1.6, from the lock file.

The lock is the truth (the image installs it with `--require-hashes`); licences and dependencies
are added from the installed packages where their version is the locked one. The same lock gives
the same bytes: no clock, and a serial number made from the contents.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
"""The namespace of object identifiers (RFC 9562, 6.6)."""

_LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*])?==(?P<version>[^\s;\\]+)(?P<rest>.*)$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock: canonical name, exact version, sha256 of its admitted files."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """The package URL, which names the package across tools."""
        return f"pkg:pypi/{self.name}@{self.version}"


def image_environment(python: str) -> dict[str, str]:
    """Return the marker variables of the image: Linux, x86_64, and this Python (like `3.12`)."""
    environment = {name: str(value) for name, value in default_environment().items()}
    return environment | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


def read_lock(text: str, environment: Mapping[str, str]) -> list[Locked]:
    """Read the packages a lock installs in that environment. Raises `ValueError` on no hash."""
    found = [locked for locked in _entries(text, environment) if locked]
    if bare := [locked.name for locked in found if not locked.hashes]:
        raise ValueError(f"locked without a hash: {', '.join(bare)}")
    return sorted(found, key=lambda locked: locked.name)


def bill(packages: Sequence[Locked], environment: Mapping[str, str], version: str) -> str:
    """Write the bill as JSON text; `version` is the product's."""
    by_name = {package.name: package for package in packages}
    digest = hashlib.sha256("\n".join(map(repr, packages)).encode()).hexdigest()
    root = f"academy-worker@{version}"
    needs = {package.name: _needs(package, by_name, environment) for package in packages}
    indirect = {need for found in needs.values() for need in found}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": root,
                "name": "academy-worker",
                "version": version,
            }
        },
        "components": [_component(package) for package in packages],
        "dependencies": [
            {
                "ref": root,
                "dependsOn": [p.purl for p in packages if p.name not in indirect],
            },
            *(
                {"ref": p.purl, "dependsOn": [by_name[need].purl for need in needs[p.name]]}
                for p in packages
            ),
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def lock_text(path: Path) -> str:
    """Read a lock with its continued lines joined."""
    return path.read_text().replace("\\\n", " ")


def _entries(text: str, environment: Mapping[str, str]) -> Iterator[Locked | None]:
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if not match:
            continue
        marker = match["rest"].partition("--hash")[0].strip().removeprefix(";").strip()
        if marker and not Marker(marker).evaluate(dict(environment)):
            continue
        hashes = tuple(sorted(_HASH.findall(match["rest"])))
        yield Locked(canonicalize_name(match["name"]), match["version"], hashes)


def _component(package: Locked) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }
    if licences := _licences(package):
        component["licenses"] = licences
    return component


def _installed(package: Locked) -> metadata.Distribution | None:
    try:
        found = metadata.distribution(package.name)
    except metadata.PackageNotFoundError:
        return None
    return found if found.version == package.version else None


def _licences(package: Locked) -> list[dict[str, Any]]:
    found = _installed(package)
    if found is None:
        return []
    for expression in found.metadata.get_all("License-Expression") or []:
        return [{"expression": expression}]
    classifiers = found.metadata.get_all("Classifier") or []
    named = [entry.rpartition(" :: ")[2] for entry in classifiers if entry.startswith("License ::")]
    texts = found.metadata.get_all("License") or []
    if not named:
        named = [text.strip().splitlines()[0][:120] for text in texts if text.strip()]
    return [{"license": {"name": name}} for name in dict.fromkeys(named)]


def _needs(
    package: Locked, known: Mapping[str, Locked], environment: Mapping[str, str]
) -> list[str]:
    found = _installed(package)
    wanted = map(Requirement, (found.requires or []) if found else [])
    names = {
        canonicalize_name(need.name)
        for need in wanted
        if need.marker is None or need.marker.evaluate(dict(environment))
    }
    return sorted(name for name in names if name in known and name != package.name)
