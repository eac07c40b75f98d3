"""The print faces that the project's own Debian packages bring."""

from pathlib import Path

_FONTS = Path("/usr/share/fonts")
_PAIRS = (
    ("truetype/nanum/NanumGothic.ttf", "truetype/nanum/NanumGothicBold.ttf"),
    ("truetype/nanum/NanumMyeongjo.ttf", "truetype/nanum/NanumMyeongjoBold.ttf"),
    ("truetype/nanum/NanumBarunGothic.ttf", "truetype/nanum/NanumBarunGothicBold.ttf"),
    ("opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc"),
    ("opentype/noto/NotoSerifCJK-Regular.ttc", "opentype/noto/NotoSerifCJK-Bold.ttc"),
)


def face_pairs() -> list[tuple[Path, Path]]:
    """(regular, bold) faces installed here. Raises FileNotFoundError where there are none."""
    pairs = [(_FONTS / regular, _FONTS / bold) for regular, bold in _PAIRS]
    found = [pair for pair in pairs if pair[0].exists() and pair[1].exists()]
    if not found:
        raise FileNotFoundError("no Korean face; install the Debian package fonts-nanum")
    return found
