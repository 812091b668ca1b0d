"""What people do with recipes; nobody commits here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError

from app.errors import Conflict, Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import Job, RecipeRun, RecipeStep
from app.infra.ids import new_id
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.jobs.inputs import Found, Input, Inputs, references_of
from app.lab.jobs.service import JobService, project_of, sample_of
from app.lab.recipes.engine import Engine
from app.lab.recipes.repository import RecipeRepository
from app.lab.recipes.schemas import NewRun, sources_of
from app.lab.recipes.telling import told
from app.lab.recipes.views import RunView, needs, view_of
from lithoscope.methods import Params
from lithoscope.recipes import Recipe, with_inputs
from lithoscope.recipes.alike import sizes_of, unlike_inputs
from lithoscope.recipes.paragraph import run_paragraph


class WrongRunState(Conflict):
    """The state of a recipe's run does not allow the act."""

    code, title = "wrong-run-state", "The run's state does not allow this"


@dataclass(frozen=True)
class Foreseen:
    """What a step would do: take the result of a finished job, or compute."""

    step: RecipeStep
    job: Job | None


class RecipeService:
    """Runs recipes, shows how they go, stops them, and starts them again in the middle."""

    def __init__(
        self,
        runs: RecipeRepository,
        engine: Engine,
        *,
        jobs: JobService,
        inputs: Inputs,
        recipes: Mapping[str, Recipe],
        audit: AuditLog,
    ) -> None:
        self._runs = runs
        self._engine = engine
        self._jobs = jobs
        self._inputs = inputs
        self._recipes = recipes
        self._audit = audit

    def all(self) -> list[Recipe]:
        """Return every recipe, by id; they are the same for everybody."""
        return list(self._recipes.values())

    def recipe(self, recipe_id: str) -> Recipe:
        """Return a recipe."""
        recipe = self._recipes.get(recipe_id)
        if recipe is None:
            raise NotFound
        return recipe

    def start(self, actor: Actor, new: NewRun, *, started_by: Mapping[str, Any] | None = None) -> RunView:
        """Run a recipe on inputs the actor may read, in a project where they may run jobs."""
        run, steps = self._planned(actor, new)
        run.started_by = None if started_by is None else dict(started_by)
        require(actor, Action.RUN, run.project_id)
        self._runs.add(run, steps)
        self._audit.record(actor, "recipe.run", run.id, project_id=run.project_id, recipe=run.recipe)
        self._engine.advance(run.id)
        return self._view(run)

    def foresee(self, actor: Actor, new: NewRun) -> list[Foreseen]:
        """Say which steps a run would take from finished jobs; nothing is stored."""
        run, steps = self._planned(actor, new)
        require(actor, Action.READ, run.project_id)
        found: dict[str, str] = {}
        foreseen = []
        for step in steps:
            job = None
            if set(needs(step)) <= found.keys():
                job = self._jobs.alike(actor, self._engine.order(run, step, found))
            if job is not None and job.result_id is not None:
                found[step.name] = job.result_id
            foreseen.append(Foreseen(step, job))
        return foreseen

    def _planned(self, actor: Actor, new: NewRun) -> tuple[RecipeRun, list[RecipeStep]]:
        recipe = self._recipes[new.recipe]
        found = self._inputs.check(actor, recipe.inputs, new.inputs.model_dump(exclude_none=True))
        _refuse_unlike(recipe, found)
        recipe = with_inputs(recipe, references_of(found).keys(), self._engine.methods)
        params = _chosen(recipe, new)
        run = RecipeRun(
            id=new_id("run"),
            project_id=project_of(new.project_id, found),
            sample_id=sample_of(found),
            recipe=recipe.id,
            recipe_version=recipe.version,
            preset=new.preset,
            inputs=references_of(found),
            params=params.model_dump(mode="json"),
            outputs=[asdict(output) for output in recipe.outputs],
            seed=new.seed,
            state="running",
            created_by=actor.id,
            created_at=now(),
        )
        return run, [self._step(run, recipe, index, params) for index in range(len(recipe.steps))]

    def _step(self, run: RecipeRun, recipe: Recipe, index: int, params: Params) -> RecipeStep:
        declared = recipe.steps[index]
        method = self._engine.methods[declared.method]
        try:
            values = method.params(**declared.values(params))
        except ValidationError:
            detail = f"Step '{declared.title or method.title}' does not take these values: see its method's bounds."
            raise Invalid.field("/body/params", detail) from None
        return RecipeStep(
            run_id=run.id,
            name=declared.name,
            position=index,
            title=declared.title or method.title,
            method=method.id,
            inputs=sources_of(declared),
            params=values.model_dump(mode="json"),
            is_reused=False,
        )

    def get(self, actor: Actor, run_id: str, need: Action = Action.READ) -> RunView:
        """Return a run the actor may act on; a foreign one is not found."""
        run = self._runs.get(run_id)
        if run is None:
            raise NotFound
        require(actor, need, run.project_id)
        return self._view(run)

    def paragraph(self, actor: Actor, run_id: str) -> str:
        """Say in sentences what a run did, of what its record and those of its jobs hold."""
        view = self.get(actor, run_id)
        records = self._runs.records(each.job for each in view.steps if each.job is not None)
        return run_paragraph(told(view, records), self._engine.methods, self._recipes.get(view.run.recipe))

    def page(
        self, actor: Actor, *, project_id: str | None = None, before: str | None, limit: int, **filters: str | None
    ) -> list[RunView]:
        """
        Return the runs the actor may see, newest first.

        ``filters``: ``state``, ``recipe``, ``sample_id``, ``created_by``; None leaves one out.
        """
        given = {column: value for column, value in filters.items() if value is not None}
        rows = self._runs.page(readable_projects(actor, project_id), given, before, limit)
        return self._views(rows)

    def with_job(self, actor: Actor, job_id: str) -> list[RecipeRun]:
        """Return the runs that have a job as a step, newest first."""
        self._jobs.get(actor, job_id)
        return self._runs.of_job(job_id)

    def cancel(self, actor: Actor, run_id: str) -> RunView:
        """Stop a run: jobs under way are cancelled, finished steps keep their results."""
        self.get(actor, run_id, need=Action.RUN)
        run = self._locked(run_id)
        if run.state in {"succeeded", "failed"}:
            raise WrongRunState(f"The run has {run.state}: there is nothing left to cancel.")
        if run.state == "running":
            run.state = "cancelling"
            self._runs.save()
            self._audit.record(actor, "recipe.cancel", run.id, project_id=run.project_id)
            self._engine.advance(run.id)
        return self._view(run)

    def restart(self, actor: Actor, run_id: str) -> RunView:
        """Go on with a run that failed or was cancelled: its finished steps are kept, all others tried again."""
        self.get(actor, run_id, need=Action.RUN)
        run = self._locked(run_id)
        if run.state not in {"failed", "cancelled"}:
            raise WrongRunState(f"The run is {run.state}: only a failed or cancelled run can go on.")
        for step in self._to_do(run):
            step.job_id, step.is_reused, step.problem = None, False, None
        run.state, run.problem, run.finished_at, run.restarts = "running", None, None, run.restarts + 1
        self._runs.save()
        self._audit.record(actor, "recipe.restart", run.id, project_id=run.project_id)
        self._engine.advance(run.id)
        return self._view(run)

    def _to_do(self, run: RecipeRun) -> Sequence[RecipeStep]:
        """Return the steps to try again: those without success, and finished ones they need whose result is gone."""
        steps = self._runs.steps([run.id])[run.id]
        jobs = self._runs.jobs(steps)
        standing = self._runs.standing(jobs.values())
        again: dict[str, RecipeStep] = {}
        for step in reversed(steps):
            job = jobs.get(step.job_id or "")
            is_needed = any(step.name in needs(other) for other in again.values())
            if job is None or job.state != "succeeded" or (is_needed and job.id not in standing):
                again[step.name] = step
        return list(again.values())

    def _locked(self, run_id: str) -> RecipeRun:
        run = self._runs.lock(run_id)
        if run is None:
            raise NotFound
        return run

    def _view(self, run: RecipeRun) -> RunView:
        return self._views([run])[0]

    def _views(self, rows: list[RecipeRun]) -> list[RunView]:
        steps = self._runs.steps([run.id for run in rows])
        jobs = self._runs.jobs(step for each in steps.values() for step in each)
        return [view_of(run, steps[run.id], jobs) for run in rows]


def _refuse_unlike(recipe: Recipe, found: Found) -> None:
    """Refuse inputs of the same scans that are not of the same size, naming both."""
    sizes = {
        name: sizes_of(given.axes, given.summary.get("shape", ()))
        for name, given in found.items()
        if isinstance(given, Input) and given.axes
    }
    unlike = unlike_inputs(recipe, sizes)
    if unlike is not None:
        raise Invalid.field(f"/body/inputs/{unlike.name}", f"The input {unlike.words}")


def _chosen(recipe: Recipe, new: NewRun) -> Params:
    """Return the parameters in force: what was said, then what the preset says, then the defaults."""
    said: dict[str, Any] = new.params.model_dump(exclude_unset=True)
    return recipe.params(**{**recipe.presets.get(new.preset or "", {}), **said})
