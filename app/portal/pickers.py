"""What fits: the datasets, results and exposures a method's input may be, and the methods an array may go to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from app.errors import NotFound
from app.infra.db.models import Dataset
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.datasets.repository import DatasetFilter
from app.portal import words
from app.portal.forms import Field, Values
from app.portal.methods import title_of
from app.portal.viewing import titled
from lithoscope.methods import Method, Port, catalogue, listed
from lithoscope.recipes import Recipe
from lithoscope.rules.series_inputs import array_for, inputs_by_name
from lithoscope.wording import count

ROWS = 200
SAMPLES = 30
Choice = tuple[str, str]


class Offered(NamedTuple):
    """An array or table that an input may be, with the method that made it."""

    reference: str
    label: str
    summary: Mapping[str, Any]
    method: str = ""


def fits(port: Port, summary: Mapping[str, Any]) -> bool:
    """Say whether an array is of a kind and layout the port takes."""
    layouts = [layout for layout in port.layouts if layout]
    return summary["kind"] in port.kinds and (not layouts or summary.get("axes", "") in layouts)


def methods_for(arrays: Sequence[Mapping[str, Any]]) -> list[tuple[Method, str]]:
    """Return the methods that take one of these arrays as first input, with the array's name."""
    found = ((method, _firstfitting(method, arrays)) for method in catalogue().values())
    return [(method, name) for method, name in found if name is not None]


def recipes_for(lab: Lab, arrays: Sequence[Mapping[str, Any]]) -> list[Recipe]:
    """Return the recipes that take one of these arrays as first input."""
    return [recipe for recipe in lab.recipes.all() if _firstfitting(recipe, arrays) is not None]


def _firstfitting(thing: Method | Recipe, arrays: Sequence[Mapping[str, Any]]) -> str | None:
    """Return which array goes to the first input: that of its own name, else the first that fits."""
    if not thing.inputs:
        return None
    fitting = [array["name"] for array in arrays if fits(thing.inputs[0], array)]
    return array_for(thing.inputs[0].name, fitting) if fitting else None


def choices(
    lab: Lab, actor: Actor, method: Method | Recipe, *, sample_id: str | None = None
) -> dict[str, tuple[Choice, ...]]:
    """Return what fits each input of a method or recipe of all the actor may read: namesakes first, then the newest."""
    datasets = lab.datasets.page(actor, wanted=DatasetFilter(state="readable", sample_id=sample_id), limit=ROWS)
    results = lab.results.page(actor, before=None, limit=ROWS)
    arrays = [*_of_datasets(datasets), *_of_results(results, _samples(lab, actor, results))]
    return {
        port.name: tuple(_exposures(lab, actor, sample_id)) if "exposure" in port.kinds else fitting(port, arrays)
        for port in method.inputs
    }


def fitting(port: Port, arrays: Sequence[Offered]) -> tuple[Choice, ...]:
    """Offer what fits, and first what is called as the port is: of all tables a comparison reads but few."""
    found = [each for each in arrays if fits(port, each.summary)]
    found.sort(key=lambda each: (port.name != each.summary["name"], not each.method.endswith(f"_{port.name}")))
    return tuple((each.reference, each.label) for each in found)


def input_fields(
    lab: Lab, actor: Actor, method: Method | Recipe, values: Values, *, sample_id: str | None = None
) -> tuple[Field, ...]:
    """Return the form's fields for the inputs of a method or recipe, each with what fits it."""
    found = choices(lab, actor, method, sample_id=sample_id)
    return tuple(_input_field(port, found[port.name], values) for port in method.inputs)


def _input_field(port: Port, found: tuple[Choice, ...], values: Values) -> Field:
    """Ask for one thing by a list to choose from, for many by boxes to tick."""
    name, choices = f"inputs.{port.name}", found
    given = [key.removeprefix(f"{name}.") for key in values if key.startswith(f"{name}.")] if port.many else []
    for reference in reversed(given or [values.get(name, "")]):
        choices = with_given(choices, reference)
    kind = " or ".join(map(words.word, port.kinds))
    help_ = f"Nothing fits yet: this takes a {kind}." if not found else "One or more." if port.many else ""
    return Field(
        name,
        port.title or words.title(port.name),
        "ticks" if port.many else "choice",
        required=not port.optional,
        choices=choices,
        help=help_,
    )


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
    first, (object_id, named, _) = method.inputs[0].name, reference.partition("/")
    filled: dict[str, str] = {}
    with suppress(NotFound):
        dataset = lab.datasets.get(actor, object_id)
        ports = [port.name for port in method.inputs]
        filled = inputs_by_name(object_id, [each["name"] for each in dataset.arrays], ports=ports)
        filled |= _exposed(lab, dataset, method)
    filled |= {first: reference} if named or first not in filled else {}
    many = {port.name for port in method.inputs if port.many}
    return values_of({name: [given] if name in many else given for name, given in filled.items()})


def labels_of(lab: Lab, actor: Actor, inputs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, reference and words of everything a job works on."""
    given = ((name, str(reference)) for name, each in inputs.items() for reference in listed(each))
    return [(name, reference, label_of(lab, actor, reference)) for name, reference in given]


def with_given(choices: tuple[Choice, ...], given: str | None) -> tuple[Choice, ...]:
    """Keep an input that was named in the address or sent before among those offered."""
    return choices if not given or given in {key for key, _ in choices} else ((given, given), *choices)


def label_of(lab: Lab, actor: Actor, reference: str) -> str:
    """Say in words what a job's input is; what is gone keeps its reference."""
    object_id, _, name = reference.partition("/")
    try:
        if object_id.startswith("ds_"):
            return f"{lab.datasets.get(actor, object_id).filename}{f' ({words.word(name)})' if name else ''}"
        if object_id.startswith("res_"):
            row = lab.results.get(actor, object_id)
            title = next((output["title"] for output in row.outputs if output["name"] == name), name)
            return f"{title} of {title_of(row.run_record.get('method'))}"
        exposure = lab.dose.get(actor, object_id).exposure
    except NotFound:
        return f"{reference} (deleted)"
    return f"{words.title(exposure.mode)}, {words.instant(exposure.occurred_at)}"


def _of_datasets(rows: Iterable[Any]) -> Iterator[Offered]:
    for row in rows:
        for summary in row.arrays:
            yield Offered(f"{row.id}/{summary['name']}", f"{row.filename}: {_told(summary)}", summary)


def _of_results(rows: Iterable[Any], samples: Mapping[str, str]) -> Iterator[Offered]:
    for row in rows:
        method, of = row.run_record.get("method"), samples.get(row.sample_id)
        made = f"{title_of(method)}{f' of {of}' if of else ''}, {words.instant(row.created_at)}"
        for summary in row.outputs:
            yield Offered(f"{row.id}/{summary['name']}", f"{made}: {_told(summary)}", summary, method or "")


def _samples(lab: Lab, actor: Actor, rows: Iterable[Any]) -> dict[str, str]:
    """Return the names of the samples of some results."""
    return {each: lab.samples.get(actor, each).name for each in {row.sample_id for row in rows} if each}


def _told(summary: Mapping[str, Any]) -> str:
    shape = " × ".join(str(length) for length in summary.get("shape", ()))
    return f"{titled(summary)['title']}{f' ({shape})' if shape else ''}"


def _exposed(lab: Lab, dataset: Dataset, method: Method | Recipe) -> dict[str, str]:
    """Fill the input for an exposure with the one that a dataset came from, where there is one alone."""
    entries = lab.dose.of_dataset(dataset)
    ports = [port.name for port in method.inputs if "exposure" in port.kinds]
    return dict.fromkeys(ports, entries[0].exposure.id) if len(entries) == 1 else {}


def _exposures(lab: Lab, actor: Actor, sample_id: str | None) -> Iterator[Choice]:
    samples = [lab.samples.get(actor, sample_id)] if sample_id else lab.samples.page(actor, before=None, limit=SAMPLES)
    for sample in samples:
        for entry in lab.dose.history(actor, sample.id):
            if entry.superseded_by is None and entry.inherited_from is None:
                exposure = entry.exposure
                frames = count(exposure.frames, "frame")
                when = words.instant(exposure.occurred_at)
                yield exposure.id, f"{sample.name}: {words.word(exposure.mode)}, {frames}, {when}"
