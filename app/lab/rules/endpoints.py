"""Rules of automatic processing over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.infra.db.models import RuleFiring
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, etag, refuses, room_router
from app.lab.doors.paging import Paging
from app.lab.doors.route import REPEATABLE
from app.lab.rules.schemas import (
    DryRunOrder,
    DryRunOut,
    FiringOut,
    NewRule,
    RuleChange,
    RuleOut,
    RuleSwitch,
    RuleVersionOut,
    TrialOut,
)
from app.lab.rules.service import DryRun, RuleView, Trial
from app.lab.rules.versions import rule_out, version_out
from app.lab.schemas import Page

router = room_router("rules")
ProjectQuery = Annotated[str | None, Query(max_length=40)]
Over = Annotated[int, Query(ge=1, le=200, description="How many of the latest readable datasets")]
OUTCOMES = {"started": "would_start", "skipped": "would_skip", "refused": "would_be_refused", None: "no_match"}


@router.post("/processing-rules", status_code=201, operation_id="createProcessingRule", responses=refuses())
def create_rule(new: NewRule, actor: CurrentActor, lab: CurrentLab, response: Response) -> RuleOut:
    """
    Make a rule: when a dataset of the project becomes readable and every condition holds, run a method or recipe.

    It acts for you, below what people wait for, and never twice on one dataset by one version. Try it out first.
    """
    return _shown(lab.rules.create(actor, new), response)


@router.get("/processing-rules", operation_id="listProcessingRules", responses=refuses())
def list_rules(actor: CurrentActor, lab: CurrentLab, page: Paging, project_id: ProjectQuery = None) -> Page[RuleOut]:
    """List the rules of your projects, newest first; `problem` says why one has no effect."""
    views = lab.rules.page(actor, project_id=project_id, before=page.cursor.before, limit=page.cursor.limit)
    return Page(items=[_out(view) for view in views], next=page.next([view.rule.id for view in views]))


@router.post(
    "/processing-rule-dry-runs",
    operation_id="tryProcessingRule",
    responses=refuses(),
    openapi_extra=REPEATABLE,
)
def try_rule(order: DryRunOrder, actor: CurrentActor, lab: CurrentLab) -> DryRunOut:
    """Say what a rule that need not exist would have done about the latest datasets of a project; nothing is kept."""
    return _dry_run(lab.rules.try_out(actor, order.rule, order.over))


@router.get("/processing-rules/{processing_rule_id}", operation_id="getProcessingRule", responses=refuses())
def get_rule(processing_rule_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> RuleOut:
    """Return a rule as it stands."""
    return _shown(lab.rules.get(actor, processing_rule_id), response)


@router.get("/processing-rules/{processing_rule_id}/dry-run", operation_id="dryRunProcessingRule", responses=refuses())
def dry_run(processing_rule_id: str, actor: CurrentActor, lab: CurrentLab, over: Over = 50) -> DryRunOut:
    """Say what a rule as it stands would have done about the latest datasets of its project; nothing is kept."""
    return _dry_run(lab.rules.dry_run(actor, processing_rule_id, over))


@router.get(
    "/processing-rules/{processing_rule_id}/versions", operation_id="listProcessingRuleVersions", responses=refuses()
)
def list_versions(processing_rule_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[RuleVersionOut]:
    """List all that a rule ever said, newest first."""
    return Page(items=[version_out(each) for each in lab.rules.versions(actor, processing_rule_id)])


@router.post(
    "/processing-rules/{processing_rule_id}/versions",
    status_code=201,
    operation_id="changeProcessingRule",
    responses=refuses(412, 428),
)
def change_rule(
    processing_rule_id: str,
    change: RuleChange,
    version: IfMatch,
    actor: CurrentActor,
    lab: CurrentLab,
    response: Response,
) -> RuleOut:
    """Append the next version of a rule, whole; the earlier ones stay. From now on it acts for you."""
    return _shown(lab.rules.change(actor, processing_rule_id, version, change), response)


@router.post(
    "/processing-rules/{processing_rule_id}/switch", operation_id="switchProcessingRule", responses=refuses(412, 428)
)
def switch_rule(
    processing_rule_id: str,
    switch: RuleSwitch,
    version: IfMatch,
    actor: CurrentActor,
    lab: CurrentLab,
    response: Response,
) -> RuleOut:
    """Switch a rule on or off: a version that says the same. What it started goes on."""
    return _shown(lab.rules.switch(actor, processing_rule_id, version, switch), response)


@router.get(
    "/processing-rules/{processing_rule_id}/firings", operation_id="listProcessingRuleFirings", responses=refuses()
)
def list_firings(processing_rule_id: str, actor: CurrentActor, lab: CurrentLab, page: Paging) -> Page[FiringOut]:
    """List what a rule started, skipped and was refused, newest first, each with the reason."""
    rows = lab.rules.firings(actor, processing_rule_id, before=page.cursor.before, limit=page.cursor.limit)
    return Page(items=[_firing(row, state) for row, state in rows], next=page.next([row.id for row, _ in rows]))


def _shown(view: RuleView, response: Response) -> RuleOut:
    response.headers["Location"] = f"/api/v1/processing-rules/{view.rule.id}"
    etag(response, view.rule.version)
    return _out(view)


def _out(view: RuleView) -> RuleOut:
    return rule_out(view.rule, view.version, view.problem)


def _firing(row: RuleFiring, state: str | None) -> FiringOut:
    own = {name: getattr(row, name) for name in FiringOut.model_fields if name != "state"}
    return FiringOut(**own, state=state)


def _dry_run(found: DryRun) -> DryRunOut:
    return DryRunOut(
        looked_at=len(found.trials),
        would_start=found.count("started"),
        would_skip=found.count("skipped"),
        would_be_refused=found.count("refused"),
        params=found.params,
        not_judged=list(found.not_judged),
        items=[_trial(trial) for trial in found.trials],
    )


def _trial(trial: Trial) -> TrialOut:
    judgement = trial.judgement
    inputs = {} if judgement.request is None else judgement.request.inputs.model_dump(exclude_none=True)
    return TrialOut(
        dataset_id=trial.dataset.id,
        filename=trial.dataset.filename,
        created_at=trial.dataset.created_at,
        outcome=OUTCOMES[judgement.outcome],
        matched=judgement.matched,
        reason=judgement.reason or ", ".join(judgement.comparison.fails),
        inputs=inputs,
    )
