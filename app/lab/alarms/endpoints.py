"""Alarms and webhooks over HTTP."""

from typing import Annotated, Any

from fastapi import Query, Response

from app.infra.db.models import Webhook
from app.lab.alarms.schemas import AlarmOut, NewWebhook, Topic, WebhookMade, WebhookOut
from app.lab.alarms.service import AlarmEntry
from app.lab.doors import CurrentActor, CurrentLab, Paging, refuses, room_router
from app.lab.schemas import Page

router = room_router("alarms")
ProjectQuery = Annotated[str | None, Query(max_length=40)]


@router.get("/alarms", operation_id="listAlarms", responses=refuses())
def list_alarms(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: ProjectQuery = None,
    topic: Topic | None = None,
    is_open: Annotated[bool | None, Query(description="Only those nobody, or somebody, has acknowledged")] = None,
) -> Page[AlarmOut]:
    """List alarms, newest first: clocks that are due or overdue, budgets that are nearly or wholly spent."""
    entries = lab.alarms.page(
        actor,
        project_id=project_id,
        topic=topic,
        is_open=is_open,
        before=page.cursor.before,
        limit=page.cursor.limit,
    )
    return Page(items=[_out(entry) for entry in entries], next=page.next([entry.alarm.id for entry in entries]))


@router.post("/alarms/{alarm_id}/acknowledgement", operation_id="acknowledgeAlarm", responses=refuses())
def acknowledge_alarm(alarm_id: str, actor: CurrentActor, lab: CurrentLab) -> AlarmOut:
    """Say that you have seen an alarm; who was first stays named."""
    return _out(lab.alarms.acknowledge(actor, alarm_id))


@router.post("/webhooks", status_code=201, operation_id="createWebhook", responses=refuses())
def create_webhook(new: NewWebhook, actor: CurrentActor, lab: CurrentLab, response: Response) -> WebhookMade:
    """
    Have alarms sent to an address: of a project by its stewards, of every project by managers.

    Each message is a POST of JSON with `Lithoscope-Id` (the same at every try), `Lithoscope-Timestamp` (seconds since
    1970) and `Lithoscope-Signature`: `v1=` and HMAC-SHA256, keyed by the secret of this answer, over
    `timestamp.id.body`. Refuse old timestamps and ids taken before. What is not answered 2xx is sent again for a day.
    """
    webhook = lab.alarms.add_webhook(actor, new)
    response.headers["Cache-Control"] = "no-store"
    return WebhookMade.model_validate(webhook)


@router.get("/webhooks", operation_id="listWebhooks", responses=refuses())
def list_webhooks(
    actor: CurrentActor, lab: CurrentLab, page: Paging, project_id: ProjectQuery = None
) -> Page[WebhookOut]:
    """List the webhooks of the projects you are a steward of; for managers all, newest first."""
    rows = lab.alarms.webhooks(actor, project_id=project_id, before=page.cursor.before, limit=page.cursor.limit)
    news = lab.alarms.last_news(rows)
    items = [_webhook_out(row, *news[row.id]) for row in rows]
    return Page(items=items, next=page.next([row.id for row in rows]))


@router.delete("/webhooks/{webhook_id}", status_code=204, operation_id="removeWebhook", responses=refuses())
def remove_webhook(webhook_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Send nothing more to an address; what still waits for it is dropped."""
    lab.alarms.retire_webhook(actor, webhook_id)


def _out(entry: AlarmEntry) -> AlarmOut:
    alarm = entry.alarm
    own = {name: getattr(alarm, name) for name in AlarmOut.model_fields if hasattr(alarm, name)}
    record = {name: value for name, value in alarm.record.items() if name != "message"}
    return AlarmOut(**{**own, "record": record, "message": alarm.record["message"], "deliveries": entry.deliveries})


def _webhook_out(webhook: Webhook, last_delivered_at: Any, last_error: str | None) -> WebhookOut:
    shown = WebhookOut.model_validate(webhook)
    return shown.model_copy(update={"last_delivered_at": last_delivered_at, "last_error": last_error})
