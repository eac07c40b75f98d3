"""Films that phones send and nobody asks for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.video.analyse import analyse
from analysis.video.evaluation import FilmScore, score_pages
from analysis.video.types import Analysis
from tests.generators.video import odd
from tests.generators.video.film import shoot

Read = Callable[[str], tuple[Analysis, FilmScore]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Film a kind at half size and read it."""

    def film(kind: str) -> tuple[Analysis, FilmScore]:
        script, staging = odd.KINDS[kind](240031)
        path = tmp_path / "film.mp4"
        small = replace(script, size=(480, 854), pages=3, hold=(1.6, 2.2))
        truth = shoot(small, path, staging)
        found = analyse(path)
        return found, score_pages(found.pages, truth, 0.0)

    return film


@pytest.mark.parametrize("kind", ["forms", "overlaid", "black_between", "pen_moved"])
def test_every_page_is_told_once(read: Read, kind: str) -> None:
    _, score = read(kind)
    assert score.exact
    assert score.mid_turn == 0


def test_a_page_written_on_meanwhile_is_shown_with_all_its_writing(read: Read) -> None:
    found, score = read("written_between")
    assert score.exact
    first = found.pages[0]
    assert first.visits == 2
    assert first.writing.score > 0.5
    assert first.time > found.pages[1].time
