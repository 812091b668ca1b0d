"""Conditions as they stand in documents of protocols."""

from collections.abc import Mapping
from typing import Any

from lithoscope.rules.conditions import (
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Operator,
    Parameter,
    Test,
)
from lithoscope.rules.document_reader import Piece
from lithoscope.rules.facts import Meaning

MAX_DEPTH = 6
MAX_MEMBERS = 20
NOTHING = Test("", "is_recorded")  # stands in for a condition that was refused; never evaluated


def read_condition(
    piece: Piece, facts: Mapping[str, Meaning], parameters: frozenset[str], *, depth: int = 0
) -> Condition:
    """
    Read a condition: one fact with one operator, or ``all``, ``any``, ``not`` of conditions.

    Parameters
    ----------
    piece : Piece
        The table it stands in; problems are noted there.
    facts : mapping
        What may be asked of the rule's subject.
    parameters : frozenset of str
        Numbers the protocol states.
    """
    if depth >= MAX_DEPTH:
        piece.refuse("too-deep", f"nest conditions at most {MAX_DEPTH} deep")
        return NOTHING
    groups = [name for name in ("all", "any", "not") if name in piece.value]
    if not groups:
        return _test(piece, facts, parameters)
    if len(piece.value) > 1:
        piece.refuse("ambiguous-condition", "state one of all, any, not, or one fact with one operator")
        return NOTHING
    if groups == ["not"]:
        return Not(read_condition(piece.table("not"), facts, parameters, depth=depth + 1))
    pieces = piece.tables(groups[0], at_least=1, at_most=MAX_MEMBERS)
    members = tuple(read_condition(member, facts, parameters, depth=depth + 1) for member in pieces)
    return AllOf(members) if groups == ["all"] else AnyOf(members)


def _test(piece: Piece, facts: Mapping[str, Meaning], parameters: frozenset[str]) -> Condition:
    name = piece.value.get("fact")
    if not isinstance(name, str) or name not in facts:
        label = "missing-field" if name is None else "unknown-fact"
        piece.refuse(label, f"ask for one of {', '.join(facts)}", "fact")
        return NOTHING
    known: tuple[Operator, ...] = (*(TEXT_OPERATORS if facts[name].kind == "text" else NUMBER_OPERATORS), "is_recorded")
    stated = [operator for operator in known if operator in piece.value]
    if len(stated) != 1 or len(piece.value) != 2:
        piece.refuse("bad-operator", f"state the fact and exactly one of {', '.join(known)}")
        return NOTHING
    return _with_operand(piece, name, stated[0], parameters)


def _with_operand(piece: Piece, fact: str, operator: Operator, parameters: frozenset[str]) -> Condition:
    given: Any = piece.value[operator]
    if operator == "is_recorded":
        if given is not True:
            piece.refuse("bad-value", "use true; that something is not recorded is no condition", operator)
        return Test(fact, operator)
    if operator == "is":
        return Test(fact, operator, piece.text(operator))
    if operator in TEXT_OPERATORS:
        return Test(fact, operator, piece.texts(operator, at_least=1))
    if isinstance(given, Mapping):
        inner = piece.table(operator)
        inner.only("parameter")
        name = inner.text("parameter")
        if name not in parameters:
            inner.refuse("unknown-parameter", "state it among the protocol's parameters", "parameter")
        return Test(fact, operator, Parameter(name))
    return Test(fact, operator, piece.number(operator))
