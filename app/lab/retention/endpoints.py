"""Rules of retention and tombstones over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.lab.datasets.schemas import TombstoneOut
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, etag, refuses, room_router
from app.lab.doors.paging import Paging
from app.lab.retention.schemas import DueOut, NewRule, RuleOut
from app.lab.schemas import Page

router = room_router("retention")
ProjectQuery = Annotated[str | None, Query(max_length=40)]


@router.post("/retention-rules", status_code=201, operation_id="createRetentionRule", responses=refuses(409))
def create_rule(new: NewRule, actor: CurrentActor, lab: CurrentLab, response: Response) -> RuleOut:
    """Set how long things of a kind are kept: for a project by its stewards, for the facility by its managers."""
    rule = lab.retention.create(actor, new)
    etag(response, rule.version)
    return RuleOut.model_validate(rule)


@router.get("/retention-rules", operation_id="listRetentionRules", responses=refuses())
def list_rules(actor: CurrentActor, lab: CurrentLab, page: Paging, project_id: ProjectQuery = None) -> Page[RuleOut]:
    """List the rules that touch your projects, newest first; `project_id` null is the whole facility."""
    rows = lab.retention.page(actor, project_id=project_id, before=page.cursor.before, limit=page.cursor.limit)
    return Page(items=[RuleOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.delete(
    "/retention-rules/{rule_id}",
    status_code=204,
    operation_id="removeRetentionRule",
    responses=refuses(412, 428),
)
def remove_rule(rule_id: str, version: IfMatch, actor: CurrentActor, lab: CurrentLab) -> None:
    """Remove a rule; nothing more is deleted by it."""
    lab.retention.remove(actor, rule_id, version)


@router.get("/retention-plan", operation_id="getRetentionPlan", responses=refuses())
def get_plan(actor: CurrentActor, lab: CurrentLab, project_id: Annotated[str, Query(max_length=40)]) -> Page[DueOut]:
    """Say what the rules would delete from a project now, and what is held by what; nothing is deleted."""
    return Page(items=[DueOut.model_validate(due) for due in lab.retention.plan(actor, project_id)])


@router.get("/tombstones", operation_id="listTombstones", responses=refuses())
def list_tombstones(
    actor: CurrentActor, lab: CurrentLab, page: Paging, project_id: ProjectQuery = None
) -> Page[TombstoneOut]:
    """List what stands where things were deleted: what it was, who deleted it, when and why."""
    rows = lab.retention.tombstones(actor, project_id=project_id, before=page.cursor.before, limit=page.cursor.limit)
    items = [TombstoneOut.model_validate(row) for row in rows]
    return Page(items=items, next=page.next([row.object_id for row in rows]))
