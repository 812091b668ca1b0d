"""One recipe or method over many datasets at once: a form with a tick for each dataset, one run or job each."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import Invalid, LabError
from app.infra.db.models import Dataset
from app.lab.jobs.schemas import request_type as job_type
from app.lab.recipes.schemas import request_type as run_type
from app.portal import pickers
from app.portal.forms import LOOK, Values, body_of, group_of, sectioned
from app.portal.pages.recipes import Preset, preset_values
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import Method
from lithoscope.recipes import Recipe
from lithoscope.rules.run_estimates import Total, together, total
from lithoscope.rules.series_inputs import inputs_from_dataset

router = portal_router()
MOST = 100
TICK = f"{pickers.OVER}."


@dataclass(frozen=True)
class Batch:
    """What is run over datasets: its declaration, its request, what starts it or tells its time, where its runs are."""

    thing: Recipe | Method
    home: str
    model: Any
    start: Callable[[Any], Any]
    takes: Callable[[Any], Total]
    listed_at: str
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sections: Mapping[str, Sequence[str]] = field(default_factory=dict)


@router.get("/recipes/{recipe_id}/batch")
def show_recipe_form(recipe_id: str, visit: CurrentVisit, preset: Preset = None) -> HTMLResponse:
    """Show the form that runs a recipe over datasets; ``preset`` fills its parameters."""
    batch = _of_recipe(visit, recipe_id)
    return _shown(visit, batch, preset_values(batch.presets, preset))


@router.post("/recipes/{recipe_id}/batch")
def start_runs(recipe_id: str, visit: CurrentVisit) -> Response:
    """Start a run for each dataset, or none when one of them is refused."""
    return _started(visit, _of_recipe(visit, recipe_id))


@router.get("/methods/{method_id}/batch")
def show_method_form(method_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that runs a method over datasets."""
    return _shown(visit, _of_method(visit, method_id), {})


@router.post("/methods/{method_id}/batch")
def start_jobs(method_id: str, visit: CurrentVisit) -> Response:
    """Start a job for each dataset, or none when one of them is refused."""
    return _started(visit, _of_method(visit, method_id))


@router.post("/recipes/{recipe_id}/batch/estimate")
def estimate_runs(recipe_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Tell how long the runs of the ticked datasets take together."""
    return visit.page("jobs/batch_total.html", **_told(visit, _of_recipe(visit, recipe_id)))


@router.post("/methods/{method_id}/batch/estimate")
def estimate_jobs(method_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Tell how long the jobs of the ticked datasets take together."""
    return visit.page("jobs/batch_total.html", **_told(visit, _of_method(visit, method_id)))


def _told(visit: Visit, batch: Batch) -> dict[str, Any]:
    """Add what each ticked dataset takes; one that the service would refuse is counted apart."""
    chosen, times = _chosen(visit), []
    for dataset_id in chosen[:MOST]:
        with suppress(LabError):
            times.append(batch.takes(_body(visit, batch, visit.lab.datasets.get(visit.actor, dataset_id))))
    return {"total": together(times), "ticked": len(chosen), "refused": len(chosen) - len(times)}


def _chosen(visit: Visit) -> list[str]:
    return [name.removeprefix(TICK) for name in visit.form if name.startswith(TICK)]


def _of_recipe(visit: Visit, recipe_id: str) -> Batch:
    recipe, recipes = visit.lab.recipes.recipe(recipe_id), visit.lab.recipes
    model = run_type({recipe.id: recipe})
    listed = f"/recipe-runs?whose=mine&recipe={recipe.id}"
    start = partial(recipes.start, visit.actor)

    def takes(new: Any) -> Total:
        return visit.lab.forecasts.of(visit.actor, new).time_s

    return Batch(recipe, f"/recipes/{recipe.id}", model, start, takes, listed, recipe.presets, recipe.sections)


def _of_method(visit: Visit, method_id: str) -> Batch:
    method, jobs = visit.lab.methods.get(method_id), visit.lab.jobs
    model = job_type({method.id: method})
    start = partial(jobs.submit, visit.actor)

    def takes(new: Any) -> Total:
        return total([visit.lab.estimates.of_request(visit.actor, new).time_s])

    return Batch(method, f"/methods/{method.id}", model, start, takes, "/jobs?whose=mine", sections=method.sections)


def _shown(visit: Visit, batch: Batch, values: Values) -> HTMLResponse:
    return visit.page("batch.html", values=values, **_form(visit, batch, values))


def _started(visit: Visit, batch: Batch) -> Response:
    context = _form(visit, batch, visit.form)
    if LOOK in visit.form:
        return visit.page("batch.html", values=visit.form, **context)
    try:
        chosen = _chosen(visit)
        if not chosen:
            raise Invalid.field("/body/over", "Tick at least one dataset.")
        if len(chosen) > MOST:
            raise Invalid.field("/body/over", f"Tick at most {MOST} datasets at a time.")
        for dataset_id in chosen:
            _start(visit, batch, visit.lab.datasets.get(visit.actor, dataset_id))
    except LabError as error:
        return visit.refused(error, "batch.html", **context)
    return seen(batch.listed_at, "batch-started")


def _start(visit: Visit, batch: Batch, dataset: Dataset) -> None:
    """Start what a dataset and the common answers give; a refusal names the dataset."""
    try:
        batch.start(_body(visit, batch, dataset))
    except LabError as error:
        filled = _filled(batch, dataset, _common(visit))
        found = [{**each, "pointer": _shown_at(each["pointer"], filled)} for each in error.errors]
        told = [{**each, "detail": f"Of {dataset.filename}: {each['detail']}"} for each in found]
        raise Invalid(f"Of {dataset.filename}: {error.detail}", errors=told) from error


def _common(visit: Visit) -> Values:
    return {name: answer for name, answer in visit.form.items() if not name.startswith(TICK)}


def _body(visit: Visit, batch: Batch, dataset: Dataset) -> Any:
    form = _common(visit)
    filled = _filled(batch, dataset, form)
    return body_of(batch.model, form | {f"inputs.{port}": given for port, given in filled.items()})


def _shown_at(pointer: str, filled: dict[str, str]) -> str:
    """Lead a refusal of an input that a dataset filled to the ticks."""
    return "/body/over" if pointer.removeprefix("/body/inputs/").partition("/")[0] in filled else pointer


def _filled(batch: Batch, dataset: Dataset, form: Values) -> dict[str, str]:
    ports = [port.name for port in batch.thing.inputs]
    given = [port for port in ports if form.get(f"inputs.{port}") or any(k.startswith(f"inputs.{port}.") for k in form)]
    return inputs_from_dataset(dataset.id, [row["name"] for row in dataset.arrays], ports=ports, given=given)


def _form(visit: Visit, batch: Batch, values: Values) -> dict[str, Any]:
    common = pickers.input_fields(visit.lab, visit.actor, batch.thing, values)
    return {
        "batch": batch,
        "over": pickers.over_field(visit.lab, visit.actor, batch.thing, values),
        "input_fields": [replace(each, required=False) for each in common],
        "sections": sectioned(group_of(batch.model.model_json_schema(), "params"), batch.sections),
        "presets": batch.presets,
    }
