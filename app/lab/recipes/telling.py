"""A run as its methods paragraph takes it: the rows of its steps and the records of their jobs."""

from collections.abc import Mapping
from typing import Any

from app.lab.recipes.views import RunView, StepView
from lithoscope.methods import listed
from lithoscope.recipes.paragraph import ToldRun, ToldStep


def told(view: RunView, records: Mapping[str, Mapping[str, Any]]) -> ToldRun:
    """
    Take from a run what is told of it.

    Parameters
    ----------
    view : RunView
    records : mapping of str to mapping
        Job to the run record of its result.
    """
    run = view.run
    return ToldRun(
        recipe=run.recipe,
        version=run.recipe_version,
        preset=run.preset,
        inputs=run.inputs,
        params=run.params,
        seed=run.seed,
        steps=[_step(each, records.get(each.step.job_id or "", {})) for each in view.steps],
        digests={
            one["reference"]: one["digest"]
            for record in records.values()
            for given in record.get("inputs", {}).values()
            for one in listed(given)
        },
    )


def _step(view: StepView, record: Mapping[str, Any]) -> ToldStep:
    step, job = view.step, view.job
    return ToldStep(
        name=step.name,
        title=step.title,
        method=step.method,
        version=job.method_version if job is not None else None,
        state=view.state,
        is_reused=step.is_reused,
        inputs=step.inputs,
        params=job.params if job is not None else step.params,
        software=(record.get("software") or {}).get("lithoscope"),
    )
