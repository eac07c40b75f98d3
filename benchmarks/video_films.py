"""Render the films the figures of docs/video.md are measured on.

    python -m benchmarks.video_films out/films [--seed 5000] [--hard | --writing | --phone | --odd]

Sets of twelve films and 144 pages, of the hard ones sixteen and 192, of phone-coded ones four and
48, of odd ones one of each kind; other seeds give other books, hands and lights.
The set `--writing` is set and written in fonts that the classifiers were not trained on.
"""

import argparse
import sys
from pathlib import Path

import cv2

from tests.generators.video import book
from tests.generators.video.film import Script, Staging, shoot
from tests.generators.video.odd import KINDS

_MESSENGER = {"preset": "veryfast", "maxrate": "300k", "bufsize": "600k", "b": "300k"}


def plain(seed: int) -> list[Script]:
    """Phones held in the hand, in several sizes, codecs and lights."""
    films = [
        Script(seed=seed + place, pages=12, hold=(1.0, 2.2), fps=24, shadow=0.1 + 0.045 * place)
        for place in range(12)
    ]
    films[1] = Script(seed=seed + 1, pages=12, hold=(1.0, 2.2), fps=24, size=(1080, 1920))
    films[2] = Script(seed=seed + 2, pages=12, hold=(1.0, 2.2), fps=24, size=(1280, 720))
    films[3] = Script(
        seed=seed + 3, pages=12, hold=(1.0, 2.2), fps=24, gop=250,
        options={"preset": "veryfast", "crf": "26", "bf": "3"},
    )  # fmt: skip
    films[4] = Script(
        seed=seed + 4, pages=12, hold=(1.0, 2.2), fps=24, codec="libx265",
        options={"preset": "ultrafast", "crf": "26", "x265-params": "log-level=error"},
    )  # fmt: skip
    return films


def phone(seed: int) -> list[Script]:
    """As a phone's own coder writes: pages held for 1.2 to 3 s, 30 frames and a key frame a second,
    no B-frames."""
    coding = {"preset": "veryfast", "crf": "21", "bf": "0"}
    return [
        Script(seed=seed + place, pages=12, shadow=0.1 + 0.1 * place, options=coding)
        for place in range(4)
    ]


def hard(seed: int) -> list[Script]:
    """Short holds, pinned and sweeping hands, panning, revisits, starved re-encodes, curled pages,
    frames left out, phones held turned."""
    cases: list[dict[str, object]] = [
        {"hold": (0.6, 1.0)},
        {"hold": (0.6, 1.0), "shake": 1.6},
        {"pinned": True},
        {"pinned": True, "shadow": 0.6},
        {"sweeps": 5, "hold": (2.0, 3.0)},
        {"sweeps": 5, "hold": (2.0, 3.0), "shadow": 0.5},
        {"pan": 1.0},
        {"pan": 1.0, "shake": 1.6},
        {"revisits": 4},
        {"revisits": 4, "shadow": 0.6},
        {"options": _MESSENGER, "bit_rate": 300_000, "gop": 250},
        {"options": _MESSENGER, "bit_rate": 300_000, "gop": 250, "shake": 1.6},
        {"curl": 0.06},
        {"dropped": 0.3, "curl": 0.04, "shadow": 0.5},
        {"rotate": 90, "hold": (0.6, 1.0)},
        {"rotate": 270, "dropped": 0.4, "revisits": 2},
    ]
    return [
        Script(**({"seed": seed + place, "pages": 12, "hold": (0.9, 1.8), "fps": 24} | case))  # type: ignore[arg-type]
        for place, case in enumerate(cases)
    ]


def writing(seed: int) -> list[Script]:
    """Short films for the writing score alone: shadows, four shares of written pages."""
    training = Path(__file__).parents[1] / "layers" / "analysis" / "training"
    sys.path.insert(0, str(training))
    from video_writing import faces, writers

    pool, hands = tuple(face for face, _ in faces(test=True)), writers(None, test=True)
    mixes = (("none",), ("none", "none", "light", "full"), ("none", "light"), tuple(book.LEVELS))
    return [
        Script(
            seed=seed + place, pages=12, hold=(0.8, 0.9), turn=(0.35, 0.45), fps=12, gop=12,
            shadow=0.06 * place, shake=0.8, levels=mixes[place % 4],
            faces=pool[place % len(pool) :], hands=hands,
        )
        for place in range(12)
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--hard", action="store_true")
    parser.add_argument("--writing", action="store_true")
    parser.add_argument("--phone", action="store_true")
    parser.add_argument("--odd", action="store_true")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name, (script, staging) in films(chosen).items():
        path = chosen.folder / f"{name}.mp4"
        shoot(script, path, staging)
        print(path.name, f"{path.stat().st_size / 1e6:.1f} MB", flush=True)


def films(chosen: argparse.Namespace) -> dict[str, tuple[Script, Staging]]:
    """The set asked for, by the films' names."""
    if chosen.odd:
        return {name: make(chosen.seed) for name, make in KINDS.items()}
    kind = hard if chosen.hard else writing if chosen.writing else phone if chosen.phone else plain
    return {
        f"{kind.__name__}{place:02d}": (script, Staging())
        for place, script in enumerate(kind(chosen.seed))
    }


if __name__ == "__main__":
    main()
