"""What the first note of a process does not pay for."""

import json
import subprocess
import sys
from pathlib import Path

_FIRST_NOTE = """
import ctypes.util, json, sys
children = []
sys.addaudithook(lambda event, _: event == "subprocess.Popen" and children.append(event))
search = ctypes.util.find_library
from analysis.wrong_note.pdf import pdf
made = pdf("<!doctype html><title>note</title><p>1 + 1 = 2")
print(json.dumps({
    "pages": made.pages,
    "children": len(children),
    "formulas": "ziamath" in sys.modules,
    "restored": ctypes.util.find_library is search,
}))
"""


def test_the_first_note_starts_no_process_and_loads_no_formulas() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_NOTE],
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": "/usr/bin:/bin:/sbin"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    told = json.loads(done.stdout)
    assert told == {"pages": 1, "children": 0, "formulas": False, "restored": True}
