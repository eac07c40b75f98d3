"""How large the CPU image is unpacked, and what in it is largest, without a container engine.

    make image-report

Python packages are laid out as `layers/analysis/Dockerfile` installs them - the locked wheels, for
the image's Python on Linux x86_64 - and their files are counted. Debian packages are those that apt
would install into an empty system, as this machine's release has them, which the report names:
by their files where they are installed here, less the documents that a slim base leaves out, and
by the size their maintainers declare where they are not. What the Dockerfile deletes again is read
from its `find ... -delete` and `pip uninstall` lines. The project's own files are counted as they
lie here.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "layers/analysis/Dockerfile"
PYTHON, PLATFORM = "3.13", "x86_64-manylinux_2_36"
"""Python of Debian 13 and the newest wheels its C library takes."""

SLIM_BASE_DROPS = re.compile(r"/usr/share/(doc|man|info|locale|lintian)/")
"""Documents that Debian's slim base images leave out, and keep dpkg from installing."""

TARGET_MB = 900
MB = 1_000_000
OWN = ("layers/jobs/python", "layers/analysis/python", "functions")


def main() -> None:
    """Print the report; exits 1 when the image is larger than its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=10, help="packages listed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python = python_packages(Path(folder))
        bytecode = bytecode_bytes(Path(folder))
    base, debian = debian_packages([]), debian_packages(declared_packages())
    added = {name: size for name, size in debian.items() if name not in base}
    own = {name: folder_bytes(ROOT / name) for name in OWN}
    parts = {
        f"base system ({release()}, {len(base)} packages)": sum(base.values()),
        f"Debian packages ({len(added)})": sum(added.values()),
        f"Python packages ({len(python)})": sum(python.values()),
        "bytecode": bytecode,
        "layers and functions": sum(own.values()),
    }
    total = sum(parts.values())
    _show(parts, total, Counter(python | added), asked.largest)
    sys.exit(total > TARGET_MB * MB)


@cache
def dockerfile() -> str:
    """The image's Dockerfile with continued lines joined."""
    return re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text())


def deletions() -> list[str]:
    """The Dockerfile's `find` commands, which delete what no reader needs."""
    return [command.strip() for command in re.findall(r"find [^&\n]*", dockerfile())]


def declared_packages() -> list[str]:
    """Debian packages that the Dockerfile's last stage installs."""
    installed = re.search(r"apt-get install ([^&]*)", dockerfile().rpartition("\nFROM ")[2])
    if installed is None:
        raise SystemExit(f"{DOCKERFILE.name} installs no Debian packages in its last stage")
    return [word for word in installed[1].split() if not word.startswith("-")]


def debian_packages(names: list[str]) -> dict[str, int]:
    """Bytes by package that apt would bring into an empty system with `names`."""
    apt = ["apt-get", "-o", "Dir::State::status=/dev/null", "-o", "Debug::NoLocking=1"]
    wanted = ["?priority(required)", "apt", *names]
    planned = _output([*apt, "install", "--simulate", "--no-install-recommends", *wanted])
    found = re.findall(r"^Inst (\S+)", planned, re.MULTILINE)
    described = _output(["apt-cache", "show", "--no-all-versions", *found])
    sizes: dict[str, int] = {}
    for entry in described.split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): (.*)$", entry, re.MULTILINE))
        if "Installed-Size" in fields:
            declared = 1024 * int(fields["Installed-Size"])
            sizes[fields["Package"]] = _installed_here(fields["Package"]) or declared
    if missing := set(found) - set(sizes):
        raise SystemExit(f"apt knows no size of {', '.join(sorted(missing))}; run apt-get update")
    return sizes


def _installed_here(package: str) -> int:
    """Bytes of a Debian package's files on this machine; 0 where it is not installed."""
    listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)
    paths = {line for line in listed.stdout.splitlines() if not SLIM_BASE_DROPS.search(line)}
    return files_bytes(map(Path, paths - _deleted_here()))


@cache
def _deleted_here() -> frozenset[str]:
    """Files of this machine's Debian packages that the Dockerfile would delete."""
    commands = [command for command in deletions() if command.startswith("find /")]
    listed = [_output(["sh", "-c", command.replace("-delete", "-print")]) for command in commands]
    return frozenset(line for lines in listed for line in lines.splitlines())


def files_bytes(paths: Iterable[Path]) -> int:
    """Bytes of those paths that are plain files."""
    return sum(path.stat().st_size for path in paths if path.is_file() and not path.is_symlink())


def python_packages(folder: Path) -> dict[str, int]:
    """Bytes by Python package of the image's lock file, laid out in `folder`."""
    _output(
        [
            *(str(ROOT / ".venv/uv"), "pip", "install", "--quiet", "--target", str(folder)),
            *("--python-version", PYTHON, "--python-platform", PLATFORM),
            *("--only-binary", ":all:", "--no-deps", "--require-hashes"),
            *("-r", str(ROOT / "requirements/analysis.txt")),
        ]
    )
    for command in deletions():
        if not command.startswith("find /"):
            _output(["sh", "-c", f"cd {folder} && {command}"])
    uninstalled = " ".join(re.findall(r"pip uninstall ([^&\n]*)", dockerfile())).split()
    sizes = {}
    for package in distributions(path=[str(folder)]):
        if package.name not in uninstalled:
            paths = (Path(str(file.locate())) for file in package.files or ())
            sizes[package.name] = files_bytes(paths)
    return sizes


def bytecode_bytes(folder: Path) -> int:
    """What the build's last step compiles, here by this environment's Python into `folder`."""
    prefix = folder / "bytecode"
    paths = [str(ROOT / name) for name in (*OWN[:2], ".")]
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(prefix), "PYTHONPATH": ":".join(paths)}
    _output([sys.executable, str(DOCKERFILE.with_name("compile_bytecode.py"))], env)
    return files_bytes(prefix.rglob("*.pyc"))


def folder_bytes(folder: Path) -> int:
    """Bytes of a folder's files as the image takes them."""
    return files_bytes(path for path in folder.rglob("*") if "__pycache__" not in path.parts)


def release() -> str:
    """This machine's release, whose sizes apt reports."""
    return str(
        dict(re.findall(r"^(\w+)=\"?([^\"\n]*)", Path("/etc/os-release").read_text(), re.M))[
            "PRETTY_NAME"
        ]
    )


def _output(command: list[str], env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _show(parts: dict[str, int], total: int, packages: Counter[str], largest: int) -> None:
    console = Console()
    table = Table("part", "MB", title="CPU image, unpacked")
    for name, size in parts.items():
        table.add_row(name, f"{size / MB:.0f}")
    table.add_section()
    table.add_row("all", f"{total / MB:.0f}")
    table.caption = f"target {TARGET_MB} MB"
    console.print(table)
    top = Table("package", "MB", title=f"the largest {largest}")
    for name, size in packages.most_common(largest):
        top.add_row(name, f"{size / MB:.0f}")
    console.print(top)


if __name__ == "__main__":
    main()
