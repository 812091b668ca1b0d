"""What fits: the datasets, results and exposures a method's input may be, and the methods an array may go to."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from app.errors import NotFound
from app.infra.db.models import Dataset
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.jobs.offers import Offer, Wanted, fits
from app.portal import words
from app.portal.forms import Field, Values
from app.portal.methods import by_technique, title_of
from app.portal.viewing import titled
from lithoscope.methods import Method, Port, catalogue, listed
from lithoscope.recipes import Recipe
from lithoscope.rules.series_inputs import array_for, inputs_by_name, inputs_from_dataset
from lithoscope.wording import count

WITHIN = "within."  # before a field's name: the project its choices are from
FIND = "find."  # before a field's name: words to look for in its choices
LONGEST = 200
OVER = "over"
OFFERED = 100
PROJECTS = 500
Choice = tuple[str, str]


def methods_for(arrays: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[Method, str]]]]:
    """Return the methods that take one of these arrays as first input, with the array's name, by technique."""
    found = ((method, _firstfitting(method, arrays)) for method in catalogue().values())
    return by_technique(((method, name) for method, name in found if name is not None), of=lambda row: row[0])


def recipes_for(lab: Lab, arrays: Sequence[Mapping[str, Any]]) -> list[Recipe]:
    """Return the recipes that take one of these arrays as first input."""
    return [recipe for recipe in lab.recipes.all() if _firstfitting(recipe, arrays) is not None]


def _firstfitting(thing: Method | Recipe, arrays: Sequence[Mapping[str, Any]]) -> str | None:
    """Return which array goes to the first input: that of its own name, else the first that fits."""
    if not thing.inputs:
        return None
    fitting = [array["name"] for array in arrays if fits(thing.inputs[0], array)]
    return array_for(thing.inputs[0].name, fitting) if fitting else None


def input_fields(
    lab: Lab, actor: Actor, thing: Method | Recipe, values: Values, *, sample_id: str | None = None
) -> tuple[Field, ...]:
    """Return the form's fields for the inputs of a method or recipe, each with the first of what fits it."""
    return tuple(input_field(lab, actor, port, values, sample_id=sample_id) for port in thing.inputs)


def input_field(lab: Lab, actor: Actor, port: Port, values: Values, *, sample_id: str | None = None) -> Field:
    """Ask for one thing by a list to choose from, for many by boxes to tick; what was given or found by words leads."""
    name = f"inputs.{port.name}"
    text, project_id = searched(values, name), values.get(f"{WITHIN}{name}") or None
    found = lab.offers.fitting(actor, port, Wanted(text, sample_id, project_id))
    choices = tuple((offer.reference, words_of(offer)) for offer in found.items)
    given = [key.removeprefix(f"{name}.") for key in values if key.startswith(f"{name}.")] if port.many else []
    for reference in reversed(given or [values.get(name, "")]):
        choices = with_given(lab, actor, choices, reference)
    kind = " or ".join(map(words.word, port.kinds))
    nothing = f"Nothing of that name fits. It takes: {kind}." if text else f"Nothing fits yet. It takes: {kind}."
    return Field(
        name,
        port.title or words.title(port.name),
        "ticks" if port.many else "choice",
        required=not port.optional,
        choices=choices,
        help=nothing if not found.items else "One or more." if port.many else "",
        has_more=found.has_more,
        within=_projects(lab, actor),
    )


def _projects(lab: Lab, actor: Actor) -> tuple[Choice, ...]:
    """Return the projects that choices can be narrowed to; none where there is but one."""
    rows = lab.projects.page(actor, None, PROJECTS)
    return tuple((row.id, row.title) for row in rows) if len(rows) > 1 else ()


def over_field(lab: Lab, actor: Actor, thing: Method | Recipe, values: Values) -> Field:
    """Ask which datasets something is run over; ticked ones stay while others are looked for."""
    text, project_id = searched(values, OVER), values.get(f"{WITHIN}{OVER}") or None
    found = lab.offers.datasets(actor, thing.inputs, Wanted(text, project_id=project_id, limit=OFFERED))
    fitting = [each for each in found[:OFFERED] if _takes(thing, each.id, each.arrays)]
    choices = tuple((each.id, f"{each.filename}{f', {each.sample}' if each.sample else ''}") for each in fitting)
    for given in reversed([key.removeprefix(f"{OVER}.") for key in values if key.startswith(f"{OVER}.")]):
        choices = with_given(lab, actor, choices, given)
    return Field(
        OVER,
        "Datasets",
        "ticks",
        required=True,
        choices=choices,
        help="" if fitting else f"No dataset {'of that name ' if text else ''}fits: none has an array this takes.",
        has_more=len(found) > OFFERED,
        within=_projects(lab, actor),
    )


def _takes(thing: Method | Recipe, dataset_id: str, arrays: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether some input takes what a dataset would fill it with."""
    by_name = {row["name"]: row for row in arrays}
    filled = inputs_from_dataset(dataset_id, list(by_name), ports=[port.name for port in thing.inputs])
    taken = {port: by_name.get(given.partition("/")[2]) or arrays[0] for port, given in filled.items()}
    return any(port.name in taken and fits(port, taken[port.name]) for port in thing.inputs)


def searched(values: Values, name: str) -> str:
    """Return the words that somebody looks for in a field's choices."""
    return values.get(f"{FIND}{name}", "").strip()[:LONGEST]


def words_of(offer: Offer) -> str:
    """Say in words what an input may be."""
    stored, summary = offer.stored, offer.summary
    if summary["kind"] == "exposure":
        what = f"{words.word(summary['mode'])}, {count(summary['frames'], 'frame')}"
        return f"{stored.sample}: {what}, {words.instant(stored.created_at)}"
    if stored.method:
        of = f" of {stored.sample}" if stored.sample else ""
        return f"{title_of(stored.method)}{of}, {words.instant(stored.created_at)}: {_told(summary)}"
    return f"{stored.filename}: {_told(summary)}{f', {stored.sample}' if stored.sample else ''}"


def values_of(inputs: Mapping[str, Any]) -> Values:
    """Write the inputs of a job as its form sends them: of many a tick each."""
    found: Values = {}
    for name, given in inputs.items():
        ticks = {f"inputs.{name}.{reference}": "true" for reference in given} if isinstance(given, list) else None
        found |= {f"inputs.{name}": str(given)} if ticks is None else ticks
    return found


def given_values(lab: Lab, actor: Actor, method: Method | Recipe, reference: str | None) -> Values:
    """
    Fill the first input with what was named in the address, others with arrays and the exposure of the same dataset.

    Arrays go to the inputs of their own names; the form of a simultaneous series opens with all of them chosen.
    """
    if not reference or not method.inputs:
        return {}
    first, (object_id, _, named) = method.inputs[0].name, reference.partition("/")
    filled: dict[str, str] = {}
    with suppress(NotFound):
        dataset = lab.datasets.get(actor, object_id)
        ports = [port.name for port in method.inputs]
        filled = inputs_by_name(object_id, [each["name"] for each in dataset.arrays], ports=ports)
        filled |= _exposed(lab, dataset, method)
        name = named or _firstfitting(method, dataset.arrays)
        reference = f"{object_id}/{name}" if name else reference
    filled |= {first: reference} if named or first not in filled else {}
    many = {port.name for port in method.inputs if port.many}
    return values_of({name: [given] if name in many else given for name, given in filled.items()})


def labels_of(lab: Lab, actor: Actor, inputs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, reference and words of everything a job works on."""
    given = ((name, str(reference)) for name, each in inputs.items() for reference in listed(each))
    return [(name, reference, label_of(lab, actor, reference)) for name, reference in given]


def with_given(lab: Lab, actor: Actor, choices: tuple[Choice, ...], given: str) -> tuple[Choice, ...]:
    """Keep an input that was named in the address or sent before among those offered."""
    known = not given or given in {key for key, _ in choices}
    return choices if known else ((given, label_of(lab, actor, given)), *choices)


def label_of(lab: Lab, actor: Actor, reference: str) -> str:
    """Say in words what a job's input is; what is gone keeps its reference."""
    object_id, _, name = reference.partition("/")
    try:
        if object_id.startswith("ds_"):
            return f"{lab.datasets.get(actor, object_id).filename}{f' ({words.word(name)})' if name else ''}"
        if object_id.startswith("res_"):
            row = lab.results.get(actor, object_id)
            title = next((output["title"] for output in row.outputs if output["name"] == name), name)
            return f"{title} of {title_of(row.run_record.get('method'))} ({words.short(object_id)})"
        exposure = lab.dose.get(actor, object_id).exposure
    except NotFound:
        return f"{reference} (deleted)"
    return f"{words.title(exposure.mode)}, {words.instant(exposure.occurred_at)}"


def _told(summary: Mapping[str, Any]) -> str:
    shape = " × ".join(str(length) for length in summary.get("shape", ()))
    return f"{titled(summary)['title']}{f' ({shape})' if shape else ''}"


def _exposed(lab: Lab, dataset: Dataset, method: Method | Recipe) -> dict[str, str]:
    """Fill the input for an exposure with the one that a dataset came from, where there is one alone."""
    entries = lab.dose.of_dataset(dataset)
    ports = [port.name for port in method.inputs if "exposure" in port.kinds]
    return dict.fromkeys(ports, entries[0].exposure.id) if len(entries) == 1 else {}
