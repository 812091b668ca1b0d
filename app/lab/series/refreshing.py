"""What the action of a series made, how it stands, and the volume the next may go on from."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.infra.db.models import Job, SeriesAssembly
from app.infra.queue import TERMINAL
from app.lab.access import SYSTEM
from app.lab.jobs.service import JobService, WrongJobState
from app.lab.recipes.service import RecipeService, WrongRunState
from app.lab.series.repository import SeriesRepository
from app.lab.series.schemas import SeriesAction
from lithoscope.methods import Method, listed
from lithoscope.recipes import Recipe

#: The input through which an iteration goes on from what it gave before.
START = "start"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """
    How what was started of an assembly stands.

    Parameters
    ----------
    state : str
        Of its job or run.
    job : Job or None
        The one that makes the principal output; None while a run has not begun that step.
    output : str
        Name of that output.
    """

    state: str
    job: Job | None
    output: str

    @property
    def is_over(self) -> bool:
        """Say whether it has ended."""
        return self.state in TERMINAL

    @property
    def result_id(self) -> str | None:
        """Return the result that holds the principal output, once it is there."""
        return self.job.result_id if self.job is not None and self.job.state == "succeeded" else None

    @property
    def volume(self) -> str | None:
        """Return a reference to the principal output, once it is there."""
        return None if self.result_id is None else f"{self.result_id}/{self.output}"


class Refreshing:
    """Knows what was started of assemblies, and how to make room for the next."""

    def __init__(
        self, series: SeriesRepository, *, jobs: JobService, recipes: RecipeService, methods: Mapping[str, Method]
    ) -> None:
        self._series = series
        self._jobs = jobs
        self._recipes = recipes
        self._methods = methods

    def of(self, row: SeriesAssembly) -> Refreshed | None:
        """Return how what was started of an assembly stands; None where nothing was."""
        if row.refresh_job_id is not None:
            job = self._series.job(row.refresh_job_id)
            output = "" if job is None else self._output_of(job.method)
            return None if job is None else Refreshed(job.state, job, output)
        run = self._series.run(row.refresh_run_id)
        if run is None:
            return None
        step, output = self._principal(run.recipe)
        return Refreshed(run.state, self._series.step_jobs(run.id).get(step), output)

    def takes_start(self, action: SeriesAction) -> bool:
        """Say whether an action can go on from a volume it made before."""
        thing = self._thing(action)
        return thing is not None and any(port.name == START for port in thing.inputs) and START not in action.inputs

    def newest_volume(self, action: SeriesAction, assemblies: Sequence[SeriesAssembly]) -> str | None:
        """Return the latest volume that the same action made of the series, if it can go on from one."""
        if not self.takes_start(action):
            return None
        said = action.model_dump(mode="json")
        made = (self.of(row) for row in assemblies if row.action == said)
        return next((each.volume for each in made if each is not None and each.volume is not None), None)

    def make_room(self, row: SeriesAssembly) -> bool:
        """
        End what an older assembly's refresh is about; False while its volume is worth waiting for.

        What waits is cancelled; an iteration that runs is asked to finish early, and its volume waited for.
        """
        found = self.of(row)
        if found is None or found.is_over:
            return True
        with contextlib.suppress(WrongJobState, WrongRunState):  # it ended this moment: its end is told to the series
            if found.job is None or found.job.state == "queued":
                self._cancel(row, found)
                return True
            if found.job.state == "running" and not found.job.early_finish_requested:
                self._jobs.finish_early(SYSTEM, found.job.id)
        return False

    def _cancel(self, row: SeriesAssembly, found: Refreshed) -> None:
        if row.refresh_run_id is not None:
            self._recipes.cancel(SYSTEM, row.refresh_run_id)
        elif found.job is not None:
            self._jobs.cancel(SYSTEM, found.job.id)

    def _thing(self, action: SeriesAction) -> Method | Recipe | None:
        known: Mapping[str, Method | Recipe] = {**self._methods, **{each.id: each for each in self._recipes.all()}}
        return known.get(action.method or action.recipe or "")

    def _output_of(self, method_id: str) -> str:
        method = self._methods.get(method_id)
        return "" if method is None else method.outputs[0].name

    def _principal(self, recipe_id: str) -> tuple[str, str]:
        """Return the step of a recipe that goes on from a volume, else that of its first outcome, and its output."""
        recipe = next((each for each in self._recipes.all() if each.id == recipe_id), None)
        if recipe is None:
            return "", ""
        for step in recipe.steps:
            if START in (source for given in step.inputs.values() for source in listed(given)):
                return step.name, self._output_of(step.method)
        name, _, output = recipe.outputs[0].source.partition(".")
        return name, output
