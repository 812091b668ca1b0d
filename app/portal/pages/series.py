"""Series that grow: the list, one series with its newest result, its closing, and what is run on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.infra.db.models import GrowingSeries
from app.infra.queue import TERMINAL
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.lab.series.repository import SeriesFilter
from app.lab.series.schemas import MOST_PARTS, NewSeries, PartOut, SeriesAction, SeriesClosing, SeriesOut
from app.portal import pickers
from app.portal.forms import LOOK, Field, Values, body_of, fields_of, group_of, sectioned
from app.portal.rendering import seen
from app.portal.rules import action_said, model_of
from app.portal.samples import head
from app.portal.series import coverage, values_of
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import Method
from lithoscope.recipes import Recipe

router = portal_router()
Name = Annotated[str | None, Query(max_length=60)]
RULES = 200
State = Literal["", "open", "closing", "sealed", "failed"]
#: What a sealed series is, as methods and recipes that may be run on one are found by.
WHOLE = {
    "tilt_series": {"name": "tilt_series", "axes": "tyx", "kind": "tilt_series"},
    "slices": {"name": "stack", "axes": "zyx", "kind": "stack"},
}


@router.get("/series")
def list_series(visit: CurrentVisit, page: Paging, state: State = "") -> HTMLResponse:
    """Show the series the visitor may see, newest first."""
    return visit.page("series/list.html", state=state, **_rows(visit, page, SeriesFilter(state=state or None)))


@router.get("/samples/{sample_id}/series")
def show_of_sample(sample_id: str, visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show the series of a sample."""
    sample = visit.lab.samples.get(visit.actor, sample_id)
    shown = _rows(visit, page, SeriesFilter(sample_id=sample.id))
    return visit.page("series/of_sample.html", **shown, **head(visit, sample, "/series"))


def _rows(visit: Visit, page: Paging, wanted: SeriesFilter) -> dict[str, Any]:
    cut = page.cursor
    rows = visit.lab.series.page(visit.actor, project_id=None, wanted=wanted, before=cut.before, limit=cut.limit)
    return {"rows": visit.lab.series_views.rows(rows), "next": page.next([row.id for row in rows])}


@router.get("/samples/{sample_id}/series/new")
def show_new(sample_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that begins a series by hand."""
    return visit.page("form.html", values={}, **_form_of_new(visit, sample_id))


@router.post("/samples/{sample_id}/series/new")
def begin_series(sample_id: str, visit: CurrentVisit) -> Response:
    """Begin a series of a sample."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.UPLOAD)
    try:
        given = {**visit.form, "project_id": sample.project_id, "sample_id": sample.id}
        series = visit.lab.series.create(visit.actor, body_of(NewSeries, given))
    except LabError as error:
        return visit.refused(error, "form.html", **_form_of_new(visit, sample_id))
    return seen(f"/series/{series.id}", "series-begun")


@router.get("/series/{series_id}")
def show_series(series_id: str, visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show a series as it stands; the page's script follows it from there."""
    return visit.page("series/page.html", **_shown(visit, series_id, page))


@router.post("/series/{series_id}/closing")
def close_series(series_id: str, visit: CurrentVisit, page: Paging) -> Response:
    """Say how many parts a series has."""
    try:
        visit.lab.series.close(visit.actor, series_id, body_of(SeriesClosing, visit.form))
    except LabError as error:
        return visit.refused(error, "series/page.html", **_shown(visit, series_id, page))
    return seen(f"/series/{series_id}", "series-closed")


@router.get("/series/{series_id}/action")
def show_action(series_id: str, visit: CurrentVisit, method: Name = None, recipe: Name = None) -> HTMLResponse:
    """Ask what is run on a series as it grows, then show its form."""
    series = visit.lab.series.get(visit.actor, series_id, need=Action.RUN)
    if not method and not recipe:
        return visit.page("series/choose.html", series=series, **_fitting(visit, series))
    thing = _find(visit, method, recipe)
    values = values_of(series, thing)
    return visit.page("series/action.html", values=values, **_form_of_action(series, thing))


@router.post("/series/{series_id}/action")
def set_action(series_id: str, visit: CurrentVisit, method: Name = None, recipe: Name = None) -> Response:
    """Say what is run on a series from its next refresh on; nothing when neither method nor recipe is named."""
    if not method and not recipe:
        visit.lab.series.act(visit.actor, series_id, None)
        return seen(f"/series/{series_id}", "series-action-dropped")
    series = visit.lab.series.get(visit.actor, series_id, need=Action.RUN)
    thing = _find(visit, method, recipe)
    context = _form_of_action(series, thing)
    if LOOK in visit.form:
        return visit.page("series/action.html", values=visit.form, **context)
    try:
        action = body_of(SeriesAction, {}, **_said(thing, visit.form))
        visit.lab.series.act(visit.actor, series_id, action)
    except LabError as error:
        error.errors = [{**each, "pointer": _pointer(each["pointer"])} for each in error.errors]
        return visit.refused(error, "series/action.html", **context)
    return seen(f"/series/{series_id}", "series-action-set")


def _said(thing: Method | Recipe, values: Values) -> dict[str, Any]:
    """Read what is run from the form; what was stacked fills the inputs."""
    said = action_said(thing, values)
    return {**{name: said[name] for name in said.keys() - {"params", "inputs"}}, "parameters": said["params"]}


def _pointer(pointer: str) -> str:
    return pointer.replace("/body/action/", "/body/").replace("/body/parameters/", "/body/params/")


def _shown(visit: Visit, series_id: str, page: Paging) -> dict[str, Any]:
    """Return what the page of a series is made of."""
    lab, actor = visit.lab, visit.actor
    series = lab.series.get(actor, series_id)
    view = lab.series_views.whole(series)
    rows = lab.series.parts(actor, series_id, before=page.cursor.before, limit=page.cursor.limit)
    parts = lab.series_views.parts(series, rows)
    everything = parts if len(parts) == view.parts.total else _all_parts(visit, series)
    made, runs = view.newest_result, _thing(visit, view)
    return {
        "view": view,
        "parts_shown": sorted(parts, key=lambda part: -part.number),
        "next": page.next([part.id for part in parts]),
        "coverage": coverage(view.kind, everything),
        "sample": lab.samples.get(actor, view.sample_id),
        "project": lab.projects.get(actor, view.project_id),
        "runs": runs,
        "rule_name": _rule_name(visit, view),
        "declared_fields": runs.params.model_json_schema()["properties"] if runs else {},
        "highest": max((part.number for part in everything), default=0),
        "result": lab.results.get(actor, made.result_id) if made and made.result_id else None,
        "is_over": _is_over(view),
        "may_close": allow(actor, Action.UPLOAD, view.project_id),
        "may_run": allow(actor, Action.RUN, view.project_id),
        "most_parts": MOST_PARTS,
    }


def _all_parts(visit: Visit, series: GrowingSeries) -> Sequence[PartOut]:
    rows = visit.lab.series.parts(visit.actor, series.id, limit=MOST_PARTS)
    return visit.lab.series_views.parts(series, rows)


def _is_over(view: SeriesOut) -> bool:
    """Say whether nothing more will come of a series, so that its page need not follow it."""
    if view.state == "failed":
        return True
    assembly, refresh = view.newest_assembly, view.newest_refresh
    if view.state != "sealed" or assembly is None or not assembly.outcome:
        return False
    return assembly.outcome != "started" or (refresh is not None and refresh.state in TERMINAL)


def _find(visit: Visit, method: str | None, recipe: str | None) -> Method | Recipe:
    return visit.lab.recipes.recipe(recipe) if recipe else visit.lab.methods.get(method or "")


def _thing(visit: Visit, view: SeriesOut) -> Method | Recipe | None:
    """Return what is run on a series; None when nothing is, or it is no longer offered."""
    try:
        return None if view.action is None else _find(visit, view.action.method, view.action.recipe)
    except LabError:
        return None  # the refresh's own reason says so


def _rule_name(visit: Visit, view: SeriesOut) -> str:
    """Return what the rule is called now that what is run was taken from; empty where it was chosen by hand."""
    return "" if view.rule_id is None else visit.lab.rules.get(visit.actor, view.rule_id).version.name


def _fitting(visit: Visit, series: GrowingSeries) -> dict[str, Any]:
    whole = [WHOLE[series.kind]]
    methods = [method for _, found in pickers.methods_for(whole) for method, _ in found]
    return {"methods": methods, "recipes": pickers.recipes_for(visit.lab, whole)}


def _form_of_action(series: GrowingSeries, thing: Method | Recipe) -> dict[str, Any]:
    of = "recipe" if isinstance(thing, Recipe) else "method"
    return {
        "series": series,
        "thing": thing,
        "home": f"/{of}s/{thing.id}",
        "address": f"/series/{series.id}/action?{of}={thing.id}",
        "sections": sectioned(group_of(model_of(thing).model_json_schema(), "params"), thing.sections),
    }


def _rule_field(visit: Visit, project_id: str) -> Field:
    """Ask for a rule of the project that is on: what it runs is run on the series."""
    views = visit.lab.rules.page(visit.actor, project_id=project_id, before=None, limit=RULES)
    choices = tuple((view.rule.id, view.version.name) for view in views if view.rule.is_enabled)
    about = "It is run on the parts that are there, with the rights of who made the rule. You may also choose it later."
    none = "No rule of this project is switched on: what is run is chosen on the page of the series."
    return Field("rule_id", "Rule that says what is run", "choice", choices=choices, help=about if choices else none)


def _form_of_new(visit: Visit, sample_id: str) -> dict[str, Any]:
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.UPLOAD)
    fields = {field.name: field for field in fields_of(NewSeries.model_json_schema())}
    every = replace(fields["every"], label="Run again after every", unit="parts")
    shown: list[Field] = [fields["name"], fields["kind"], every]
    shown.append(_rule_field(visit, sample.project_id))
    return {
        "heading": "Begin a series",
        "lead": f"Of {sample.name}. A program adds its parts one by one; an instrument's collector begins its own.",
        "crumbs": [(f"/samples/{sample.id}", sample.name), (f"/samples/{sample.id}/series", "Series")],
        "action": f"/samples/{sample.id}/series/new",
        "hidden": {},
        "form_fields": shown,
        "button": "Begin it",
        "back": f"/samples/{sample.id}/series",
    }
