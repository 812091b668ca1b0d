"""The parts of a rule's form: when it acts, how much it may start, and what it runs."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.infra.db.models import Instrument
from app.lab.jobs.schemas import request_type as job_type
from app.lab.recipes.schemas import request_type as run_type
from app.lab.rules.schemas import COMMON, MEASURED, NewRule, RuleSaid
from app.portal import pickers, words
from app.portal.forms import MOST_ROWS, Field, Values, answers, group_of, text_of
from lithoscope.methods import Method
from lithoscope.recipes import Recipe

TICKED = ("kinds", "instrument_ids", "techniques", "materials")


def named_fields(instruments: Iterable[Instrument], values: Values) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Return the fields of a rule's conditions and of its limits; instruments and quantities are offered by name."""
    schema = NewRule.model_json_schema()
    offered = tuple((row.id, row.name) for row in instruments)
    trigger = tuple(_offered(field, offered, values) for field in group_of(schema, "trigger"))
    return tuple(field for field in trigger if field.kind != "ticks" or field.choices), group_of(schema, "limits")


def _offered(field: Field, instruments: tuple[tuple[str, str], ...], values: Values) -> Field:
    if field.name == "trigger.instrument_ids":
        return replace(field, kind="ticks", choices=instruments)
    if field.name != "trigger.ranges":
        return field
    given = (values.get(f"{field.name}.{row}.quantity", "") for row in range(MOST_ROWS))
    names = dict.fromkeys([*MEASURED, *COMMON, *(name for name in given if name)])
    choices = tuple((name, _with_unit(name)) for name in names)
    inner = [
        replace(each, kind="choice", choices=choices) if each.name == "quantity" else each for each in field.fields
    ]
    return replace(field, fields=tuple(inner))


def _with_unit(name: str) -> str:
    label, unit = words.label_and_unit(name)
    return f"{label} [{words.unit(unit)}]" if unit else label


def values_of(said: RuleSaid) -> Values:
    """Write what a rule says as its form sends it."""
    trigger, limits = said.trigger.model_dump(mode="json"), said.limits.model_dump(mode="json")
    values: Values = {"name": said.name, "preset": said.action.preset or ""}
    values |= {f"trigger.{name}.{each}": "true" for name in TICKED for each in trigger[name]}
    values |= {
        "trigger.name_pattern": trigger["name_pattern"] or "",
        "trigger.tags": ", ".join(trigger["tags"]),
        "trigger.includes_results": text_of(trigger["includes_results"]),
    }
    for row, bound in enumerate(trigger["ranges"]):
        values |= {f"trigger.ranges.{row}.{name}": text_of(value) for name, value in bound.items() if value is not None}
    values |= {f"limits.{name}": "" if value is None else text_of(value) for name, value in limits.items()}
    values |= {f"params.{name}": text_of(value) for name, value in said.action.params.items() if value is not None}
    return values | pickers.values_of(said.action.inputs)


def action_said(thing: Method | Recipe, values: Values) -> dict[str, Any]:
    """Read what is run from the parts that the forms of jobs and runs have too."""
    schema = model_of(thing).model_json_schema()
    record = answers(schema, schema, values)
    named = {"recipe": thing.id} if isinstance(thing, Recipe) else {"method": thing.id}
    preset = {"preset": values["preset"]} if values.get("preset") else {}
    return {**named, **preset, "params": record.get("params") or {}, "inputs": record.get("inputs") or {}}


def model_of(thing: Method | Recipe) -> Any:
    """Return the request that starts a method or recipe."""
    return run_type({thing.id: thing}) if isinstance(thing, Recipe) else job_type({thing.id: thing})
