"""What is wrong with a form before it is sent, and what its job would need, by the service's own checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import LabError
from app.lab.jobs.doubts import PIXEL_UNKNOWN, InputWarning
from app.lab.jobs.estimates import JobEstimate
from app.lab.jobs.schemas import request_type as job_type
from app.lab.recipes.forecast import Forecast
from app.lab.recipes.schemas import request_type as run_type
from app.portal.forms import Values, body_of, errors_of
from app.portal.methods import title_of
from app.portal.visit import Visit
from lithoscope.methods import Method
from lithoscope.recipes import Recipe

#: What a finding about the whole of a part is called by: no field of the form has these names.
WHOLE = ("", "params", "inputs")


@dataclass(frozen=True)
class Doubt:
    """A doubt about an input, and where it is seen to: addresses with what stands on the buttons."""

    words: str
    ways: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Checked:
    """
    What was found.

    Parameters
    ----------
    errors : mapping of str to str
        By field, as after sending.
    estimate : JobEstimate or None
        Of a job whose form is complete.
    forecast : Forecast or None
        Of a run whose form is complete.
    doubts : sequence of Doubt
        What a person should know of its inputs.
    """

    errors: Mapping[str, str] = field(default_factory=dict)
    estimate: JobEstimate | None = None
    forecast: Forecast | None = None
    doubts: Sequence[Doubt] = ()

    def of(self, name: str) -> str:
        """Return what is wrong with a field, whose ticks and places of a list are its own."""
        parts = name.split(".")
        above = [".".join(parts[:end]) for end in range(len(parts), 1, -1)]
        below = (text for key, text in self.errors.items() if key.startswith(f"{name}."))
        return next((self.errors[each] for each in above if each in self.errors), next(below, ""))

    @property
    def whole(self) -> str:
        """Return what is wrong with several fields together."""
        return " ".join(text for name, text in self.errors.items() if name in WHOLE)


def checked_job(visit: Visit, method: Method, values: Values) -> Checked:
    """Check the form of a job."""
    try:
        new = body_of(job_type({method.id: method}), values)
        estimate = visit.lab.estimates.of_request(visit.actor, new)
        return Checked(estimate=estimate, doubts=[_doubt(visit, warning) for warning in estimate.warnings])
    except LabError as error:
        return Checked(errors_of(error))


def checked_run(visit: Visit, recipe: Recipe, values: Values) -> Checked:
    """Check the form of a recipe's run."""
    try:
        new = body_of(run_type({recipe.id: recipe}), values)
        forecast = visit.lab.forecasts.of(visit.actor, new)
        return Checked(forecast=forecast, doubts=[_doubt(visit, warning) for warning in forecast.warnings])
    except LabError as error:
        return Checked(errors_of(error))


def _doubt(visit: Visit, warning: InputWarning) -> Doubt:
    """Lead to what settles a doubt: a method, a recipe that begins with the same thing, or the dataset itself."""
    object_id = warning.reference.partition("/")[0]
    ways = [(f"/methods/{name}/run?input={warning.reference}", title_of(name)) for name in warning.remedies]
    if object_id.startswith("ds_"):
        ways += [(f"/recipes/{each.id}/run?input={object_id}", each.title) for each in _settling(visit, warning)]
        if warning.code == PIXEL_UNKNOWN:
            ways.append((f"/datasets/{object_id}?correct=pixel_size_nm#correct", "Set the pixel size"))
    said = warning.detail
    for name in warning.remedies:  # it has a button
        said = said.removesuffix(f" ({name})")
    return Doubt(f"{said[:1].upper()}{said[1:]}.", ways)


def _settling(visit: Visit, warning: InputWarning) -> list[Recipe]:
    """Return the recipes that take one tilt series and settle a doubt about it on the way."""
    return [
        recipe
        for recipe in visit.lab.recipes.all()
        if sum(not port.optional for port in recipe.inputs) == 1
        and any(step.method in warning.remedies for step in recipe.steps)
    ]
