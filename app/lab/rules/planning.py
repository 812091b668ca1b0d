"""What a rule would start: its action filled from a dataset, and what the service says to that."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app.errors import Invalid, NotFound
from app.infra.db.models import Dataset
from app.lab.access import Actor
from app.lab.dose.service import DoseService
from app.lab.jobs.estimates import EstimateService
from app.lab.jobs.inputs import Inputs, each
from app.lab.jobs.schemas import NewJob
from app.lab.jobs.schemas import request_type as job_type
from app.lab.jobs.service import JobService
from app.lab.recipes.forecast import ForecastService
from app.lab.recipes.schemas import NewRun
from app.lab.recipes.schemas import request_type as run_type
from app.lab.recipes.service import RecipeService
from app.lab.rules.schemas import RuleAction
from lithoscope.methods import Method
from lithoscope.recipes import Recipe
from lithoscope.rules.series_inputs import inputs_from_dataset

Request = NewJob | NewRun


class Planner:
    """Turns actions into requests, and requests into jobs or runs."""

    def __init__(
        self,
        *,
        methods: Mapping[str, Method],
        recipes: RecipeService,
        jobs: JobService,
        estimates: EstimateService,
        forecasts: ForecastService,
        inputs: Inputs,
        dose: DoseService,
    ) -> None:
        self._methods = methods
        self._recipes = recipes
        self._jobs = jobs
        self._estimates = estimates
        self._forecasts = forecasts
        self._inputs = inputs
        self._dose = dose

    def thing(self, action: RuleAction) -> Method | Recipe:
        """Return what an action runs; refused when it is no longer offered."""
        if action.recipe is not None:
            try:
                return self._recipes.recipe(action.recipe)
            except NotFound:
                raise Invalid.field("/body/action/recipe", "No recipe is called so: see GET /recipes.") from None
        method = self._methods.get(action.method or "")
        if method is None:
            raise Invalid.field("/body/action/method", "No method is called so: see GET /methods.")
        return method

    def params(self, action: RuleAction) -> dict[str, Any]:
        """Check an action's inputs by name and its parameters; return those in force, defaults and preset included."""
        thing = self.thing(action)
        presets = thing.presets if isinstance(thing, Recipe) else {}
        if action.preset is not None and action.preset not in presets:
            raise Invalid.field("/body/action/preset", "The recipe has no preset of this name: see GET /recipes.")
        ports = {port.name for port in thing.inputs}
        if unknown := set(action.inputs) - ports:
            raise Invalid.field("/body/action/inputs", f"{len(unknown)} of these are no inputs: see what it takes.")
        if not ports - set(action.inputs):
            raise Invalid.field("/body/action/inputs", "Leave an input to the dataset: it fills what is not named.")
        try:
            given = {**presets.get(action.preset or "", {}), **action.params}
            return thing.params.model_validate_json(json.dumps(given)).model_dump(mode="json")
        except ValidationError as error:
            raise _refusal(error, "/body/action/params/") from None

    def check(self, actor: Actor, action: RuleAction, project_id: str) -> None:
        """Refuse what could never start: parameters out of bounds, inputs that do not fit or are not the project's."""
        self.params(action)
        ports = [port for port in self.thing(action).inputs if port.name in action.inputs]
        try:
            found = self._inputs.check(actor, ports, action.inputs)
        except Invalid as refusal:
            moved = [{**at, "pointer": at["pointer"].replace("/body/", "/body/action/")} for at in refusal.errors]
            raise Invalid(refusal.detail, errors=moved) from None
        if any(one.project_id != project_id for one in each(found)):
            raise Invalid.field("/body/action/inputs", "An input belongs to another project than the rule.")

    def request(self, action: RuleAction, dataset: Dataset) -> Request:
        """Fill an action from a dataset, as the form over many datasets does; its one exposure goes along."""
        thing = self.thing(action)
        body = {
            "inputs": {**action.inputs, **self._filled(thing, action, dataset)},
            "params": action.params,
            "seed": action.seed,
            "project_id": dataset.project_id,
        }
        model: Any
        if isinstance(thing, Recipe):
            model, named = run_type({thing.id: thing}), {"recipe": thing.id, "preset": action.preset}
        else:
            model, named = job_type({thing.id: thing}), {"method": thing.id}
        try:
            made: Request = model.model_validate_json(
                json.dumps({**body, **{name: value for name, value in named.items() if value is not None}})
            )
        except ValidationError as error:
            raise _refusal(error, "/body/") from None
        return made

    def _filled(self, thing: Method | Recipe, action: RuleAction, dataset: Dataset) -> dict[str, Any]:
        ports = {port.name: port for port in thing.inputs}
        arrays = [row["name"] for row in dataset.arrays]
        of_data = [name for name, port in ports.items() if "exposure" not in port.kinds]
        filled = inputs_from_dataset(dataset.id, arrays, ports=of_data, given=list(action.inputs))
        entries = self._dose.of_dataset(dataset)
        if len(entries) == 1:
            others = set(ports) - set(of_data) - set(action.inputs)
            filled |= dict.fromkeys(sorted(others), entries[0].exposure.id)
        return {name: [given] if ports[name].many else given for name, given in filled.items()}

    def done_before(self, actor: Actor, request: Request) -> str | None:
        """Return the finished job that did the same as a request for a job would, if any."""
        if isinstance(request, NewRun):
            return None  # each of its steps looks for itself
        job = self._jobs.alike(actor, self._jobs.order(request))
        return None if job is None else job.id

    def seconds(self, actor: Actor, request: Request) -> float | None:
        """Tell how long what a request asks for will take; None where past runs do not tell."""
        if isinstance(request, NewRun):
            whole = self._forecasts.of(actor, request).time_s
            return whole.value if whole.told == whole.runs else None  # the sum of some steps is a lower bound
        return self._estimates.of_request(actor, request).time_s.value

    def foresee(self, actor: Actor, request: Request) -> None:
        """Check a request as its start would; nothing is stored."""
        if isinstance(request, NewRun):
            self._recipes.foresee(actor, request)
        else:
            self._estimates.of_request(actor, request)

    def start(self, actor: Actor, request: Request, started_by: Mapping[str, Any]) -> dict[str, str]:
        """Start a job or a run; return which, by the name of its column."""
        if isinstance(request, NewRun):
            return {"run_id": self._recipes.start(actor, request, started_by=started_by).run.id}
        job, _ = self._jobs.submit_or_reuse(actor, self._jobs.order(request, started_by=started_by))
        return {"job_id": job.id}


def _refusal(error: ValidationError, pointer: str) -> Invalid:
    """Name the fields at fault without repeating what they held."""
    found = [
        {"pointer": pointer + "/".join(str(part) for part in item["loc"]), "detail": f"{item['msg']}."}
        for item in error.errors(include_input=False, include_url=False)
    ]
    return Invalid("The parameters or inputs are not what it takes.", errors=found)
