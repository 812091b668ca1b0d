"""The API's pages say what its document says."""

import json
from pathlib import Path

import pytest

from app.portal import reference

DOCUMENT = json.loads((Path(__file__).parents[3] / "openapi" / "openapi.json").read_text())
OPERATIONS = {each.id: each for each in reference.operations(DOCUMENT)}


def test_every_operation_stands_in_one_room():
    in_rooms = [each.id for _, members in reference.rooms(DOCUMENT) for each in members]
    assert sorted(in_rooms) == sorted(OPERATIONS)
    assert len(in_rooms) == sum(len(verbs) for verbs in DOCUMENT["paths"].values())


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_every_operation_says_what_it_does_and_answers(operation_id):
    operation = OPERATIONS[operation_id]
    assert operation.summary
    assert operation.answers
    links = [link for _, kind, _ in operation.bodies for link in kind.links]
    assert all(name in DOCUMENT["components"]["schemas"] for _, name in links)


def test_a_field_says_kind_unit_bounds_and_whether_it_must_be_given():
    schema = {
        "required": ["dose"],
        "properties": {
            "dose": {"type": "number", "minimum": 0, "unit": "e/A^2", "description": "Dose of a frame"},
            "note": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}], "default": None},
            "regions": {"type": "array", "items": {"$ref": "#/components/schemas/Region"}, "maxItems": 4},
        },
    }
    dose, note, regions = reference.fields_of(schema)
    assert (dose.is_required, dose.unit, dose.bounds) == (True, "e/A^2", "at least 0")
    assert (note.is_required, note.kind.text, note.bounds) == (False, "string or null", "at most 9 characters")
    assert (regions.kind.text, regions.kind.links) == ("list of", (("Region", "Region"),))
