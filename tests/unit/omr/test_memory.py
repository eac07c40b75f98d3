"""A photo of twelve megapixels fits a function of small memory."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from tests.generators.omr.sheets import filled_sheet

MEGABYTES = 600

READ = """
import json, sys
from pathlib import Path
from analysis.image import read_image
from analysis.omr.audit import audit_picture
from analysis.omr.reader import read_sheet
from analysis.omr.template import parse_template
image = read_image(Path(sys.argv[1]))
template = parse_template(json.loads(Path(sys.argv[2]).read_text()))
sheet = read_sheet(image, template)
assert not sheet.rejected
audit_picture(image, sheet, template)
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) / 1024)
"""


def test_a_photo_of_twelve_megapixels_is_read_within_its_memory(tmp_path: Path) -> None:
    made = filled_sheet(9500, "photo_easy", marks="clean")
    image = cv2.imdecode(np.frombuffer(made.data, np.uint8), cv2.IMREAD_COLOR)
    picture, meta = tmp_path / "photo.jpg", tmp_path / "meta.json"
    cv2.imwrite(str(picture), cv2.resize(image, (4000, 3000)))
    meta.write_text(json.dumps(made.meta))
    run = subprocess.run(
        [sys.executable, "-c", READ, picture, meta], capture_output=True, text=True, check=True
    )
    assert float(run.stdout) < MEGABYTES
