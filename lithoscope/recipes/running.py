"""Running a recipe here and now, with the library alone: every step in turn, nothing kept but what it gave."""

from collections.abc import Callable, Mapping
from typing import Any

from lithoscope.analysis import Performed, perform
from lithoscope.arrays import LabelledArray
from lithoscope.methods.base import Method, Params, listed
from lithoscope.recipes.alike import UnlikeInputs, sizes_of, unlike_inputs
from lithoscope.recipes.base import Recipe, Step
from lithoscope.recipes.partial import with_inputs

Watch = Callable[[Step, Performed], None]


def run_local(
    recipe: Recipe,
    inputs: Mapping[str, Any],
    params: Params,
    *,
    methods: Mapping[str, Method],
    seed: int = 0,
    watch: Watch = lambda _step, _performed: None,
) -> dict[str, Performed]:
    """
    Run a recipe in this process.

    Parameters
    ----------
    recipe : Recipe
        From `lithoscope.recipes.catalogue`.
    inputs : mapping of str to LabelledArray, Quantity, Table or list of these
        One entry per input; steps that need one that is missing are left out.
    params : Params
        An instance of ``recipe.params``.
    methods : mapping of str to Method
        From `lithoscope.methods.catalogue`.
    seed : int
        Of every step's random generator.
    watch : callable
        Called after each step.

    Returns
    -------
    performed : dict of str to Performed
        What each step gave, by its name.

    Raises
    ------
    UnlikeInputs
    ScienceError
        Whatever a step refuses; a note of the exception names the step.
    """
    given = {name: value for name, value in inputs.items() if value is not None}
    _refuse_unlike(recipe, given)
    done: dict[str, Performed] = {}
    for step in with_inputs(recipe, given.keys(), methods).steps:
        method = methods[step.method]
        taken = {port: _taken(sources, given, done) for port, sources in step.inputs.items()}
        there = {port: value for port, value in taken.items() if value is not None and value != []}
        try:
            done[step.name] = perform(method, there, method.params(**step.values(params)), seed=seed)
        except Exception as error:
            error.add_note(f"in step {step.name} of recipe {recipe.id}")
            raise
        watch(step, done[step.name])
    return done


def _refuse_unlike(recipe: Recipe, given: Mapping[str, Any]) -> None:
    arrays = {name: value for name, value in given.items() if isinstance(value, LabelledArray)}
    unlike = unlike_inputs(recipe, {name: sizes_of(each.axes, each.values.shape) for name, each in arrays.items()})
    if unlike is not None:
        raise UnlikeInputs(unlike.words)


def _taken(sources: str | tuple[str, ...], given: Mapping[str, Any], done: Mapping[str, Performed]) -> Any:
    """Return what a port gets: one thing, or a list of all that is there."""
    found = [_one(source, given, done) for source in listed(sources)]
    if isinstance(sources, tuple):
        return [thing for each in found for thing in (each if isinstance(each, list) else [each]) if thing is not None]
    return found[0]


def _one(source: str, given: Mapping[str, Any], done: Mapping[str, Performed]) -> Any:
    name, dot, output = source.partition(".")
    return done[name].outputs.get(output) if dot else given.get(name)
