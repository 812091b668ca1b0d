"""What carries a run from step to step, within the transaction in which a job ended; nobody commits here."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.errors import Invalid, LabError
from app.infra.clock import now
from app.infra.db.models import Job, RecipeRun, RecipeStep
from app.infra.queue import TERMINAL
from app.lab.access import Actor
from app.lab.jobs.orders import Order
from app.lab.jobs.service import JobService
from app.lab.recipes.repository import RecipeRepository
from app.lab.recipes.views import StepView, needs, view_of
from lithoscope.methods import Method, listed

STEP_FAILED = "step-failed"


class Engine:
    """Starts the steps that can start, and says how the run stands."""

    def __init__(self, runs: RecipeRepository, jobs: JobService, *, methods: Mapping[str, Method]) -> None:
        self._runs = runs
        self._jobs = jobs
        self.methods = methods

    def after(self, job_id: str) -> None:
        """Go on with the run a job is a step of, if any; call it in the transaction that changed the job's state."""
        if (run_id := self._runs.run_of(job_id)) is not None:
            self.advance(run_id)

    def advance(self, run_id: str) -> None:
        """
        Start every step whose inputs are there, and end the run when nothing is left to do.

        The run's row is locked: of two steps that end at once the second sees the first. Repeating it changes nothing.
        """
        run = self._runs.lock(run_id)
        if run is None or run.finished_at is not None:
            return
        steps = self._runs.steps([run.id])[run.id]
        jobs = self._runs.jobs(steps)
        if run.state == "cancelling":
            self._stop(run, jobs)
        else:
            self._start(run, steps, jobs)
        _settle(run, steps, jobs)
        self._runs.save()

    def order(
        self, run: RecipeRun, step: RecipeStep, results: Mapping[str, str], project_id: str | None = None
    ) -> Order:
        """Write what a step is to do, given the results of the steps it takes from."""
        method = self.methods.get(step.method)
        if method is None:
            raise Invalid("The step's method is no longer offered: run the recipe as it is now.")
        references = {port: _references(given, run, results) for port, given in step.inputs.items()}
        try:
            params = method.params.model_validate_json(json.dumps(step.params))
        except ValidationError:
            raise Invalid("The method no longer takes these parameters: run the recipe as it is now.") from None
        known = {port: given for port, given in references.items() if given}
        return Order(method, known, params, run.seed, project_id or run.project_id, run.started_by)

    def _start(self, run: RecipeRun, steps: Sequence[RecipeStep], jobs: dict[str, Job]) -> None:
        """Start steps in the order of the recipe: one that is reused lets those after it begin at once."""
        owner = Actor(id=run.created_by, kind="system", label="a recipe")
        for step in steps:
            results = {other.name: _result_of(other, jobs) for other in steps}
            if step.job_id or step.problem or any(results[name] is None for name in needs(step)):
                continue
            there = {name: result_id for name, result_id in results.items() if result_id is not None}
            try:
                job, step.is_reused = self._jobs.submit_or_reuse(owner, self.order(run, step, there))
            except LabError as refusal:  # an input was deleted meanwhile, or a step gave less than it declares
                step.problem = _problem(refusal)
                continue
            step.job_id = job.id
            jobs[job.id] = job

    def _stop(self, run: RecipeRun, jobs: Mapping[str, Job]) -> None:
        owner = Actor(id=run.created_by, kind="system", label="a recipe")
        for job in jobs.values():
            if job.state not in TERMINAL:
                self._jobs.stop_if_free(owner, job)


def _references(given: str | list[str], run: RecipeRun, results: Mapping[str, str]) -> str | list[str]:
    """Return what a port gets, nothing where it was left out; a list takes in the lists that a person gave."""
    found = [_reference(source, run, results) for source in listed(given)]
    if isinstance(given, list):
        return [reference for each in found for reference in listed(each) if reference]
    return found[0]


def _reference(source: str, run: RecipeRun, results: Mapping[str, str]) -> str | list[str]:
    name, dot, port = source.partition(".")
    return f"{results[name]}/{port}" if dot else run.inputs.get(name, "")


def _result_of(step: RecipeStep, jobs: Mapping[str, Job]) -> str | None:
    job = jobs.get(step.job_id or "")
    return job.result_id if job is not None and job.state == "succeeded" else None


def _settle(run: RecipeRun, steps: Sequence[RecipeStep], jobs: dict[str, Job]) -> None:
    views = view_of(run, list(steps), jobs).steps
    run.version += 1
    if any(view.job is not None and view.state not in TERMINAL for view in views):
        return
    run.finished_at = now()
    ended = {view.state for view in views}
    if ended == {"succeeded"}:
        run.state = "succeeded"
    elif run.state != "cancelling" and "failed" in ended:
        run.state, run.problem = "failed", _step_failed(next(view for view in views if view.state == "failed"))
    else:
        run.state = "cancelled"


def _step_failed(view: StepView) -> dict[str, Any]:
    """Name the step that failed, with what its job says."""
    said = view.problem or {}
    detail = f"Step '{view.step.title}': {said.get('detail') or said.get('title') or 'it failed'}"
    return {
        "type": f"/problems/{STEP_FAILED}",
        "title": "A step of the recipe failed",
        "status": 422,
        "detail": detail,
        "step": view.step.name,
        "job_id": view.step.job_id,
        "cause": said.get("type"),
    }


def _problem(refusal: LabError) -> dict[str, Any]:
    words = {"type": f"/problems/{refusal.code}", "title": refusal.title, "status": refusal.status}
    details = [error["detail"] for error in refusal.errors]
    return {**words, "detail": " ".join(details) or refusal.detail}
