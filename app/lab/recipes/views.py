"""How a run and its steps stand: what the rows and the jobs they name say together."""

from dataclasses import dataclass
from typing import Any, Literal

from app.infra.db.models import Job, RecipeRun, RecipeStep
from lithoscope.methods import listed

StepState = Literal["waiting", "queued", "running", "cancelling", "succeeded", "failed", "cancelled", "skipped"]


@dataclass(frozen=True)
class StepView:
    """A step with its job."""

    step: RecipeStep
    job: Job | None
    is_over: bool

    @property
    def state(self) -> StepState:
        """Return the job's state; without one the step waits, could not begin, or was never reached."""
        if self.job is not None:
            return self.job.state  # type: ignore[return-value]
        if self.step.problem:
            return "failed"
        return "skipped" if self.is_over else "waiting"

    @property
    def problem(self) -> dict[str, Any] | None:
        """Return what was wrong."""
        return self.job.problem if self.job is not None else self.step.problem

    @property
    def result_id(self) -> str | None:
        """Return the result, once there is one."""
        return self.job.result_id if self.job is not None else None

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the steps it takes from."""
        return needs(self.step)

    def reference(self, port: str) -> str | None:
        """Return the words that name one of its outputs as an input."""
        return f"{self.result_id}/{port}" if self.result_id else None


@dataclass(frozen=True)
class RunView:
    """A run with its steps, in the order of the recipe."""

    run: RecipeRun
    steps: tuple[StepView, ...]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Return the recipe's outputs with what they are, as far as their steps have ended."""
        steps = {view.step.name: view for view in self.steps}
        return [
            {**output, "reference": steps[name].reference(port) if name in steps else None}
            for output in self.run.outputs
            for name, _, port in [output["source"].partition(".")]
        ]


def needs(step: RecipeStep) -> tuple[str, ...]:
    """Return the steps a step takes from, each once."""
    parts = (str(source).partition(".") for given in step.inputs.values() for source in listed(given))
    return tuple(dict.fromkeys(name for name, dot, _ in parts if dot))


def view_of(run: RecipeRun, steps: list[RecipeStep], jobs: dict[str, Job]) -> RunView:
    """Put a run together."""
    is_over = run.finished_at is not None
    return RunView(run, tuple(StepView(step, jobs.get(step.job_id or ""), is_over) for step in steps))
