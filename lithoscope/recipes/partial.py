"""What remains of a recipe when inputs that may be left out are left out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from lithoscope.methods.base import Method, listed
from lithoscope.recipes.base import Recipe, Step


def with_inputs(recipe: Recipe, given: Collection[str], methods: Mapping[str, Method]) -> Recipe:
    """
    Return a recipe without the steps that need an input nobody gave, or a step that is left out for that.

    Parameters
    ----------
    recipe : Recipe
    given : collection of str
        Names of the inputs that were given.
    methods : mapping of str to Method
        Which port of a step may be left empty.
    """
    there = set(given)
    steps = tuple(_steps(recipe, there, methods))
    return replace(
        recipe,
        inputs=tuple(port for port in recipe.inputs if port.name in there),
        steps=steps,
        outputs=tuple(output for output in recipe.outputs if output.source.partition(".")[0] in there),
    )


def _steps(recipe: Recipe, there: set[str], methods: Mapping[str, Method]) -> Iterator[Step]:
    """Go through the steps that can run, adding their names to what is there."""
    for step in recipe.steps:
        inputs = {}
        for port, sources in step.inputs.items():
            kept = tuple(source for source in listed(sources) if source.partition(".")[0] in there)
            if kept:
                inputs[port] = kept if isinstance(sources, tuple) else kept[0]
        if all(port.optional or port.name in inputs for port in methods[step.method].inputs):
            there.add(step.name)
            yield replace(step, inputs=inputs)
