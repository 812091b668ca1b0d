"""Rules of retention: what is kept how long, and what the rules would delete now."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.retention.schemas import NewRule
from app.portal.forms import body_of, version_of
from app.portal.pages.projects import choices_of_projects
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
RULES = 200
KINDS = (
    ("dataset", "datasets", "files as received, and what was read of them"),
    ("result", "results", "what jobs made; what others were made from is held"),
    ("job", "event logs of ended jobs", "the job itself stays on record"),
    ("upload", "records of unfinished uploads", "those that failed, expired or were given up"),
)


@router.get("/retention")
def show_rules(visit: CurrentVisit, project_id: Annotated[str | None, Query(max_length=40)] = None) -> HTMLResponse:
    """Show the rules, and for one project what they would delete now."""
    return visit.page("facility/retention.html", values={}, **_page(visit, project_id or None))


def _page(visit: Visit, project_id: str | None) -> dict[str, Any]:
    lab, actor = visit.lab, visit.actor
    due = lab.retention.plan(actor, project_id) if project_id else None
    projects = dict(choices_of_projects(visit, Action.READ))
    stewarded = choices_of_projects(visit, Action.STEWARD)
    rules = lab.retention.page(actor, project_id=None, before=None, limit=RULES)
    return {
        "rules": rules,
        "may_remove": {rule.id for rule in rules if lab.retention.may_remove(actor, rule)},
        "kinds": KINDS,
        "kind_names": {name: title for name, title, _ in KINDS},
        "projects": projects,
        "stewarded": stewarded,
        "may_manage": allow(actor, Action.MANAGE),
        "project_id": project_id,
        "due": due,
    }


@router.post("/retention")
def set_rule(visit: CurrentVisit) -> Response:
    """Set how long things of a kind are kept."""
    try:
        visit.lab.retention.create(visit.actor, body_of(NewRule, visit.form))
    except LabError as error:
        return visit.refused(error, "facility/retention.html", **_page(visit, None))
    return seen("/retention", "rule-set")


@router.post("/retention/{rule_id}/removal")
def remove_rule(rule_id: str, visit: CurrentVisit) -> Response:
    """Remove a rule."""
    visit.lab.retention.remove(visit.actor, rule_id, version_of(visit.form))
    return seen("/retention", "rule-removed")
