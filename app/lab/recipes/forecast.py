"""What a run of a recipe would do before it starts: which steps are done, how long the rest takes, what is doubtful."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.lab.access import Actor
from app.lab.jobs.doubts import InputWarning, warnings_before
from app.lab.jobs.estimates import EstimateService, size_of
from app.lab.jobs.inputs import Found, Inputs, doubted
from app.lab.recipes.schemas import NewRun
from app.lab.recipes.service import Foreseen, RecipeService
from lithoscope.methods import Method, listed
from lithoscope.recipes import Recipe
from lithoscope.recipes.base import Given
from lithoscope.rules.run_estimates import Estimate, Total, total


@dataclass(frozen=True)
class Forecast:
    """
    What a run would do.

    Parameters
    ----------
    steps : sequence of Foreseen
        In the order of the recipe.
    time_s : Total
        Of the steps that are to be computed.
    warnings : tuple of InputWarning
        Doubts about its inputs that make its numbers wrong.
    """

    steps: Sequence[Foreseen]
    time_s: Total
    warnings: tuple[InputWarning, ...]


class ForecastService:
    """Tells what a run would do; nothing is stored."""

    def __init__(
        self, recipes: RecipeService, estimates: EstimateService, *, inputs: Inputs, methods: Mapping[str, Method]
    ) -> None:
        self._recipes = recipes
        self._estimates = estimates
        self._inputs = inputs
        self._methods = methods

    def of(self, actor: Actor, new: NewRun) -> Forecast:
        """Check a request as its start would, and tell what its run would do."""
        recipe, steps = self._recipes.recipe(new.recipe), self._recipes.foresee(actor, new)
        found = self._inputs.check(actor, recipe.inputs, new.inputs.model_dump(exclude_none=True))
        return Forecast(steps, total(self._times(actor, steps, found)), self._warnings(recipe, steps, found))

    def _times(self, actor: Actor, steps: Sequence[Foreseen], found: Found) -> list[Estimate]:
        """Tell of each step that is to be computed how long it takes, the sizes of what it reads followed through."""
        held = {name: size_of([one.numbers for one in listed(given)]) for name, given in found.items()}
        times = []
        for step in (each.step for each in steps):
            sources = [source for given in step.inputs.values() for source in listed(given)]
            read = [held.get(source, 0.0) for source in sources if source in found or "." in source]
            time_s, gives = self._estimates.of_size(actor, step.method, size_of(read), step.params)
            held |= {f"{step.name}.{name}": numbers for name, numbers in gives.items()}
            times.append(time_s)
        return [time_s for time_s, each in zip(times, steps, strict=True) if each.job is None]

    def _warnings(self, recipe: Recipe, steps: Sequence[Foreseen], found: Found) -> tuple[InputWarning, ...]:
        """Return doubts that some step presumes to be settled, unless a step settles them by what somebody answered."""
        codes = {code for each in steps for code in self._methods[each.step.method].presumes}
        told = warnings_before(codes, doubted(found), self._methods)
        asked = [(warning, self._asked(recipe, steps, warning.code)) for warning in told]
        return tuple(_worded(warning, fields) for warning, fields in asked if fields is None or fields)

    def _asked(self, recipe: Recipe, steps: Sequence[Foreseen], code: str) -> list[str] | None:
        """Return what a settling step asks that has its default answer; None where no step settles a doubt."""
        present = {each.step.name: each.step.params for each in steps}
        settling = [
            step for step in recipe.steps if step.name in present and code in self._methods[step.method].settles
        ]
        if not settling:
            return None
        asked = [(present[step.name][name], given.name) for step in settling for name, given in _chosen(step.params)]
        fields = recipe.params.model_fields
        return [fields[name].title or name for value, name in asked if value == fields[name].default]


def _chosen(params: Mapping[str, Any]) -> list[tuple[str, Given]]:
    return [(name, given) for name, given in params.items() if isinstance(given, Given)]


def _worded(warning: InputWarning, fields: list[str] | None) -> InputWarning:
    """Say of a doubt that the recipe itself settles by which answer it does."""
    if fields is None:
        return warning
    asked = " and ".join(f"'{field}'" for field in fields)
    detail = f"{warning.detail.partition(',')[0].partition(':')[0]}: answer {asked} for it"
    return replace(warning, detail=detail, remedies=())
