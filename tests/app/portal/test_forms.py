"""Forms made from schemas: questions, answers, faults."""

from datetime import UTC, datetime

import pytest

from app.errors import Invalid
from app.lab.custody.event_types import FibMilling, Storage
from app.lab.jobs.schemas import request_type
from app.lab.recipes.schemas import request_type as recipe_request
from app.portal.forms import answers, body_of, errors_of, fields_of, rows_shown
from lithoscope.methods import catalogue
from lithoscope.recipes.simultaneous_tomography import RECIPE

EVENT = {"occurred_at": "2026-03-01T10:00", "occurred_at.zone": "+01:00"}


def field_named(fields, name):
    return next(field for field in fields if field.name == name)


def test_a_number_of_a_method_is_asked_with_unit_bounds_and_default():
    fields = fields_of(catalogue()["tomogram_sirt"].params.model_json_schema())
    iterations, axis = field_named(fields, "iterations"), field_named(fields, "rotation_axis_px")
    assert (iterations.kind, iterations.default, iterations.bounds) == ("integer", 100, "1 to 10\u202f000")
    assert (axis.kind, axis.unit, axis.required) == ("number", "px", False)


def test_a_form_makes_the_body_a_program_would_send():
    reference = f"ds_{'0' * 32}"
    body = body_of(
        request_type({"tomogram_sirt": catalogue()["tomogram_sirt"]}),
        {"inputs.projections": reference, "params.iterations": "20", "params.nonnegative": "false", "seed": ""},
    )
    assert (body.method, body.inputs.projections, body.seed) == ("tomogram_sirt", reference, None)
    assert (body.params.iterations, body.params.nonnegative, body.params.rotation_axis_px) == (20, False, None)


def test_a_number_that_is_none_is_a_fault_of_its_field():
    with pytest.raises(Invalid) as refused:
        body_of(
            request_type({"tomogram_sirt": catalogue()["tomogram_sirt"]}),
            {"inputs.projections": f"ds_{'0' * 32}", "params.iterations": "many"},
        )
    assert set(errors_of(refused.value)) == {"params.iterations"}


def test_a_fault_never_repeats_the_value():
    with pytest.raises(Invalid) as refused:
        body_of(Storage, EVENT | {"o2_ppm": "<script>"}, type="storage")
    assert "<script>" not in str(errors_of(refused.value))


def test_the_zone_of_a_local_time_is_kept():
    event = body_of(Storage, EVENT, type="storage")
    assert event.occurred_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_a_temperature_in_celsius_becomes_kelvin():
    event = body_of(Storage, EVENT | {"temperature_K": "-170", "temperature_K.unit": "degC"}, type="storage")
    assert event.temperature_K == pytest.approx(103.15)


def test_rows_left_empty_are_left_out():
    form = EVENT | {
        "ion_source": "Ga",
        "steps.0.purpose": "rough",
        "steps.0.ion_current_nA": "120",
        "steps.1.purpose": "",
    }
    event = body_of(FibMilling, form, type="fib_milling")
    assert [(step.purpose, step.ion_current_nA) for step in event.steps] == [("rough", 120.0)]


def test_a_refusal_without_field_stands_above_the_form():
    assert errors_of(Invalid("The whole is wrong.")) == {"": "The whole is wrong."}


def test_a_missing_input_is_a_fault_of_its_own_field():
    with pytest.raises(Invalid) as refused:
        body_of(request_type({"tomogram_sirt": catalogue()["tomogram_sirt"]}), {"params.iterations": "5"})
    assert errors_of(refused.value) == {"inputs.projections": "This is needed."}


def test_a_finding_calls_fields_as_the_form_does():
    found = [{"pointer": "/body/ended_at", "detail": "ended_at lies before occurred_at"}]
    assert errors_of(Invalid("Correct them.", errors=found)) == {"ended_at": "Ended at lies before occurred at."}


def test_a_group_that_may_be_left_out_is_left_out_when_only_its_defaults_are_answered():
    schema = {
        "properties": {
            "bottle": {
                "type": "object",
                "properties": {"volume_mL": {"type": "number"}, "is_vented": {"type": "boolean", "default": False}},
                "required": ["volume_mL"],
            }
        }
    }
    assert answers(schema, schema, {"bottle.is_vented": "false"}) == {}
    assert "bottle" in answers(schema, schema, {"bottle.is_vented": "true"})
    assert (
        answers(schema, schema, {"bottle.volume_mL": "26.5", "bottle.is_vented": "false"})["bottle"]["volume_mL"]
        == 26.5
    )


def test_a_preset_that_nobody_chose_is_not_chosen_even_where_there_is_only_one():
    recipe = RECIPE
    request = recipe_request({recipe.id: recipe})
    sent = {f"inputs.{port}": f"ds_{'0' * 32}" for port in ("dark_field", "x_rays")}
    assert body_of(request, sent).preset is None
    assert body_of(request, sent | {"preset": "paper"}).preset == "paper"


def test_brackets_without_end_are_no_list():
    schema = {"properties": {"points": {"type": "array", "items": {"type": "number"}}}}
    text = "[" * 100_000
    assert answers(schema, schema, {"points": text}) == {"points": text}


def test_a_form_shows_every_row_that_was_answered_and_one_more_where_it_was_asked_for():
    answered = {f"steps.{i}.purpose": "rough" for i in range(9)}
    assert rows_shown("steps", {}) == 6
    assert rows_shown("steps", answered) == 9
    assert rows_shown("steps", answered | {"look": "steps"}) == 10
    assert rows_shown("steps", answered | {"look": "other"}) == 9
    assert rows_shown("steps", {"steps.99.purpose": "rough", "look": "steps"}) == 100


def test_a_list_is_read_beyond_the_rows_that_are_offered_at_first():
    form = EVENT | {"ion_source": "Ga"} | {f"steps.{i}.purpose": "rough" for i in range(8)}
    assert len(body_of(FibMilling, form, type="fib_milling").steps) == 8
