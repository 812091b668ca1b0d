"""Recipes: the catalogue, one recipe's graph, the form that runs it, and its runs."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.lab.recipes.schemas import request_type
from app.lab.recipes.views import RunView
from app.portal import pickers, words
from app.portal.checking import checked_run
from app.portal.forms import LOOK, Values, body_of, fields_of, group_of, sectioned, text_of
from app.portal.graphs import Graph, Node, graph_of
from app.portal.methods import title_of
from app.portal.outcomes import outcomes_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods.base import listed
from lithoscope.recipes import Recipe

router = portal_router()
Reference = Annotated[str | None, Query(alias="input", max_length=200, description="What to work on: ds_.../array")]
Preset = Annotated[str | None, Query(max_length=60)]
Name = Annotated[str | None, Query(max_length=60)]
State = Literal["", "running", "cancelling", "succeeded", "failed", "cancelled"]


@router.get("/recipes")
def list_recipes(visit: CurrentVisit) -> HTMLResponse:
    """Show every recipe the facility offers."""
    return visit.page("recipes/list.html", recipes=visit.lab.recipes.all())


@router.get("/recipes/{recipe_id}")
def show_recipe(recipe_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show what a recipe does, step by step."""
    recipe = visit.lab.recipes.recipe(recipe_id)
    parameters = fields_of(recipe.params.model_json_schema())
    return visit.page("recipes/page.html", recipe=recipe, parameters=parameters, graph=_declared(recipe))


@router.get("/recipes/{recipe_id}/run")
def show_form(recipe_id: str, visit: CurrentVisit, reference: Reference = None, preset: Preset = None) -> HTMLResponse:
    """Show the form of a recipe; ``input`` fills its inputs, ``preset`` its parameters."""
    recipe = visit.lab.recipes.recipe(recipe_id)
    values = preset_values(recipe.presets, preset)
    values |= pickers.given_values(visit.lab, visit.actor, recipe, reference)
    found = checked_run(visit, recipe, values)
    told = {"forecast": found.forecast, "doubts": found.doubts}
    return visit.page("recipes/run.html", values=values, reference=reference, **told, **_form(visit, recipe, values))


@router.post("/recipes/{recipe_id}/run")
def start_run(recipe_id: str, visit: CurrentVisit) -> Response:
    """Run a recipe; the service validates the request as it does a program's."""
    recipe = visit.lab.recipes.recipe(recipe_id)
    context = {**_form(visit, recipe, visit.form), "forecast": None, "doubts": ()}
    if LOOK in visit.form:
        return visit.page("recipes/run.html", values=visit.form, **context)
    try:
        view = visit.lab.recipes.start(visit.actor, body_of(request_type({recipe.id: recipe}), visit.form))
    except LabError as error:
        return visit.refused(error, "recipes/run.html", **context)
    return seen(f"/recipe-runs/{view.run.id}", "recipe-started")


def preset_values(presets: Mapping[str, Mapping[str, Any]], preset: str | None) -> Values:
    """Fill the parameters of a form as a preset does."""
    chosen = presets.get(preset or "", {})
    values: Values = {f"params.{name}": text_of(value) for name, value in chosen.items() if value is not None}
    return values | ({"preset": preset} if chosen and preset else {})


def _form(visit: Visit, recipe: Recipe, values: Values) -> dict[str, Any]:
    inputs = pickers.input_fields(visit.lab, visit.actor, recipe, values)
    schema = request_type({recipe.id: recipe}).model_json_schema()
    return {
        "recipe": recipe,
        "input_fields": inputs,
        "sections": sectioned(group_of(schema, "params"), recipe.sections),
    }


@router.get("/recipe-runs")
def list_runs(
    visit: CurrentVisit, page: Paging, state: State = "", whose: str = "", recipe: Name = None
) -> HTMLResponse:
    """Show the runs the visitor may see, newest first."""
    views = visit.lab.recipes.page(
        visit.actor,
        before=page.cursor.before,
        limit=page.cursor.limit,
        state=state or None,
        recipe=recipe or None,
        created_by=visit.actor.id if whose == "mine" else None,
    )
    shown: dict[str, Any] = {"runs": views, "titles": _titles(visit), "state": state, "whose": whose, "recipe": recipe}
    shown["of"] = {view.run.id: _worked_on(view) for view in views}
    return visit.page("recipes/runs.html", **shown, next=page.next([view.run.id for view in views]))


@router.get("/recipe-runs/{run_id}")
def show_run(run_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a run as it stands; the page's script follows it from there."""
    lab, actor = visit.lab, visit.actor
    view = lab.recipes.get(actor, run_id)
    run = view.run
    recipe = lab.house.recipes.get(run.recipe)
    given = outcomes_of(lab, actor, view)
    return visit.page(
        "recipes/run_page.html",
        view=view,
        run=run,
        recipe=recipe,
        title=_titles(visit).get(run.recipe, words.title(run.recipe)),
        graph=_standing(view),
        outcomes=given,
        frames=given.frames,
        spectra=[],
        charts=True,
        fields=recipe.params.model_json_schema()["properties"] if recipe else {},
        project=lab.projects.get(actor, run.project_id),
        sample=lab.samples.get(actor, run.sample_id) if run.sample_id else None,
        inputs=pickers.labels_of(lab, actor, run.inputs),
        input_titles={port.name: port.title for port in recipe.inputs} if recipe else {},
        may_run=allow(actor, Action.RUN, run.project_id),
        paragraph=lab.recipes.paragraph(actor, run_id) if run.finished_at else "",
    )


@router.post("/recipe-runs/{run_id}/cancellation")
def cancel_run(run_id: str, visit: CurrentVisit) -> Response:
    """Stop a run."""
    visit.lab.recipes.cancel(visit.actor, run_id)
    return seen(f"/recipe-runs/{run_id}", "recipe-cancelling")


@router.post("/recipe-runs/{run_id}/restarts")
def restart_run(run_id: str, visit: CurrentVisit) -> Response:
    """Go on with a run that failed or was cancelled."""
    visit.lab.recipes.restart(visit.actor, run_id)
    return seen(f"/recipe-runs/{run_id}", "recipe-restarted")


def _worked_on(view: RunView) -> list[str]:
    """Name the things a run was given, each once, arrays by their dataset."""
    given = (reference for inputs in view.run.inputs.values() for reference in listed(inputs))
    return list(dict.fromkeys(str(reference).partition("/")[0] for reference in given))[:3]


def _titles(visit: Visit) -> dict[str, str]:
    return {recipe.id: recipe.title for recipe in visit.lab.recipes.all()}


def _declared(recipe: Recipe) -> Graph:
    return graph_of(
        [
            Node(step.name, step.title or title_of(step.method), step.needs, address=f"/methods/{step.method}")
            for step in recipe.steps
        ]
    )


def _standing(view: RunView) -> Graph:
    return graph_of(
        [
            Node(
                each.step.name,
                each.step.title,
                each.needs,
                state=each.state,
                is_reused=each.step.is_reused,
                address=f"/jobs/{each.step.job_id}" if each.step.job_id else "",
            )
            for each in view.steps
        ]
    )
