"""Alarms and their acknowledgement; the addresses that hear of them."""

from dataclasses import replace
from typing import Annotated, Any, get_args

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.alarms.schemas import NewWebhook, Topic
from app.lab.doors.paging import Paging
from app.portal.forms import Field, body_of, fields_of
from app.portal.pages.projects import choices_of_projects
from app.portal.rendering import local_address, seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
TOPICS: tuple[str, ...] = get_args(Topic)
WEBHOOKS = 200


@router.get("/alarms")
def list_alarms(
    visit: CurrentVisit, page: Paging, whose: Annotated[str, Query(alias="state", max_length=20)] = "open"
) -> HTMLResponse:
    """Show alarms, newest first; at first those nobody has acknowledged."""
    wanted = {"open": True, "acknowledged": False}.get(whose)
    rows = visit.lab.alarms.page(visit.actor, is_open=wanted, before=page.cursor.before, limit=page.cursor.limit)
    may_record = {row.alarm.id for row in rows if allow(visit.actor, Action.RECORD, row.alarm.project_id)}
    return visit.page(
        "alarms/list.html",
        entries=rows,
        whose=whose,
        may_record=may_record,
        may_hear=_may_hear(visit),
        next=page.next([row.alarm.id for row in rows]),
    )


@router.post("/alarms/{alarm_id}/acknowledgement")
def acknowledge_alarm(alarm_id: str, visit: CurrentVisit) -> Response:
    """Say that one has seen an alarm."""
    visit.lab.alarms.acknowledge(visit.actor, alarm_id)
    return seen(local_address(visit.form.get("next"), "/alarms"), "alarm-acknowledged")


def _may_hear(visit: Visit) -> bool:
    return allow(visit.actor, Action.MANAGE) or bool(choices_of_projects(visit, Action.STEWARD))


@router.get("/webhooks")
def list_webhooks(visit: CurrentVisit) -> HTMLResponse:
    """Show the addresses that hear of alarms."""
    return visit.page("alarms/webhooks.html", values={}, made=None, **_page(visit))


@router.post("/webhooks")
def add_webhook(visit: CurrentVisit) -> Response:
    """Keep an address and show the secret that signs, the only time it is seen."""
    try:
        webhook = visit.lab.alarms.add_webhook(visit.actor, body_of(NewWebhook, visit.form))
    except LabError as error:
        return visit.refused(error, "alarms/webhooks.html", made=None, **_page(visit))
    made = {"url": webhook.url, "secret": webhook.secret}
    return visit.page("alarms/webhooks.html", values={}, made=made, **_page(visit))


@router.post("/webhooks/{webhook_id}/retirement")
def retire_webhook(webhook_id: str, visit: CurrentVisit) -> Response:
    """Stop sending to an address."""
    visit.lab.alarms.retire_webhook(visit.actor, webhook_id)
    return seen("/webhooks", "webhook-removed")


def _page(visit: Visit) -> dict[str, Any]:
    rows = visit.lab.alarms.webhooks(visit.actor, limit=WEBHOOKS)
    manages = allow(visit.actor, Action.MANAGE)
    fields = {field.name: field for field in fields_of(NewWebhook.model_json_schema())}
    projects = choices_of_projects(visit, Action.STEWARD)
    project = Field(
        "project_id", "Project", "choice", required=not manages, choices=projects,
        help="Not stated: alarms of every project." if manages else "",
    )  # fmt: skip
    topics = replace(
        fields["topics"], choices=tuple((name, name.replace(".", " ")) for name, _ in fields["topics"].choices)
    )
    return {
        "webhooks": rows,
        "news": visit.lab.alarms.last_news(rows),
        "projects": dict(projects),
        "form_fields": (fields["url"], project, topics),
        "may_add": manages or bool(projects),
    }
