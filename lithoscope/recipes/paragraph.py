"""The methods paragraph of a result or of a recipe's run: sentences made of its record, and of nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from lithoscope import wording
from lithoscope.methods import Method, Params, listed
from lithoscope.methods.base import PRESET
from lithoscope.recipes.base import Recipe

Methods = Mapping[str, Method]
_DIGEST_LETTERS = 12
_SAID = {
    "waiting": "has not begun",
    "queued": "has not begun",
    "running": "is under way",
    "cancelling": "is being cancelled",
    "cancelled": "was cancelled",
    "failed": "failed",
    "skipped": "was not reached",
}


@dataclass(frozen=True, slots=True)
class ToldStep:
    """
    A step of a run as its rows tell it.

    Parameters
    ----------
    name, title : str
        As in its recipe.
    method : str
        Id of the method.
    version : str or None
        Of the method; None where no job was made.
    state : str
        Of its job, or ``waiting`` or ``skipped``.
    is_reused : bool
        Taken from a job that had finished before.
    inputs : mapping of str to str or sequence of str
        Port to its source: an input of the recipe, or ``step.port``.
    params : mapping
        Of its job.
    software : str or None
        Version of Lithoscope that computed it.
    """

    name: str
    title: str
    method: str
    version: str | None
    state: str
    is_reused: bool
    inputs: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    software: str | None = None


@dataclass(frozen=True, slots=True)
class ToldRun:
    """
    A run of a recipe as its rows tell it.

    Parameters
    ----------
    recipe, version : str
        Id and version of the recipe.
    preset : str or None
    inputs : mapping of str to str or sequence of str
        Input to reference.
    params : mapping
    seed : int
    steps : sequence of ToldStep
        In the order of the recipe.
    digests : mapping of str to str
        Reference to the SHA-256 of what its steps read by it.
    """

    recipe: str
    version: str
    preset: str | None
    inputs: Mapping[str, Any]
    params: Mapping[str, Any]
    seed: int
    steps: Sequence[ToldStep]
    digests: Mapping[str, str] = field(default_factory=dict)


def result_paragraph(record: Mapping[str, Any], methods: Methods) -> str:
    """
    Say how a result was computed.

    Parameters
    ----------
    record : mapping
        Its run record.
    methods : mapping of str to Method
        What is known of methods by their ids: title, reference, units of the parameters.
    """
    method = methods.get(str(record.get("method")))
    with_software = _software((record.get("software") or {}).get("lithoscope"))
    named = _named(str(record.get("method")), record.get("method_version"), method)
    sentences = [f"The result was computed{with_software} by {named}."]
    if inputs := list(_digested(record.get("inputs") or {})):
        sentences.append(f"Its input{' was' if len(inputs) == 1 else 's were'} {_listed(inputs)}.")
    params = record.get("params") or {}
    sentences.append(_parameters(params, _declared(method, record.get("method_version"))))
    if method is not None and "seed" in method.calibration and record.get("seed") is not None:
        sentences.append(f"The seed of its random numbers was {record['seed']}.")
    if record.get("finished_early"):
        sentences.append(f"It was finished early, after {wording.count(int(record.get('steps_done') or 0), 'step')}.")
    return " ".join(filter(None, sentences))


def run_paragraph(run: ToldRun, methods: Methods, recipe: Recipe | None) -> str:
    """
    Say what a run of a recipe did, step by step in the order of the recipe.

    Parameters
    ----------
    run : ToldRun
    methods : mapping of str to Method
    recipe : Recipe or None
        Its declaration, None when it is no longer offered.
    """
    versions = list(dict.fromkeys(step.software for step in run.steps if step.software))
    title = f"“{recipe.title}” " if recipe else ""
    reference = f"; {recipe.reference}" if recipe else ""
    told = f"The recipe {title}({run.recipe}, version {run.version}{reference}) was run"
    sentences = [f"{told}{_software(versions[0] if len(versions) == 1 else None)}."]
    if run.inputs:
        given = [f"{_words(name)} ({_references(where, run.digests)})" for name, where in run.inputs.items()]
        sentences.append(f"It took {_listed(given)}.")
    if run.preset:
        sentences.append(f"Its parameters followed the preset {run.preset}.")
    declared = recipe.params if recipe and recipe.version == run.version else None
    sentences.append(_parameters(run.params, declared))
    uses_seed = any("seed" in methods[step.method].calibration for step in run.steps if step.method in methods)
    if uses_seed:
        sentences.append(f"The seed of random numbers was {run.seed}.")
    cited: set[str] = set()
    titles = {step.name: step.title for step in run.steps}
    for place, step in enumerate(run.steps):
        sentences.append(_step(place, step, methods, titles=titles, cited=cited, is_mixed=len(versions) > 1))
    return " ".join(filter(None, sentences))


def _step(
    place: int, step: ToldStep, methods: Methods, *, titles: Mapping[str, str], cited: set[str], is_mixed: bool
) -> str:
    """Write a step: what it took, what computed it, what differed from the defaults, whether it was computed at all."""
    method = methods.get(step.method)
    named = _named(step.method, step.version, method, is_cited=step.method in cited)
    cited.add(step.method)
    sources = list(dict.fromkeys(_source(each, titles) for given in step.inputs.values() for each in listed(given)))
    took = f", from {_listed(sources)}" if sources else ""
    told = f"({place + 1}) {step.title}: {named}{took}"
    if step.state != "succeeded":
        return f"{told}; this step {_SAID.get(step.state, 'has not ended')}."
    different = list(_different(step.params, _declared(method, step.version)))
    told += f", with {_listed(different)}" if different else ""
    told += f", computed with Lithoscope {step.software}" if is_mixed and step.software else ""
    return f"{told}; taken from a run that had finished before." if step.is_reused else f"{told}."


def _named(method_id: str, version: Any, method: Method | None, *, is_cited: bool = False) -> str:
    about = [method_id, *([f"version {version}"] if version else [])]
    if method is None:
        return f"the method {', '.join(about)}"
    reference = f"; {method.reference}" if method.reference and not is_cited else ""
    return f"the method “{method.title}” ({', '.join(about)}{reference})"


def _software(version: Any) -> str:
    return f" with Lithoscope {version}" if version else ""


def _declared(method: Method | None, version: Any) -> type[Params] | None:
    """Return the parameters of a method, None where they are not those of the version that ran."""
    return method.params if method is not None and method.version == version else None


def _digested(inputs: Mapping[str, Any]) -> Iterator[str]:
    for name, given in inputs.items():
        told = [_with_digest(one["reference"], one.get("digest")) for one in listed(given)]
        yield f"{_words(name)} ({'; '.join(told)})"


def _parameters(params: Mapping[str, Any], declared: type[Params] | None) -> str:
    """Write parameters that are not the defaults; of a version that is no longer known, all of them."""
    if not params:
        return ""
    different = list(_different(params, declared))
    if declared is None:
        return f"Parameters: {'; '.join(different)}."
    if not different:
        return "All parameters had the defaults of this version."
    rest = len(params) - len(different)
    others = " The others had the defaults of this version." if rest > 0 else ""
    return f"Parameters: {'; '.join(different)}.{others}"


def _different(params: Mapping[str, Any], declared: type[Params] | None) -> Iterator[str]:
    usual = _defaults(params, declared)
    for name, value in params.items():
        if name in usual and usual[name] == value and name != PRESET:
            continue
        if value is not None:
            yield _parameter(name, value, declared)


def _defaults(params: Mapping[str, Any], declared: type[Params] | None) -> Mapping[str, Any]:
    """Return what the parameters are when nobody chooses them; with a preset, what it makes of them."""
    if declared is None:
        return {}
    chosen = {PRESET: params[PRESET]} if PRESET in params and declared.presets else {}
    needed = {name for name, about in declared.model_fields.items() if about.is_required()}
    try:
        filled = declared.model_validate({**chosen, **{name: params.get(name) for name in needed}}, strict=False)
    except ValidationError:
        return {}
    return {name: value for name, value in filled.model_dump(mode="json").items() if name not in needed}


def _parameter(name: str, value: Any, declared: type[Params] | None) -> str:
    about = declared.model_fields.get(name) if declared else None
    extra = about.json_schema_extra if about is not None and isinstance(about.json_schema_extra, dict) else {}
    title = (about.title if about is not None else None) or wording.plain(name)
    unit = wording.unit(str(extra.get("unit", "1")))
    return f"{_lowered(title)} {_value(value)}{f' {unit}' if unit else ''}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return wording.number(float(value), 6)
    if isinstance(value, list | tuple):
        return ", ".join(_value(each) for each in value)
    return str(value)


def _lowered(title: str) -> str:
    """Begin a title with a small letter, unless it is a symbol or an abbreviation."""
    return title[:1].lower() + title[1:] if title[1:2].islower() or title[1:2] == " " else title


def _words(name: str) -> str:
    return wording.plain(name)


def _source(source: str, titles: Mapping[str, str]) -> str:
    step, dot, port = source.partition(".")
    return f"{_words(port)} of “{titles.get(step, step)}”" if dot else _words(source)


def _references(where: Any, digests: Mapping[str, str]) -> str:
    return "; ".join(_with_digest(str(one), digests.get(str(one))) for one in listed(where))


def _with_digest(reference: str, digest: Any) -> str:
    return f"{reference}, SHA-256 {str(digest)[:_DIGEST_LETTERS]}" if digest else reference


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
