"""Whether a recipe can run at all: its methods exist, its ports fit, its steps follow each other."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from lithoscope.methods.base import Method, Port, listed
from lithoscope.recipes.base import Given, Recipe, Step
from lithoscope.recipes.partial import with_inputs

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,59}$")


class BadRecipe(RuntimeError):
    """A recipe that cannot run: a mistake of whoever wrote it, found before anybody runs it."""


def check(recipe: Recipe, methods: Mapping[str, Method]) -> None:
    """
    Refuse a recipe that names what does not exist, joins what does not fit, or runs in a circle.

    Parameters
    ----------
    recipe : Recipe
        The declaration.
    methods : mapping of str to Method
        The catalogue its steps come from.

    Raises
    ------
    BadRecipe
        With everything that is wrong, a line each.
    """
    if found := list(dict.fromkeys(findings(recipe, methods))):
        raise BadRecipe(f"recipe {recipe.id}:\n" + "\n".join(found))


def findings(recipe: Recipe, methods: Mapping[str, Method]) -> Iterator[str]:
    """Say everything that is wrong with a recipe."""
    yield from _names(recipe)
    for step in recipe.steps:
        if step.method not in methods:
            yield f"step {step.name}: there is no method {step.method}"
            continue
        yield from _joints(recipe, step, methods)
        yield from _parameter_names(recipe, step, methods[step.method])
    yield from _order(recipe)
    for output in recipe.outputs:
        yield from (_found(recipe, output.source, methods, f"output {output.name}", must_be_step=True)[1])
    yield from _unused(recipe)
    for name in (name for group in recipe.alike for name in group):
        if all(port.name != name for port in recipe.inputs):
            yield f"{name} is to be like others, but is no input"
    yield from _least(recipe, methods)
    yield from _values(recipe, methods)


def _names(recipe: Recipe) -> Iterator[str]:
    for what, names in (
        ("input", [port.name for port in recipe.inputs]),
        ("step", [step.name for step in recipe.steps]),
        ("output", [output.name for output in recipe.outputs]),
    ):
        yield from (f"two {what}s are called {name}" for name, count in Counter(names).items() if count > 1)
        yield from (f"{name!r} cannot be the name of this {what}" for name in names if not _NAME.match(name))
    if not recipe.steps:
        yield "it has no steps"
    for heading, named in recipe.sections.items():
        strange = [name for name in named if name not in recipe.params.model_fields]
        yield from (f"heading {heading!r} names {name}, which is no parameter" for name in strange)


def _joints(recipe: Recipe, step: Step, methods: Mapping[str, Method]) -> Iterator[str]:
    ports = {port.name: port for port in methods[step.method].inputs}
    for name, given in step.inputs.items():
        where = f"step {step.name}, input {name}"
        if name not in ports:
            yield f"step {step.name}: {step.method} has no input {name}"
            continue
        if isinstance(given, tuple) and (not given or not ports[name].many):
            yield f"{where}: {'it takes one thing, not a list' if given else 'its list is empty'}"
        found = [(source, *_found(recipe, source, methods, where)) for source in listed(given)]
        # a step whose needed input of the recipe is left out is left out itself
        is_sure = any(taken is not None and ("." not in source or not taken.optional) for source, taken, _ in found)
        for source, taken, wrong in found:
            yield from wrong
            if taken is not None:
                yield from _fit(taken, ports[name], where, is_own="." in source, is_sure=is_sure)
    missing = [port.name for port in ports.values() if not port.optional and port.name not in step.inputs]
    yield from (f"step {step.name}: its input {name} comes from nowhere" for name in missing)


def _found(
    recipe: Recipe, source: str, methods: Mapping[str, Method], where: str, *, must_be_step: bool = False
) -> tuple[Port | None, list[str]]:
    """Find the port a source names, and say what is wrong with the name."""
    name, dot, output = source.partition(".")
    if not dot:
        ports = {port.name: port for port in recipe.inputs}
        if name not in ports or must_be_step:
            kind = "output of a step" if must_be_step else "input of the recipe"
            return None, [f"{where}: {source} is no {kind}"]
        return ports[name], []
    step = next((step for step in recipe.steps if step.name == name), None)
    if step is None:
        return None, [f"{where}: there is no step {name}"]
    if step.method not in methods:
        return None, []
    port = next((port for port in methods[step.method].outputs if port.name == output), None)
    return (port, []) if port else (None, [f"{where}: {step.method} gives no {output}"])


def _fit(taken: Port, port: Port, where: str, *, is_own: bool, is_sure: bool) -> Iterator[str]:
    """
    Compare kinds and layouts; what a step gives in one of several layouts may fit, what a person gives must.

    Of many sources one that is sure to be there is enough.
    """
    kinds = set(taken.kinds)
    if not (kinds & set(port.kinds) if is_own else kinds <= set(port.kinds)):
        yield f"{where}: a {' or '.join(taken.kinds)} is no {' or '.join(port.kinds)}"
    layouts, wanted = ({each for each in these if each} for these in (taken.layouts, port.layouts))
    if wanted and not (layouts & wanted if is_own else layouts and layouts <= wanted):
        yield f"{where}: axes {' or '.join(sorted(layouts)) or 'of any kind'} are not {' or '.join(sorted(wanted))}"
    if taken.many and not port.many:
        yield f"{where}: many things are given where one is taken"
    if not is_sure and not port.optional:
        yield f"{where}: it is needed, but the step before may not give it"


def _parameter_names(recipe: Recipe, step: Step, method: Method) -> Iterator[str]:
    for name, value in step.params.items():
        if name not in method.params.model_fields:
            yield f"step {step.name}: {step.method} has no parameter {name}"
        if isinstance(value, Given) and value.name not in recipe.params.model_fields:
            yield f"step {step.name}, parameter {name}: the recipe has no parameter {value.name}"


def _order(recipe: Recipe) -> Iterator[str]:
    seen: set[str] = set()
    for step in recipe.steps:
        late = [name for name in step.needs if name not in seen and any(other.name == name for other in recipe.steps)]
        yield from (f"step {step.name} stands before {name}, or runs in a circle with it" for name in late)
        seen.add(step.name)


def _least(recipe: Recipe, methods: Mapping[str, Method]) -> Iterator[str]:
    """Ask for a step that runs on the inputs that are always there."""
    if any(step.method not in methods for step in recipe.steps):
        return
    least = with_inputs(recipe, {port.name for port in recipe.inputs if not port.optional}, methods)
    if recipe.steps and not least.steps:
        yield "no step is left without the inputs that may be left out"


def _unused(recipe: Recipe) -> Iterator[str]:
    taken = {source for step in recipe.steps for source in step.sources}
    chosen = {value.name for step in recipe.steps for value in step.params.values() if isinstance(value, Given)}
    yield from (f"no step takes the input {port.name}" for port in recipe.inputs if port.name not in taken)
    yield from (f"no step takes the parameter {name}" for name in recipe.params.model_fields if name not in chosen)


def _values(recipe: Recipe, methods: Mapping[str, Method]) -> Iterator[str]:
    """Hold the defaults and every preset against the methods' own bounds."""
    for preset, values in {"defaults": {}, **recipe.presets}.items():
        try:
            params = recipe.params(**_fill(recipe, values))
        except ValidationError as error:
            yield f"{preset}: {_said(error)}"
            continue
        for step in recipe.steps:
            method = methods.get(step.method)
            try:
                if method is not None:
                    method.params(**step.values(params))
            except (ValidationError, AttributeError) as error:
                yield f"{preset}, step {step.name}: {_said(error)}"


def _fill(recipe: Recipe, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a parameter without default the first value a preset has for it: only its use is checked."""
    needed = [name for name, field in recipe.params.model_fields.items() if field.is_required()]
    known = {name: value for preset in recipe.presets.values() for name, value in preset.items() if name in needed}
    return {**known, **values}


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return str(error)
