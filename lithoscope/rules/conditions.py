"""Conditions of protocol rules, in three values: true, false, and None where the record leaves it open."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lithoscope.rules.facts import Fact

Operator = Literal["is", "in", "contains_any", "at_most", "at_least", "below", "above", "is_recorded"]
Truth = bool | None
TEXT_OPERATORS: tuple[Operator, ...] = ("is", "in", "contains_any")
NUMBER_OPERATORS: tuple[Operator, ...] = ("at_most", "at_least", "below", "above")
ROUNDING = 1e-9  # relative; a product of recorded numbers equals its limit on paper, not in binary


@dataclass(frozen=True, slots=True)
class Parameter:
    """The name of a number the protocol states among its parameters."""

    name: str


@dataclass(frozen=True, slots=True)
class Test:
    """One fact held against a word, some words, a number or a parameter."""

    __test__ = False

    fact: str
    operator: Operator
    operand: str | tuple[str, ...] | float | Parameter | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of some conditions."""

    members: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of some conditions."""

    members: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    member: "Condition"


Condition = Test | AllOf | AnyOf | Not


def holds(condition: Condition, fact: Callable[[str], Fact], parameters: Mapping[str, float]) -> Truth:
    """
    Say whether a condition holds, by the logic of Kleene.

    Whatever is decided here stays decided whichever value a missing record would have had: knowing less can turn an
    answer into None and never into its opposite.
    """
    if isinstance(condition, Test):
        return _test(condition, fact(condition.fact), parameters)
    if isinstance(condition, Not):
        inner = holds(condition.member, fact, parameters)
        return None if inner is None else not inner
    answers = [holds(member, fact, parameters) for member in condition.members]
    settles = isinstance(condition, AnyOf)
    if settles in answers:
        return settles
    return None if None in answers else not settles


def facts_of(condition: Condition) -> Iterator[str]:
    """Go through the facts a condition asks for."""
    if isinstance(condition, Test):
        yield condition.fact
    else:
        for member in (condition.member,) if isinstance(condition, Not) else condition.members:
            yield from facts_of(member)


def _test(test: Test, fact: Fact, parameters: Mapping[str, float]) -> Truth:
    if test.operator == "is_recorded":  # never false: a blank says nothing, neither yes nor no
        return True if fact.is_known else None
    if test.operator in TEXT_OPERATORS:
        return None if fact.text is None else _matches(test, fact.text)
    operand = test.operand
    limit = parameters[operand.name] if isinstance(operand, Parameter) else operand
    if not isinstance(limit, int | float):
        raise TypeError(f"{test.operator} compares numbers")
    return _compare(test.operator, fact, float(limit))


def _matches(test: Test, text: str) -> bool:
    words = (test.operand,) if isinstance(test.operand, str) else test.operand
    if not isinstance(words, tuple):
        raise TypeError(f"{test.operator} compares words")
    if test.operator == "contains_any":
        return any(word.casefold() in text.casefold() for word in words)
    return text in words


def _compare(operator: Operator, fact: Fact, limit: float) -> Truth:
    slack = abs(limit) * ROUNDING
    if operator in {"at_most", "above"}:
        answer = True if fact.upper <= limit + slack else False if fact.lower > limit + slack else None
        is_flipped = operator == "above"
    else:
        answer = True if fact.lower >= limit - slack else False if fact.upper < limit - slack else None
        is_flipped = operator == "below"
    return answer if answer is None or not is_flipped else not answer
