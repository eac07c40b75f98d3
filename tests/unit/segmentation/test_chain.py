"""Which of many small numbers on a page are question numbers."""

import pytest

from analysis.segmentation.chain import best_chain
from analysis.segmentation.numbers import Form, Token

_GLYPH = 30.0


def _token(line, number, *, form=Form.DOT, x=100.0, probability=0.95, last=None, column=0):
    y = 60.0 * line
    return Token(form, number, last, probability, x, y, y + 30, column, line)


def _numbers(tokens):
    return [t.number for t in best_chain(tokens, [100.0, 900.0], _GLYPH)]


def test_numbers_that_rise_by_one_on_one_edge_are_taken():
    assert _numbers([_token(i, 7 + i) for i in range(4)]) == [7, 8, 9, 10]


def test_sub_questions_and_indented_lists_are_left_out():
    tokens = [
        _token(0, 7),
        _token(1, 1, form=Form.PAREN, x=160),
        _token(2, 2, form=Form.PAREN, x=160),
        _token(3, 8),
        _token(4, 1, form=Form.PAREN, x=160),
        _token(5, 9),
    ]
    assert _numbers(tokens) == [7, 8, 9]


def test_a_number_in_another_setting_does_not_join():
    tokens = [_token(0, 3), _token(1, 4), _token(2, 5, form=Form.BARE, x=220), _token(3, 5)]
    assert [t.line for t in best_chain(tokens, [100.0], _GLYPH)] == [0, 1, 3]


def test_the_chain_goes_on_in_the_next_column():
    tokens = [_token(0, 1), _token(1, 2), _token(2, 3, x=900, column=1)]
    assert _numbers(tokens) == [1, 2, 3]


def test_a_doubtful_digit_is_read_as_its_neighbours_demand():
    tokens = [
        _token(0, 7),
        _token(1, 3, probability=0.7),
        _token(1, 8, probability=0.6),
        _token(2, 9),
    ]
    assert _numbers(tokens) == [7, 8, 9]


def test_a_missing_number_does_not_break_the_chain():
    assert _numbers([_token(0, 4), _token(1, 5), _token(2, 7), _token(3, 8)]) == [4, 5, 7, 8]


def test_a_shared_passage_stands_before_its_first_question():
    tokens = [
        _token(0, 24),
        _token(1, 25, form=Form.RANGE, last=27),
        _token(2, 25),
        _token(3, 26),
    ]
    chain = best_chain(tokens, [100.0], _GLYPH)
    assert [(t.number, t.last) for t in chain] == [(24, None), (25, 27), (25, None), (26, None)]


@pytest.mark.parametrize("probability", [0.3, 0.6])
def test_a_lone_doubtful_number_is_no_question(probability):
    assert _numbers([_token(0, 12, form=Form.BARE, x=300, probability=probability)]) == []


def test_a_lone_clear_number_is_a_question():
    assert _numbers([_token(0, 12, probability=0.99)]) == [12]


def test_nothing_gives_nothing():
    assert best_chain([], [], _GLYPH) == []
