"""Conditions in three values: equal on paper is equal, and what an interval leaves open stays open."""

import pytest

from lithoscope.rules.conditions import AllOf, AnyOf, Not, Operator, Test, Truth, holds
from lithoscope.rules.facts import UNKNOWN, Fact, between, number


def ask(operator: Operator, fact: Fact, limit: float = 10.0) -> Truth:
    return holds(Test("x", operator, limit), lambda _: fact, {})


@pytest.mark.parametrize(
    ("operator", "at_limit", "below", "above"),
    [
        ("at_most", True, True, False),
        ("above", False, False, True),
        ("at_least", True, False, True),
        ("below", False, True, False),
    ],
)
def test_a_number_at_its_limit_counts_as_equal_however_it_was_rounded(
    operator: Operator, at_limit: Truth, below: Truth, above: Truth
) -> None:
    for value in (10.0, 10.0 * (1 - 5e-10), 10.0 * (1 + 5e-10)):
        assert ask(operator, number(value)) is at_limit
    assert ask(operator, number(9.999)) is below
    assert ask(operator, number(10.001)) is above


@pytest.mark.parametrize("operator", ["at_most", "above", "at_least", "below"])
def test_an_interval_across_the_limit_leaves_the_answer_open(operator: Operator) -> None:
    assert ask(operator, between(5.0, 20.0)) is None
    assert ask(operator, UNKNOWN) is None


def test_an_interval_that_ends_at_the_limit_settles_one_side_only() -> None:
    assert ask("at_most", between(5.0, 10.0)) is True
    assert ask("at_least", between(5.0, 10.0)) is None
    assert ask("at_least", between(10.0, 20.0)) is True
    assert ask("at_most", between(10.0, 20.0)) is None


def test_an_open_question_is_closed_only_by_what_settles_it() -> None:
    open_, true, false = Test("open", "at_most", 1.0), Test("one", "at_most", 1.0), Test("two", "at_most", 1.0)
    facts = {"open": UNKNOWN, "one": number(1.0), "two": number(2.0)}
    answers = {
        AllOf((open_, true)): None,
        AllOf((open_, false)): False,
        AnyOf((open_, true)): True,
        AnyOf((open_, false)): None,
        Not(open_): None,
        Not(false): True,
    }
    assert {condition: holds(condition, facts.__getitem__, {}) for condition in answers} == answers
