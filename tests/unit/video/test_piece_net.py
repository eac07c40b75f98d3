"""The net that looks at pieces of ink: what it computes, what it is shown, how it is trained."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis import piece_net
from analysis.handwriting.strokes import FEATURES, Pieces, read_pieces
from analysis.video.score import on_paper
from analysis.video.views import NUMBERS, SIDE, measures, views
from faults import Code, Permanent
from tests.generators.video import book

sys.path.insert(0, str(Path(__file__).parents[3] / "layers" / "analysis" / "training"))

import convnet


@pytest.fixture
def examples() -> convnet.Examples:
    rng = np.random.default_rng(4)
    return convnet.Examples(
        rng.integers(0, 256, (300, SIDE, SIDE, 2), dtype=np.uint8),
        rng.integers(0, 256, (300, SIDE, SIDE, 1), dtype=np.uint8),
        rng.normal(size=(300, 5)).astype(np.float32),
        rng.integers(0, 2, 300),
    )


def test_windows_are_the_squares_of_a_picture() -> None:
    values = np.arange(2 * 7 * 9 * 3, dtype=np.float32).reshape(2, 7, 9, 3)
    found = piece_net.windows(values, 3, 2)
    assert found.shape == (2, 3, 4, 27)
    assert np.array_equal(found[1, 2, 3], values[1, 4:7, 6:9].ravel())


def test_a_tower_is_a_convolution_as_opencv_knows_it() -> None:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (1, SIDE, SIDE, 1), dtype=np.uint8)
    kernel = rng.normal(size=(5, 5, 1, 1)).astype(np.float32)
    tower = piece_net.Tower((kernel,), (np.array([0.1], np.float32),))
    whole = cv2.filter2D(picture[0, :, :, 0].astype(np.float32) / 255, -1, kernel[:, :, 0, 0])
    expected = np.maximum(whole[2:-2:2, 2:-2:2] + 0.1, 0)
    assert tower.seen(picture) == pytest.approx(expected.reshape(1, -1), abs=1e-4)


def test_gradients_are_those_of_the_loss(examples: convnet.Examples) -> None:
    rng = np.random.default_rng(6)
    params = convnet.train(examples, iter([np.arange(256)]), 1, rng)
    pick = np.arange(40)
    grads, _ = convnet.gradients(params, examples, pick, None)
    for key, grad in grads.items():
        place = np.unravel_index(int(np.abs(grad).argmax()), grad.shape)
        losses = []
        for step in (1e-4, -1e-4):
            moved = {name: value.astype(np.float64) for name, value in params.items()}
            moved[key][place] += step
            losses.append(convnet.gradients(moved, examples, pick, None)[1])
        assert (losses[0] - losses[1]) / 2e-4 == pytest.approx(grad[place], rel=0.05, abs=1e-5), key


def test_a_net_learns_what_only_a_picture_tells(examples: convnet.Examples) -> None:
    examples.near[examples.hand == 1, 8:20, 8:20, 0] = 255
    rng = np.random.default_rng(7)
    params = convnet.train(examples, iter([np.tile(np.arange(300), 4)] * 5), 5, rng)
    chance = piece_net.piece_net(params).hand(examples.near, examples.far, examples.numbers)
    assert ((chance > 0.5) == (examples.hand == 1)).mean() > 0.95


def test_what_training_writes_is_what_a_worker_reads(
    examples: convnet.Examples, tmp_path: Path
) -> None:
    params = convnet.train(examples, iter([np.arange(256)]), 1, np.random.default_rng(8))
    convnet.save(tmp_path / "some.npz", params)
    with np.load(tmp_path / "some.npz") as file:
        stored = piece_net.piece_net({key: file[key].astype(np.float32) for key in file.files})
    shown = (examples.near, examples.far, examples.numbers)
    assert stored.hand(*shown) == pytest.approx(piece_net.piece_net(params).hand(*shown), abs=0.01)


def test_a_missing_net_has_a_code() -> None:
    with pytest.raises(Permanent) as caught:
        piece_net.load_piece_net("none of this name")
    assert caught.value.code == Code.MODEL_INVALID


def page(scale: float) -> Pieces:
    grey = book.printed(np.random.default_rng(9), 5)
    picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    found = read_pieces(picture)
    assert found is not None
    return found


def test_a_piece_is_shown_with_its_surroundings_and_alone() -> None:
    pieces = page(1.0)
    chosen = on_paper(pieces)
    near, far = views(pieces, chosen)
    count = int(chosen.sum())
    assert near.shape == (count, SIDE, SIDE, 2)
    assert far.shape == (count, SIDE, SIDE, 1)
    alone, inked = near[..., 1] > 0, near[..., 0] > 60
    assert alone.any(axis=(1, 2)).mean() > 0.95
    assert (inked & alone).sum() > 0.6 * alone.sum(), "the piece alone lies on its ink"
    assert inked.sum() > 1.5 * alone.sum(), "its neighbours are seen beside it"


def test_views_and_measures_do_not_depend_on_resolution() -> None:
    one, two = page(1.0), page(1.6)
    shown = [np.concatenate([view.mean(axis=0).ravel() for view in views(pieces, on_paper(pieces))])
             for pieces in (one, two)]  # fmt: skip
    assert np.corrcoef(*shown)[0, 1] > 0.97
    numbers = [np.median(measures(pieces), axis=0) for pieces in (one, two)]
    assert numbers[0].shape == (NUMBERS,)
    assert np.corrcoef(*numbers)[0, 1] > 0.97


def test_a_page_without_chosen_pieces_has_no_views() -> None:
    pieces = page(1.0)
    near, far = views(pieces, np.zeros(len(pieces.boxes), bool))
    assert (len(near), len(far)) == (0, 0)
    assert pieces.features.shape[1] == FEATURES
