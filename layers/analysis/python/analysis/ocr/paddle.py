"""Engine `paddle`: PP-OCR's detector and recogniser as ONNX, where a deployment has Korean ones.

A folder holds `det.onnx` (text-probability map), `rec.onnx` (48 px high lines, CTC) and `keys.txt`
(one character a line, without the CTC blank, without the blank between words). The line
orientation classifier of PP-OCR is left out: it turns Korean lines upside down.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.boxes import reading_order, xywh_to_xyxy
from analysis.image import Image
from analysis.ocr.reading import NO_TEXT, Box, Line, Reading, Word, around
from analysis.onnx import OnnxModel, open_model
from faults import Code, Permanent

Floats = NDArray[np.float32]

_LONG_SIDE = 1536
"""px the detector sees: 10 pt print of A4 keeps 12 px."""

_TEXT = 0.3
"""Probability from which a pixel is text; this and the two below are PP-OCR's own defaults."""

_BOX_SCORE = 0.6
_UNCLIP = 1.6
"""How far boxes are widened: the detector is trained on shrunken ones (DB, Liao et al. 2020)."""

_HEIGHT = 48
"""px of a line for the recogniser."""

_MAX_WIDTH = 3200
"""px of a line after scaling; longer ones are squeezed."""

_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32)


class PaddleEngine:
    """Raises `Permanent(model_invalid)` where the folder or a model in it is not usable."""

    name = "paddle"

    def __init__(self, folder: Path, languages: tuple[str, ...] = ("kor", "eng")) -> None:
        self._languages = languages
        self._detector = open_model(folder / "det.onnx")
        self._recogniser = open_model(folder / "rec.onnx")
        self._keys = _keys(folder / "keys.txt")

    def read(self, image: Image) -> Reading:
        """Read a BGR picture. Raises `Permanent(model_output_invalid)`."""
        boxes = find_lines(self._detector, image)
        found = [(box, self._line(image, box)) for box in boxes]
        words = [Word(text, box, sure) for box, (text, sure) in found if text.strip()]
        lines = tuple(Line(tuple(row)) for row in _rows(words))
        return Reading(lines, self.name, self._languages, 0, None if lines else NO_TEXT)

    def _line(self, image: Image, box: Box) -> tuple[str, float]:
        x, y, w, h = box
        width = int(np.clip(round(w * _HEIGHT / h), 8, _MAX_WIDTH))
        cut = cv2.resize(image[y : y + h, x : x + w], (width, _HEIGHT))
        tensor = (cut.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        output = self._recogniser.run({self._recogniser.input_name: tensor})[0]
        return decode(np.asarray(output, np.float32), self._keys)


def find_lines(detector: OnnxModel, image: Image) -> list[Box]:
    """Boxes of text in reading order, px of the picture."""
    height, width = image.shape[:2]
    scale = min(1.0, _LONG_SIDE / max(height, width))
    size = tuple(max(32, round(side * scale / 32) * 32) for side in (width, height))
    small = cv2.resize(image, size).astype(np.float32) / 255
    tensor = ((small - _MEAN) / _SPREAD).astype(np.float32).transpose(2, 0, 1)[None]
    output = np.asarray(detector.run({detector.input_name: tensor})[0], np.float32)
    if output.shape != (1, 1, size[1], size[0]):
        raise Permanent(Code.MODEL_OUTPUT_INVALID, "det.onnx gives no map of its input's size")
    boxes = _map_boxes(output[0, 0])
    factor = np.array([width / size[0], height / size[1]] * 2)
    found = [_clipped(box * factor, width, height) for box in boxes]
    order = reading_order(xywh_to_xyxy(np.array(found, np.float64).reshape(-1, 4)))
    return [found[int(index)] for index in order]


def decode(output: Floats, keys: tuple[str, ...]) -> tuple[str, float]:
    """Greedy CTC: text and mean probability of [1, steps, classes]; class 0 is the blank."""
    if output.ndim != 3 or output.shape[2] != len(keys) + 1:
        raise Permanent(Code.MODEL_OUTPUT_INVALID, "rec.onnx and keys.txt do not fit each other")
    best = output[0].argmax(axis=1)
    fresh = (best > 0) & (best != np.concatenate([[0], best[:-1]]))
    text = "".join(keys[index - 1] for index in best[fresh])
    sure = output[0].max(axis=1)[fresh]
    return text, float(np.clip(sure.mean(), 0, 1)) if len(sure) else 0.0


def _keys(path: Path) -> tuple[str, ...]:
    try:
        keys = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise Permanent(Code.MODEL_INVALID, "keys.txt is missing or not UTF-8") from None
    if keys and not keys[-1]:
        keys.pop()
    return (*(key.rstrip("\r") for key in keys), " ")


def _map_boxes(shares: Floats) -> list[NDArray[np.float64]]:
    """Widened upright boxes xywh of the regions of a probability map."""
    mask = (shares > _TEXT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sums = np.bincount(labels.ravel(), shares.ravel(), count)
    boxes = []
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        if min(w, h) < 3 or sums[index] / area < _BOX_SCORE:
            continue
        grow = w * h * _UNCLIP / (2 * (w + h))
        boxes.append(np.array([x - grow, y - grow, w + 2 * grow, h + 2 * grow]))
    return boxes


def _clipped(box: NDArray[np.float64], width: int, height: int) -> Box:
    x, y = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, int(box[0] + box[2]) + 1), min(height, int(box[1] + box[3]) + 1)
    return x, y, max(1, right - x), max(1, bottom - y)


@dataclass
class _Row:
    words: list[Word]

    def takes(self, word: Word) -> bool:
        """Whether a word stands on this row: their heights overlap by half of the lower one."""
        _, y, _, h = around(other.box for other in self.words)
        shared = min(y + h, word.box[1] + word.box[3]) - max(y, word.box[1])
        return shared > 0.5 * min(h, word.box[3]) and word.box[0] >= self.words[-1].box[0]


def _rows(words: list[Word]) -> list[list[Word]]:
    """Words in reading order, grouped by printed line."""
    rows: list[Any] = []
    for word in words:
        if rows and rows[-1].takes(word):
            rows[-1].words.append(word)
        else:
            rows.append(_Row([word]))
    return [row.words for row in rows]
