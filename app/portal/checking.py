"""What is wrong with a form before it is sent, and what its job would need, by the service's own checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import LabError
from app.lab.jobs.estimates import JobEstimate
from app.lab.jobs.schemas import request_type as job_type
from app.lab.recipes.schemas import request_type as run_type
from app.lab.recipes.service import Foreseen
from app.portal.forms import Values, body_of, errors_of
from app.portal.visit import Visit
from lithoscope.methods import Method
from lithoscope.recipes import Recipe

#: What a finding about the whole of a part is called by: no field of the form has these names.
WHOLE = ("", "params", "inputs")


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
    steps : sequence of Foreseen
        Of a run whose form is complete.
    """

    errors: Mapping[str, str] = field(default_factory=dict)
    estimate: JobEstimate | None = None
    steps: Sequence[Foreseen] = ()

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
        return Checked(estimate=visit.lab.estimates.of_request(visit.actor, new))
    except LabError as error:
        return Checked(errors_of(error))


def checked_run(visit: Visit, recipe: Recipe, values: Values) -> Checked:
    """Check the form of a recipe's run."""
    try:
        new = body_of(run_type({recipe.id: recipe}), values)
        return Checked(steps=visit.lab.recipes.foresee(visit.actor, new))
    except LabError as error:
        return Checked(errors_of(error))
