"""Kinds of sample: every word of the table is one the facility uses, and nothing is kept from anybody."""

import pytest

from app.lab.custody.event_types import EventFields
from app.lab.samples.schemas import SampleKindName
from app.portal.pages.events import TYPES
from lithoscope.rules.sample_kinds import kind_of, sample_kinds

KINDS = list(sample_kinds().values())


def test_the_table_and_the_api_name_the_same_kinds():
    assert tuple(sample_kinds()) == SampleKindName.__args__


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_type_of_event_is_offered_for_every_kind_once(kind):
    usual, others = kind.sorted(TYPES)
    assert sorted([*usual, *(name for name, _ in others)]) == sorted(TYPES)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_reasons_are_given_for_types_that_are_folded_and_exist(kind):
    assert set(kind.unusual) <= set(TYPES) - set(kind.usual)
    assert all(reason.endswith(".") for reason in kind.unusual.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_fields_that_are_folded_exist_and_are_not_asked_for(kind):
    for name, fields in kind.rarely.items():
        model: type[EventFields] = TYPES[name]
        assert fields <= set(model.model_fields)
        assert not any(model.model_fields[each].is_required() for each in fields)


def test_a_kind_is_what_was_stated_and_otherwise_only_where_the_material_leaves_no_choice():
    assert kind_of("tip", "nmc").id == "tip"
    assert kind_of(None, "lithium_metal_foil").id == "foil"
    assert kind_of(None, "nmc") is None


def test_a_lamella_is_milled_and_a_cell_is_opened_first():
    assert "fib_milling" in sample_kinds()["lamella"].usual
    assert "record its disassembly" in sample_kinds()["cell"].unusual["fib_milling"]
