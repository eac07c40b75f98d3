"""Texts in common words, vectors less what all school texts share."""

import numpy as np
import pytest

from analysis.embedding.local import LocalBackend
from analysis.embedding.school_reading import (
    COMMON,
    COMMON_FILE,
    SchoolReading,
    common_of,
    readings,
    without,
)

PAIR = ("원뿔의 체적을 구하시오.", "원뿔의 부피는 얼마인가?")
OTHER = "다음 글의 주제로 알맞은 것은?"


def gap(engine: LocalBackend | SchoolReading) -> float:
    one, same, other = engine.encode([*PAIR, OTHER])
    return float(one @ same - one @ other)


def test_reading_widens_the_gap_between_a_paraphrase_and_a_stranger() -> None:
    bare = LocalBackend()
    assert gap(SchoolReading(bare)) > gap(bare) + 0.1


def test_numbers_alone_keep_two_problems_apart() -> None:
    one, other = SchoolReading(LocalBackend()).encode(["3+4의 값은?", "8+9의 값은?"])
    assert 0.5 < one @ other < 0.999


def test_vectors_are_named_apart_from_those_of_the_bare_model() -> None:
    bare = LocalBackend()
    engine = SchoolReading(bare)
    assert engine.model != bare.model
    vectors = engine.encode(["가", "$", "   x   "])
    assert vectors.shape == (3, engine.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_the_second_reading_is_never_empty() -> None:
    assert all(all(reading) for reading in readings(["$", "①", "가"]))


def test_what_is_common_is_taken_out() -> None:
    rng = np.random.default_rng(3)
    shared = rng.normal(size=(1, 16))
    vectors = (rng.normal(size=(200, 1)) * 9 * shared + rng.normal(size=(200, 16)) + 4).astype(
        np.float32
    )
    common = common_of(vectors)
    assert common.shape == (1 + COMMON, 16)
    assert np.abs(without(common, vectors) @ common[1:].T).max() < 1e-4


def test_the_fitted_directions_fit_the_model() -> None:
    common = np.load(COMMON_FILE)
    assert common.shape == (2, 1 + COMMON, LocalBackend.dimension)
    assert common.dtype == np.float32
