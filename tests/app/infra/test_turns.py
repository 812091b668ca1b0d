"""Long work is done by a few at once; who waits too long is told so."""

import pytest

from app.infra.turns import Busy, Turns


def test_one_more_than_there_are_turns_is_told_and_a_turn_given_back_is_free():
    turns = Turns(1, wait_s=0.01, waiting=1)
    with turns.taken(), pytest.raises(Busy), turns.taken():
        pass
    with turns.taken():
        pass


def test_a_turn_is_given_back_after_a_failure():
    turns = Turns(1, wait_s=0.01, waiting=1)
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    with turns.taken():
        pass


def test_where_nobody_may_wait_one_more_is_told_at_once():
    turns = Turns(1, wait_s=3600.0, waiting=0)
    with turns.taken(), pytest.raises(Busy), turns.taken():
        pass
    with turns.taken():
        pass
