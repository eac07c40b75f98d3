"""Odd ways of filming: light that changes, focus that hunts, phones that turn and stall."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.generators.video.book import Picture
from tests.generators.video.film import Alter, Shot, Staging
from tests.generators.video.odd_pages import Odd, bgr, short


def far_away(seed: int) -> Odd:
    """A page fills a third of the frame."""
    return replace(short(seed), pages=6, fills=0.58), Staging()


def focus_hunting(seed: int) -> Odd:
    """Focus is lost and found every 1.3 s."""

    def alter(shot: Shot, time: float) -> Shot:
        blur = 4.0 * max(0.0, np.sin(2 * np.pi * time / 1.3)) ** 2
        if blur < 0.3:
            return shot
        return Shot(_u8(cv2.GaussianBlur(shot.picture, (0, 0), blur)), shot.blur + blur)

    return replace(short(seed), pages=6), Staging(alter=alter)


def exposure_jumps(seed: int) -> Odd:
    """The exposure jumps every 0.9 s."""
    levels = np.random.default_rng([seed, 2]).uniform(0.5, 1.35, 100)
    return replace(short(seed), pages=6), Staging(
        alter=_light(lambda time: levels[int(time / 0.9)])
    )


def lamp_on(seed: int) -> Odd:
    """A lamp goes on and off every 2.5 s, on one side."""

    def light(time: float) -> NDArray[np.float64]:
        across = np.linspace(0.35, 1.1, 720)[None, :, None]
        return across if int(time / 2.5) % 2 else np.full((1, 1, 1), 0.45)

    return replace(short(seed), pages=6), Staging(alter=_light(light))


def flicker(seed: int, depth: float = 0.3) -> Odd:
    """A lamp's flicker as dark bands that wander over the frame."""
    down = np.linspace(0, 1, 1280)[:, None, None]

    def light(time: float) -> NDArray[np.float64]:
        return np.asarray(1 - depth * (0.5 + 0.5 * np.sin(2 * np.pi * (3.3 * down - 1.7 * time))))

    return replace(short(seed), pages=6), Staging(alter=_light(light))


def turned_phone(seed: int) -> Odd:
    """The phone is turned a quarter in mid-film: what it films lies on its side from then on."""

    def alter(shot: Shot, time: float) -> Shot:
        done = np.clip((time - 5.0) / 0.8, 0, 1)
        if not done:
            return shot
        matrix = cv2.getRotationMatrix2D((360, 640), 90 * done, 1 - 0.42 * done)
        turned = cv2.warpAffine(shot.picture, matrix, (720, 1280), borderValue=(90, 110, 120))
        return Shot(_u8(turned), shot.blur, bool(done == 1))

    return replace(short(seed), pages=6), Staging(alter=alter)


def zoomed_in(seed: int, most: float = 2.2) -> Odd:
    """In every second 3 s the camera zooms in on a part of the page and out again."""

    def alter(shot: Shot, time: float) -> Shot:
        zoom = 1 + (most - 1) * np.clip(np.sin(2 * np.pi * time / 3.7) * 2, 0, 1)
        matrix = cv2.getRotationMatrix2D((250, 400), 0, zoom)
        return replace(shot, picture=_u8(cv2.warpAffine(shot.picture, matrix, (720, 1280))))

    return replace(short(seed), pages=4, hold=(3.7, 3.7)), Staging(alter=alter)


def flicked(seed: int) -> Odd:
    """Pages held for half a second."""
    return replace(short(seed), pages=8, hold=(0.5, 0.55), turn=(0.25, 0.35), fps=30), Staging()


def slowly_turned(seed: int) -> Odd:
    """A turn takes three to four seconds."""
    return replace(short(seed), pages=4, turn=(3.0, 4.0)), Staging()


def held_in_air(seed: int) -> Odd:
    """A sheet in the air: it drifts, turns and tilts all the time."""

    def alter(shot: Shot, time: float) -> Shot:
        wave = np.sin(np.array([2.1, 3.3, 2.7, 1.9, 2.9, 3.7, 2.3, 3.1]) * time + np.arange(8))
        corners = np.array([[0, 0], [720, 0], [720, 1280], [0, 1280]], np.float32)
        moved = (corners + 22 * wave.reshape(4, 2)).astype(np.float32)
        matrix = cv2.getPerspectiveTransform(corners, moved)
        return replace(shot, picture=_u8(cv2.warpPerspective(shot.picture, matrix, (720, 1280))))

    return replace(short(seed), pages=6, shake=1.6), Staging(paging="pile", alter=alter)


def overlaid(seed: int) -> Odd:
    """A time stamp that counts, and a notification's banner for two seconds of every five."""

    def alter(shot: Shot, time: float) -> Shot:
        picture = shot.picture.copy()
        height, width = picture.shape[:2]
        unit = width / 720
        text = f"2026-03-04 18:{int(time) // 60:02d}:{int(time) % 60:02d}"
        place = (int(20 * unit), height - int(30 * unit))
        cv2.putText(picture, text, place, 0, 1.1 * unit, (255, 255, 255), 3)
        if time % 5 > 3:
            ends = (np.array([[20, 30], [700, 150]]) * unit).astype(int)
            cv2.rectangle(picture, ends[0].tolist(), ends[1].tolist(), (245, 245, 245), -1)
            for row in (75, 125):
                place = (int(110 * unit), int(row * unit))
                cv2.putText(picture, "New message from class", place, 0, unit, (30, 30, 30), 2)
        return replace(shot, picture=picture)

    return replace(short(seed), pages=6), Staging(alter=alter)


def black_between(seed: int) -> Odd:
    """Black at the start and between two clips, as editors leave it."""

    def alter(shot: Shot, time: float) -> Shot:
        return Shot(shot.picture * 0, 0.0, False) if time < 1.0 or 4.0 < time < 4.8 else shot

    return replace(short(seed), pages=5), Staging(alter=alter)


def stalled(seed: int) -> Odd:
    """The picture freezes for 0.7 s of every 2.3 s."""
    kept: list[Shot] = []

    def alter(shot: Shot, time: float) -> Shot:
        if time % 2.3 > 0.7 or not kept:
            kept[:] = [shot]
            return shot
        return replace(kept[0], page_seen=False)

    return replace(short(seed), pages=6), Staging(alter=alter)


def gaps(seed: int) -> Odd:
    """No frame at all for a second of every three."""

    def alter(shot: Shot, time: float) -> Shot | None:
        return None if 1.0 < time % 3 < 2.0 else shot

    return replace(short(seed), pages=6, hold=(2.0, 3.0)), Staging(alter=alter)


def floor_first(seed: int) -> Odd:
    """The phone films the floor, moves up to the book, and goes down to the floor at the end."""
    rng = np.random.default_rng([seed, 3])
    boards = np.full((1280, 720), 120.0)
    boards[::160] = 60
    grain = cv2.resize(rng.normal(0, 16, (1280, 18)), (720, 1280), interpolation=cv2.INTER_CUBIC)
    floor = bgr(np.clip(boards + grain, 0, 255).astype(np.uint8))

    def alter(shot: Shot, time: float) -> Shot:
        done = float(np.clip((time - 2.0) / 0.7, 0, 1)) if time < 8 else 1.0
        if done == 1:
            return shot
        rows = int(1280 * done) + int(6 * np.sin(3 * time))
        tall = np.vstack([shot.picture, floor, floor[:200]])
        top = max(0, 1280 - rows)
        return Shot(tall[top : top + 1280], shot.blur + 4 * (done > 0), False)

    return replace(short(seed), pages=4, hold=(4.0, 4.5)), Staging(alter=alter)


def piled(seed: int) -> Odd:
    """Loose sheets are put on a pile."""
    return replace(short(seed), pages=6), Staging(paging="pile")


def one_page_long(seed: int) -> Odd:
    """One page for 40 s."""
    return replace(short(seed), pages=1, hold=(40.0, 40.0), fps=10), Staging()


def shown_twice(seed: int) -> Odd:
    """The book front to back, twice."""
    return replace(short(seed), pages=5), Staging(order=(0, 1, 2, 3, 4, 0, 1, 2, 3, 4))


def five_frames(seed: int) -> Odd:
    """5 frames a second."""
    return replace(short(seed), pages=8, fps=5), Staging()


def sideways(seed: int) -> Odd:
    """A phone held over the desk that takes itself to be held upright: all pages lie on their
    side."""

    def alter(shot: Shot, time: float) -> Shot:
        return replace(shot, picture=_u8(np.rot90(shot.picture)))

    return replace(short(seed), pages=6, levels=("none", "none", "light")), Staging(alter=alter)


def upside_down(seed: int) -> Odd:
    """The same, upside down."""

    def alter(shot: Shot, time: float) -> Shot:
        return replace(shot, picture=_u8(np.rot90(shot.picture, 2)))

    return replace(short(seed), pages=6, levels=("none", "none", "light")), Staging(alter=alter)


def out_of_focus(seed: int, blur: float = 5.0) -> Odd:
    """Focus is never found."""

    def alter(shot: Shot, time: float) -> Shot:
        return Shot(_u8(cv2.GaussianBlur(shot.picture, (0, 0), blur)), shot.blur + blur)

    return replace(short(seed), pages=6), Staging(alter=alter)


def slightly_out_of_focus(seed: int) -> Odd:
    """Focus is never quite found."""
    return out_of_focus(seed, 2.5)


def _light(level: Callable[[float], float | NDArray[np.float64]]) -> Alter:
    def alter(shot: Shot, time: float) -> Shot:
        lit = np.clip(shot.picture.astype(np.float32) * np.float32(level(time)), 0, 255)
        return replace(shot, picture=lit.astype(np.uint8))

    return alter


def _u8(picture: object) -> Picture:
    return np.asarray(picture, np.uint8)


KINDS: tuple[Callable[[int], Odd], ...] = (
    far_away, focus_hunting, exposure_jumps, lamp_on, flicker, turned_phone, zoomed_in, flicked,
    slowly_turned, held_in_air, overlaid, black_between, stalled, gaps, floor_first, piled,
    one_page_long, shown_twice, five_frames, sideways, upside_down, out_of_focus,
    slightly_out_of_focus,
)  # fmt: skip
