"""Films of somebody paging through a workbook, with the truth of every frame.

The camera trembles and drifts, turns are a leaf swung over with its shadow and a hand, light and
focus wander. Truth is written as JSON beside the film, in the form `video evaluate` reads.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tests.generators.handwriting.pages import Sources
from tests.generators.video.book import LEVELS, Leaf, leaf

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Script:
    """What is filmed; `size` is (width, height) as shown, `hold` and `turn` s (least, most).

    `curl` lifts the middle of the pages by up to that share of their height; `dropped` is the share
    of frames a phone short of light left out, so that the film has no steady rate. `rotate` is
    how a phone was held: degrees (0, 90, 180, 270) counterclockwise by which a player must turn
    the coded frames, as the film's display matrix says. `fills` is the share of the frame's width
    or height that a page takes.
    """

    seed: int
    pages: int = 10
    size: tuple[int, int] = (720, 1280)
    hold: tuple[float, float] = (1.2, 3.0)
    turn: tuple[float, float] = (0.35, 0.9)
    fps: int = 30
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "crf": "23"})
    gop: int = 30
    bit_rate: int = 0
    pixel_format: str = "yuv420p"
    revisits: int = 0
    sweeps: int = 0
    shadow: float = 0.2
    shake: float = 1.0
    curl: float = 0.0
    dropped: float = 0.0
    rotate: int = 0
    pinned: bool = False
    pan: float = 0.0
    fills: float = 0.86
    levels: tuple[str, ...] = tuple(LEVELS)
    faces: tuple[Path, ...] = ()
    hands: Sources = field(default_factory=Sources)


@dataclass(frozen=True)
class Shot:
    """A frame as the phone wrote it: its `blur` (px at 720p), and whether the page is to be seen as
    the script has it (else it is no hold)."""

    picture: Picture
    blur: float
    page_seen: bool = True


Alter = Callable[[Shot, float], Shot | None]
"""What becomes of a frame taken at a time (s); None leaves it out of the film."""


@dataclass(frozen=True)
class Staging:
    """What a film shows other than a new book paged through from front to back.

    `leaves` are filmed instead of the script's, in `order`; `pages` says which page each leaf is
    (two leaves may be one page, before and after a hand wrote on it: between the two no leaf is
    turned). Where `paging` is `swipe` or `pile` the next page slides in from the right, with the
    page before or over it. `alter` is applied to every frame.
    """

    leaves: tuple[Leaf, ...] = ()
    order: tuple[int, ...] = ()
    pages: tuple[int, ...] = ()
    paging: str = "leaf"
    alter: Alter | None = None


def shoot(script: Script, path: Path, staging: Staging | None = None) -> dict[str, Any]:
    """Write the film to `path` and its truth to the same name with `.json`; returns the truth."""
    staging = staging or Staging()
    rng = np.random.default_rng(script.seed)
    leaves = list(staging.leaves) or [
        leaf(rng, 10 + 2 * number, str(rng.choice(script.levels)), script.faces, script.hands)
        for number in range(script.pages)
    ]
    if script.curl:
        leaves = [replace(one, picture=_curled(one.picture, script.curl)) for one in leaves]
    order = list(staging.order) or list(range(len(leaves)))
    for _ in range(script.revisits):
        order.insert(int(rng.integers(2, len(order) + 1)), int(rng.integers(0, script.pages)))
    order = [one for place, one in enumerate(order) if place == 0 or order[place - 1] != one]
    frames = _frames(script, order, rng)
    page_of = staging.pages or tuple(range(len(leaves)))
    last = {page: one for one, page in enumerate(page_of)}.values()
    truth: dict[str, Any] = {
        "name": path.stem,
        "file": path.name,
        "size": list(script.size),
        "rotate": script.rotate,
        "fps": script.fps,
        "duration": len(frames) / script.fps,
        "holds": [[*hold[:2], page_of[int(hold[2])]] for hold in _holds(frames, script.fps)],
        "views": [{"ink": [leaves[one].ink], "level": [leaves[one].level]} for one in last],
        "frames": [],
    }
    camera = _Camera(script, rng, staging)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(script.codec, rate=script.fps, options=dict(script.options))
        sideways = script.rotate in (90, 270)
        stream.width, stream.height = script.size[::-1] if sideways else script.size
        stream.pix_fmt = script.pixel_format
        stream.gop_size = script.gop
        stream.time_base = Fraction(1, script.fps)
        if script.rotate:
            stream.set_display_rotation(script.rotate)
        if script.bit_rate:
            stream.bit_rate = script.bit_rate
        # A stream of its own: how many frames are left out must not change what they show.
        left_out = np.random.default_rng([script.seed, 1]).random(len(frames)) < script.dropped
        for index, moment in enumerate(frames):
            time = index / script.fps
            picture, blur, hand = camera.take(leaves, moment, time)
            shot: Shot | None = Shot(picture, blur)
            if staging.alter is not None and shot is not None:
                shot = staging.alter(shot, time)
            if shot is None or (left_out[index] and index):
                continue
            state = "hold" if moment.next is None and shot.page_seen else "turn"
            page = page_of[moment.page]
            truth["frames"].append(
                [round(time, 5), state, page, round(shot.blur, 2), round(hand, 4)]
            )
            coded = np.ascontiguousarray(np.rot90(shot.picture, -script.rotate // 90))
            frame = av.VideoFrame.from_ndarray(coded, format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    path.with_suffix(".json").write_text(json.dumps(truth), encoding="utf-8")
    return truth


def _curled(page: Picture, curl: float) -> Picture:
    """A page bent like a roof tile: its middle lifted and its lines bowed."""
    height, width = page.shape[:2]
    across = np.linspace(0, 1, width, dtype=np.float32)
    rise = curl * height * np.sin(np.pi * across) * np.linspace(1, 0.4, width)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent = cv2.remap(
        page,
        x,
        y + rise.astype(np.float32)[None],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    shade = 1 - 0.25 * np.cos(np.pi * across) ** 2 * (across > 0.5)
    return np.asarray(bent * shade[None, :, None], np.uint8)


@dataclass(frozen=True)
class _Moment:
    page: int
    next: int | None = None
    done: float = 0.0
    hand: float = 0.0


def _frames(script: Script, order: list[int], rng: np.random.Generator) -> list[_Moment]:
    """What is to be seen in every frame; a hand comes in 0.35 s before a turn."""
    found: list[_Moment] = []
    sweeps = set(rng.choice(len(order), min(script.sweeps, len(order)), replace=False).tolist())
    entering = round(0.35 * script.fps)
    for place, page in enumerate(order):
        count = round(rng.uniform(*script.hold) * script.fps)
        last = place == len(order) - 1
        for index in range(count):
            near = 0.0 if last else max(0.0, 1 - (count - 1 - index) / entering)
            if place in sweeps and count > 40:
                near = max(near, 1 - abs(index - count / 2) / 12)
            found.append(_Moment(page, hand=max(0.0, near)))
        if not last:
            turning = max(4, round(rng.uniform(*script.turn) * script.fps))
            found += [
                _Moment(page, order[place + 1], (index + 1) / (turning + 1), 1.0)
                for index in range(turning)
            ]
    return found


def _holds(frames: list[_Moment], fps: int) -> list[list[float]]:
    holds: list[list[float]] = []
    begun: int | None = None
    for index, one in enumerate([*frames, _Moment(-1, 0)]):
        if one.next is None and begun is None:
            begun = index
        elif one.next is not None and begun is not None:
            holds.append([round(begun / fps, 3), round((index - 1) / fps, 3), frames[begun].page])
            begun = None
    return holds


class _Camera:
    """A phone in a hand: smooth random drift, tremor, focus and light."""

    def __init__(self, script: Script, rng: np.random.Generator, staging: Staging) -> None:
        self._script = script
        self._staging = staging
        self._rng = rng
        self._phase = rng.uniform(0, 6.28, 12)
        self._rate = rng.uniform(0.25, 1.1, 12)
        width, height = script.size
        grain = rng.normal(0, 9, (height // 4, width // 4)).astype(np.float32)
        base = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
        tone = np.array(rng.uniform(70, 160, 3), np.float32)
        self._desk = np.clip(base[:, :, None] + tone, 0, 255).astype(np.uint8)
        self._skin = np.array([rng.uniform(95, 170), rng.uniform(120, 185), rng.uniform(165, 235)])
        across = np.linspace(0, 1, width, dtype=np.float32)[None]
        down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        angle = rng.uniform(0, 6.28)
        edge = np.cos(angle) * (across - 0.5) + np.sin(angle) * (down - 0.5)
        dim = 200 * (1 - script.shadow / (1 + np.exp(-edge * 18)))
        self._shadow = np.repeat(dim.astype(np.uint8)[:, :, None], 3, axis=2)
        self._noise = [self._grain(rng, width, height) for _ in range(5)]
        self._before = np.zeros(2)

    def take(
        self, leaves: list[Leaf], moment: _Moment, time: float
    ) -> tuple[Picture, float, float]:
        """One frame (BGR), its blur in px at 720p, and the share a hand covers."""
        width, height = self._script.size
        wave = np.sin(self._phase + self._rate * 6.28 * time)
        shake = self._script.shake * min(width, height) * 0.012
        move = np.array([wave[0] + 0.4 * wave[1], wave[2] + 0.4 * wave[3]]) * shake
        move[0] += self._script.pan * width * 0.08 * np.sin(0.7 * time)
        shape = leaves[moment.page].picture.shape
        corners = self._corners(shape, move, 0.012 * wave[4], 1 + 0.02 * wave[5])
        scene = self._desk.copy()
        under = leaves[moment.page if moment.next is None else moment.next].picture
        _lay(scene, under, corners)
        if moment.next is not None:
            self._turn(scene, leaves, moment, corners)
        hand = self._hand(scene, moment, corners)
        step = np.hypot(*(move - self._before)) if time else 0.0
        self._before = move
        blur = float(0.35 * step + max(0.0, wave[6] - 0.8) * 4) * 720 / min(width, height)
        if blur > 0.3:
            scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), blur * 0.7), np.uint8)
        scene = cv2.multiply(scene, self._shadow, scale=(1 + 0.06 * wave[7]) / 200)
        more, less = (
            self._noise[int(self._rng.integers(5))],
            self._noise[int(self._rng.integers(5))],
        )
        return np.asarray(cv2.subtract(cv2.add(scene, more), less), np.uint8), blur, hand

    @staticmethod
    def _grain(rng: np.random.Generator, width: int, height: int) -> Picture:
        small = rng.integers(0, 7, (height // 2 + 1, width // 2 + 1, 1), dtype=np.uint8)
        large = np.repeat(np.repeat(small, 2, 0), 2, 1)[:height, :width]
        return np.repeat(large, 3, axis=2)

    def _corners(
        self, shape: tuple[int, ...], move: NDArray[Any], turn: float, zoom: float
    ) -> NDArray[np.float32]:
        width, height = self._script.size
        wide, tall = shape[1], shape[0]
        fills = self._script.fills
        scale = min(width * fills / wide, height * fills / tall) * zoom
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [wide / 2, tall / 2] * scale
        half[0] += [8, 4]
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        return np.asarray(half @ spin + [width / 2, height / 2] + move, np.float32)

    def _turn(
        self, scene: Picture, leaves: list[Leaf], moment: _Moment, corners: NDArray[np.float32]
    ) -> None:
        assert moment.next is not None
        page, coming = leaves[moment.page].picture, leaves[moment.next].picture
        away = corners[1] - corners[0] + [30, 0]
        pages, paging = self._staging.pages, self._staging.paging
        if pages and pages[moment.page] == pages[moment.next]:
            _lay(scene, page if moment.done < 0.5 else coming, corners)
        elif paging == "leaf":
            self._leaf(scene, page, corners, moment.done)
        else:
            _lay(scene, page, corners - (away * moment.done if paging == "swipe" else 0))
            _lay(scene, coming, corners + away * (1 - moment.done))

    def _leaf(
        self, scene: Picture, page: Picture, corners: NDArray[np.float32], done: float
    ) -> None:
        """The page swung over its left edge: foreshortened, lifted, then its back."""
        reach = float(np.cos(done * np.pi))
        lift = float(np.sin(done * np.pi)) * 0.12
        quad = corners.copy()
        tall = corners[3] - corners[0]
        for outer, inner, way in ((1, 0, -1), (2, 3, 1)):
            quad[outer] = (
                corners[inner] + (corners[outer] - corners[inner]) * reach + tall * lift * way
            )
        picture = page if reach > 0 else np.full_like(page, 225)
        shade = scene.copy()
        wide = quad + (corners.mean(axis=0) - quad) * -0.04
        cv2.fillConvexPoly(shade, np.int32(wide), (40, 40, 40))
        cv2.addWeighted(shade, 0.35, scene, 0.65, 0, scene)
        _lay(scene, cv2.convertScaleAbs(picture, alpha=0.75 + 0.25 * abs(reach)), quad)

    def _hand(self, scene: Picture, moment: _Moment, corners: NDArray[np.float32]) -> float:
        """A fist with fingers from the right (and one that holds the left edge, if pinned)."""
        mask = np.zeros(scene.shape[:2], np.uint8)
        unit = float(np.hypot(*(corners[1] - corners[0]))) / 9
        if self._script.pinned:
            _fist(mask, corners[0] * 0.35 + corners[3] * 0.65 - [unit, 0], unit, 1)
        if moment.hand > 0:
            at = corners[1] * 0.4 + corners[2] * 0.6
            if moment.next is not None:
                at = at + (corners[0] - corners[1]) * min(1.0, 1.3 * moment.done)
            _fist(mask, at + [unit * (3.2 - 3.0 * moment.hand), 0], unit, -1)
        if not mask.any():
            return 0.0
        x, y, w, h = cv2.boundingRect(mask)
        part = mask[y : y + h, x : x + w]
        where = part > 0
        tone = self._skin * (0.9 + 0.1 * (part[where, None] / 255))
        scene[y : y + h, x : x + w][where] = tone.astype(np.uint8)
        return float(where.sum()) / mask.size


def _fist(mask: Picture, at: NDArray[Any], unit: float, way: int) -> None:
    centre = np.asarray(at, float)
    cv2.ellipse(
        mask,
        (int(centre[0] - way * 2.4 * unit), int(centre[1])),
        (int(2.0 * unit), int(1.5 * unit)),
        0, 0, 360, 200, -1,
    )  # fmt: skip
    for finger in range(4):
        y = centre[1] + (finger - 1.5) * 0.75 * unit
        start = (int(centre[0] - way * 1.8 * unit), int(y))
        end = (int(centre[0]), int(y + 0.2 * unit))
        cv2.line(mask, start, end, 255 - 12 * finger, max(3, int(0.55 * unit)))


def _lay(scene: Picture, page: Picture, corners: NDArray[np.float32]) -> None:
    height, width = page.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.asarray(corners, np.float32))
    if abs(np.linalg.det(matrix)) < 1e-9:
        return
    size = (scene.shape[1], scene.shape[0])
    cv2.warpPerspective(
        page, matrix, size, dst=scene, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
