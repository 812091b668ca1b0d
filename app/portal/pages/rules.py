"""Rules of automatic processing: the list, one rule with what it did, the form with its dry run."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.lab.rules.schemas import NewRule, RuleChange, RuleSaid, RuleSwitch
from app.portal import links, pickers
from app.portal.forms import LOOK, Values, body_of, group_of, sectioned, version_of
from app.portal.pages.projects import choices_of_projects
from app.portal.pages.recipes import Preset, preset_values
from app.portal.rendering import seen
from app.portal.rules import action_said, model_of, named_fields, values_of
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import Method
from lithoscope.recipes import Recipe

router = portal_router()
TRY = "try"  # a button that asks what would have happened, not for the act of the form
OVER = 50
Name = Annotated[str | None, Query(max_length=60)]
Over = Annotated[int, Query(ge=0, le=200, description="Past datasets to hold the rule against; 0 for none")]


@router.get("/rules")
def list_rules(visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show the rules of the visitor's projects."""
    views = visit.lab.rules.page(visit.actor, project_id=None, before=page.cursor.before, limit=page.cursor.limit)
    return visit.page(
        "rules/list.html",
        views=views,
        counts=visit.lab.rules.counts(views),
        things={view.rule.id: _thing(visit, view.said) for view in views},
        projects=dict(choices_of_projects(visit, Action.READ)),
        may_make=bool(choices_of_projects(visit, Action.RUN)),
        next=page.next([view.rule.id for view in views]),
    )


@router.get("/rules/new")
def show_new(visit: CurrentVisit, method: Name = None, recipe: Name = None, preset: Preset = None) -> HTMLResponse:
    """Ask what a rule runs, then show its form."""
    if not method and not recipe:
        found = {"methods": visit.lab.methods.all(), "recipes": visit.lab.recipes.all()}
        return visit.page("rules/choose.html", **found)
    thing = _find(visit, method, recipe)
    values = preset_values(thing.presets, preset) if isinstance(thing, Recipe) else {}
    return visit.page("rules/form.html", values=values, tried=None, **_form(visit, thing, values))


@router.post("/rules/new")
def make_rule(visit: CurrentVisit, method: Name = None, recipe: Name = None) -> Response:
    """Make a rule, switched off, or say what it would have done."""
    thing = _find(visit, method, recipe)
    context = _form(visit, thing, visit.form)
    if LOOK in visit.form:
        return visit.page("rules/form.html", values=visit.form, tried=None, **context)
    try:
        new = body_of(NewRule, visit.form, action=action_said(thing, visit.form))
        if TRY in visit.form:
            tried = visit.lab.rules.try_out(visit.actor, new, OVER)
            return visit.page("rules/form.html", values=visit.form, tried=tried, **context)
        view = visit.lab.rules.create(visit.actor, new)
    except LabError as error:
        return visit.refused(_led_to_fields(error), "rules/form.html", tried=None, **context)
    return seen(f"/rules/{view.rule.id}", "processing-rule-made")


@router.get("/rules/{rule_id}")
def show_rule(rule_id: str, visit: CurrentVisit, page: Paging, over: Over = 0) -> HTMLResponse:
    """Show a rule: what it says, what it did and did not do, what it would have done, what it said before."""
    rules, actor = visit.lab.rules, visit.actor
    view = rules.get(actor, rule_id)
    rows = rules.firings(actor, rule_id, before=page.cursor.before, limit=page.cursor.limit)
    thing = _thing(visit, view.said)
    versions = rules.versions(actor, rule_id)
    return visit.page(
        "rules/page.html",
        view=view,
        said=view.said,
        thing=thing,
        home=_home(view.said),
        fields=thing.params.model_json_schema()["properties"] if thing else {},
        project=visit.lab.projects.get(actor, view.rule.project_id),
        inputs=pickers.labels_of(visit.lab, actor, view.said.action.inputs),
        firings=rows,
        next=page.next([row.id for row, _ in rows]),
        versions=versions,
        people=rules.makers(versions),
        link=links.link,
        tried=rules.dry_run(actor, rule_id, over) if over else None,
        may_change=allow(actor, Action.RUN, view.rule.project_id),
    )


@router.post("/rules/{rule_id}/switch")
def switch_rule(rule_id: str, visit: CurrentVisit) -> Response:
    """Switch a rule on or off."""
    switch = RuleSwitch(is_enabled=visit.form.get("is_enabled") == "true")
    visit.lab.rules.switch(visit.actor, rule_id, version_of(visit.form), switch)
    return seen(f"/rules/{rule_id}", "processing-rule-on" if switch.is_enabled else "processing-rule-off")


@router.get("/rules/{rule_id}/edit")
def show_edit(rule_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form of a rule's next version."""
    view = visit.lab.rules.get(visit.actor, rule_id, need=Action.RUN)
    values = values_of(view.said) | {"version": str(view.rule.version), "project_id": view.rule.project_id}
    thing = _find(visit, view.said.action.method, view.said.action.recipe)
    return visit.page("rules/form.html", values=values, tried=None, **_form(visit, thing, values, rule_id))


@router.post("/rules/{rule_id}/edit")
def change_rule(rule_id: str, visit: CurrentVisit) -> Response:
    """Append the next version of a rule, or say what it would have done."""
    view = visit.lab.rules.get(visit.actor, rule_id, need=Action.RUN)
    thing = _find(visit, view.said.action.method, view.said.action.recipe)
    context = _form(visit, thing, visit.form, rule_id)
    if LOOK in visit.form:
        return visit.page("rules/form.html", values=visit.form, tried=None, **context)
    try:
        action = action_said(thing, visit.form)
        if TRY in visit.form:
            given = visit.form | {"project_id": view.rule.project_id}
            tried = visit.lab.rules.try_out(visit.actor, body_of(NewRule, given, action=action), OVER)
            return visit.page("rules/form.html", values=visit.form, tried=tried, **context)
        change = body_of(RuleChange, visit.form, action=action, is_enabled=view.rule.is_enabled)
        visit.lab.rules.change(visit.actor, rule_id, version_of(visit.form), change)
    except LabError as error:
        return visit.refused(_led_to_fields(error), "rules/form.html", tried=None, **context)
    return seen(f"/rules/{rule_id}", "processing-rule-changed")


def _find(visit: Visit, method: str | None, recipe: str | None) -> Method | Recipe:
    return visit.lab.recipes.recipe(recipe) if recipe else visit.lab.methods.get(method or "")


def _thing(visit: Visit, said: RuleSaid) -> Method | Recipe | None:
    """Return what a rule runs; None when it is no longer offered."""
    try:
        return _find(visit, said.action.method, said.action.recipe)
    except LabError:
        return None  # the rule's own problem says so


def _home(said: RuleSaid) -> str:
    return f"/recipes/{said.action.recipe}" if said.action.recipe else f"/methods/{said.action.method}"


def _led_to_fields(error: LabError) -> LabError:
    """Lead refusals of what is run to its fields, which are called as in the form of a job."""
    error.errors = [{**each, "pointer": each["pointer"].replace("/body/action/", "/body/")} for each in error.errors]
    return error


def _form(visit: Visit, thing: Method | Recipe, values: Values, rule_id: str = "") -> dict[str, Any]:
    of = "recipe" if isinstance(thing, Recipe) else "method"
    inputs = pickers.input_fields(visit.lab, visit.actor, thing, values)
    trigger, limits = named_fields(visit.lab.instruments.page(visit.actor, None, OVER), values)
    return {
        "thing": thing,
        "home": f"/{of}s/{thing.id}",
        "address": f"/rules/{rule_id}/edit" if rule_id else f"/rules/new?{of}={thing.id}",
        "rule_id": rule_id,
        "projects": choices_of_projects(visit, Action.RUN),
        "trigger": trigger,
        "limits": limits,
        "input_fields": [replace(each, required=False) for each in inputs],
        "sections": sectioned(group_of(model_of(thing).model_json_schema(), "params"), thing.sections),
        "presets": thing.presets if isinstance(thing, Recipe) else {},
    }
