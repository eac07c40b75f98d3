"""Where the pieces of this checkout lie."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The repository."""

TEMPLATE = ROOT / "template.yaml"
SAMPLES = ROOT / "samples"
OUT = ROOT / "out"
"""What a run leaves behind; not under version control."""

STATE = OUT / "demo.json"
"""A kept run's addresses and process ids."""

INTERPRETER = Path(sys.executable)
"""The interpreter that runs handlers: the project's environment, this process's own."""

ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
TOOLS = ROOT / ".venv-tools"
