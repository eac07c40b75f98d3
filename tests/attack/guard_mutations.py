"""Do the tests notice when a check of the download guard is taken out?

`python -m tests.attack.guard_mutations` copies the sources, plants one hole at a time and runs
the guard's tests on the copy: every hole must make them fail. Minutes, so nightly.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = (
    "tests/attack/test_hostile_addresses.py",
    "tests/attack/test_hostile_servers.py",
    "tests/attack/test_hostile_answers.py",
    "tests/unit/download",
)
COPIED = ("layers/jobs", "layers/analysis/python", "tests", "pyproject.toml")

HOLES = (
    (
        "url_guard",
        "if not (address.is_loopback if target.loopback else is_public(",
        "if not (1 or (",
    ),
    ("url_guard", "return address in _V6_GLOBAL and not any(", "return address.is_global or any("),
    ("url_guard", 'if "@" in parts.netloc:', "if False:"),
    ("url_guard", "if port not in (None, HTTPS_PORT):", "if False:"),
    ("url_guard", "if following.scheme != target.scheme:", "if False:"),
    ("url_guard", 'host.endswith(f".{name}")', "host.endswith(name)"),
    (
        "guarded_http",
        "_open_socket(vet_addresses(addresses, target), target,",
        "_open_socket(vet_addresses(addresses, target) and resolver(target.host, 443), target,",
    ),
    (
        "guarded_http",
        "        self._stream.settimeout(self._deadline.left())\n        return",
        "        return",
    ),
    ("guarded_http", "suppress_ragged_eofs=False", "suppress_ragged_eofs=True"),
    ("guarded_http", "server_hostname=target.host", 'server_hostname="files.example.com"'),
    ("guarded_http", "thread.join(deadline.left())", "thread.join()"),
    ("download", "        if total > cap:", "        if False:"),
    ("download", "if (response.length or 0) > cap:", "if False:"),
    ("download", "if declared is not None and total < declared:", "if False:"),
    ("download", "        path.unlink(missing_ok=True)\n", ""),
    ("download", "range(policy.max_redirects + 1)", "range(policy.max_redirects + 2)"),
    ("download", "could not be used ({type(error).__name__})", "could not be used ({url})"),
)
"""Module, what stands there, and the hole."""


def main() -> int:
    """Plant each hole; 1 if a hole goes unnoticed."""
    missed = 0
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for name in COPIED:
            source = ROOT / name
            place = shutil.copytree if source.is_dir() else shutil.copy
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            place(source, copy / name)
        if not _passes(copy):
            raise RuntimeError("the tests fail without a hole")
        for module, old, new in HOLES:
            noticed = _noticed(copy, module, old, new)
            missed += not noticed
            print(f"{'noticed' if noticed else 'MISSED '}  {module}: {old.strip()}", flush=True)
    print(f"{len(HOLES) - missed} of {len(HOLES)} holes noticed")
    return min(missed, 1)


def _noticed(copy: Path, module: str, old: str, new: str) -> bool:
    path = copy / f"layers/jobs/python/jobs/{module}.py"
    text = path.read_text()
    if text.count(old) != 1:
        raise ValueError(f"{module} has no single {old!r}: mend this list")
    path.write_text(text.replace(old, new))
    try:
        return not _passes(copy)
    finally:
        path.write_text(text)


def _passes(copy: Path) -> bool:
    """Run the tests; an error outside them (a hole that is no Python) is raised."""
    sources = ("layers/jobs/python", "layers/analysis/python", ".")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *TESTS],
        cwd=copy,
        env={"PYTHONPATH": ":".join(str(copy / name) for name in sources)},
        capture_output=True,
        timeout=300,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout.decode()[-2000:])
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
