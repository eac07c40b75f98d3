"""Fonts to render training and test pages with, by the Debian package that ships them."""

import re
import subprocess
import zlib
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

PRINT_PACKAGES = (
    "fonts-nanum",
    "fonts-nanum-extra",
    "fonts-unfonts-core",
    "fonts-unfonts-extra",
    "fonts-baekmuk",
    "fonts-noto-cjk",
    "fonts-dejavu-core",
    "fonts-liberation",
    "fonts-urw-base35",
    "fonts-lato",
    "fonts-texgyre",
    "fonts-roboto-unhinted",
    "fonts-open-sans",
    "fonts-crosextra-carlito",
)
HAND_PACKAGES = (
    "fonts-nanum-extra",
    "fonts-unfonts-extra",
    "fonts-kiloji",
    "fonts-dkg-handwriting",
    "fonts-femkeklaver",
    "fonts-breip",
    "fonts-kristi",
    "fonts-klee",
    "fonts-bwht",
    "fonts-ecolier-court",
)
_HAND_NAMES = (
    "pen", "brush", "pilgi", "kiloji", "dkg", "femke", "breip", "kristi", "klee", "bwh", "ecolier",
)  # fmt: skip
_STYLE = re.compile(r"(extra|ultra|demi)?(bold|light|italic|eco)|_?ac|_[bdp]$|[blr]$|(bi|bd|it)$")
_NOT_LETTERS = (
    "symbol",
    "dingbat",
    "d050000l",
    "standardsymbols",
    "jamo",
    "taza",
    "vada",
    "pilgia",
)


@lru_cache
def files(packages: tuple[str, ...]) -> tuple[Path, ...]:
    """Font files of the installed ones among the packages, sorted by name."""
    found: set[Path] = set()
    for package in packages:
        listed = subprocess.run(  # noqa: S603 - the names are constants above
            ["/usr/bin/dpkg", "-L", package], capture_output=True, text=True, check=False
        ).stdout.split("\n")
        found |= {Path(line) for line in listed if line.lower().endswith((".ttf", ".otf", ".ttc"))}
    usable = (path for path in found if not any(n in path.name.lower() for n in _NOT_LETTERS))
    return tuple(sorted(usable, key=lambda path: path.name))


def is_hand(path: Path) -> bool:
    """Whether a font imitates handwriting."""
    return any(name in path.name.lower() for name in _HAND_NAMES)


def print_fonts() -> tuple[Path, ...]:
    """Fonts for print."""
    return tuple(path for path in files(PRINT_PACKAGES) if not is_hand(path))


def hand_fonts() -> tuple[Path, ...]:
    """Fonts that imitate handwriting."""
    return tuple(path for path in files(HAND_PACKAGES) if is_hand(path))


def held_out(path: Path) -> bool:
    """Whether a font is for tests only: a fifth of them, by family, the same on every machine."""
    family = _STYLE.sub("", path.stem.split("-")[0].lower())
    return zlib.crc32(family.encode()) % 5 == 0


@lru_cache(maxsize=512)
def load(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """Load a font at a size in px; Korean faces of collections come first."""
    index = 1 if path.suffix == ".ttc" and "CJK" in path.name else 0
    return ImageFont.truetype(str(path), size, index=index)


@lru_cache(maxsize=65536)
def has(path: Path, character: str) -> bool:
    """Whether a font draws a character rather than its box for missing ones."""
    font = load(path, 32)
    drawn, missing = font.getmask(character), font.getmask("\uffff")
    return bool(drawn.getbbox()) and bytes(drawn) != bytes(missing)
