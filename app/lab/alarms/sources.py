"""Where alarms come from: passed deadlines, budgets nearly or wholly spent, rules that stopped, series that wait."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from app.errors import LabError
from app.infra.db.models import GrowingSeries, Region, Sample
from app.infra.log import get_logger
from app.lab.access import SYSTEM
from app.lab.alarms.findings import Finding
from app.lab.alarms.keys import budget_key, clock_key, rule_key, series_key
from app.lab.alarms.schemas import Topic
from app.lab.budgets.service import BudgetService, RegionBudget
from app.lab.clocks.service import ClockService, Deadline
from app.lab.rules.service import RuleService, RuleView
from app.lab.series.service import SeriesService
from lithoscope.errors import ScienceError

PAGE = 500
PASSED = frozenset({"due", "overdue"})
TOPIC_OF: dict[str, Topic] = {
    "due": "clock.due",
    "overdue": "clock.overdue",
    "near": "budget.near",
    "exceeded": "budget.exceeded",
}
WORDS_OF = {"near": "nearly spent", "exceeded": "spent"}

log = get_logger(__name__)


def clock_findings(clocks: ClockService, at: datetime) -> Iterator[Finding]:
    """Go through every clock of the facility that is past a deadline."""
    after: str | None = None
    while page := clocks.deadlines(SYSTEM, states=PASSED, after=after, limit=PAGE):
        for deadline in page:
            if (finding := _of_clock(deadline, at)) is not None:
                yield finding
        after = page[-1].place


def budget_findings(
    budgets: BudgetService, watched: Iterable[tuple[Region, Sample]], at: datetime
) -> Iterator[Finding]:
    """Judge regions for every phase they are watched for."""
    for region, sample in watched:
        try:
            found = budgets.of_watched(SYSTEM, region.id, at=at)
        except (LabError, ScienceError) as error:  # one region must not silence the others
            log.warning("budget not judged", region_id=region.id, cause=error.code)
            continue
        for each in found:
            if each.worst.state in WORDS_OF:
                yield _of_budget(each, sample, at)


def rule_findings(rules: RuleService, at: datetime) -> Iterator[Finding]:
    """Go through every rule of the facility that is switched on and has no effect."""
    for view in rules.without_effect():
        yield _of_rule(view, at)


def series_findings(series: SeriesService) -> Iterator[Finding]:
    """Go through every series of the facility that waits for room."""
    for row in series.waiting_for_room():
        yield _of_series(row, row.problem or {})


def _of_clock(deadline: Deadline, at: datetime) -> Finding | None:
    row, sample, state = deadline.row, deadline.sample, deadline.state
    passed_at = row.overdue_at if state == "overdue" else row.due_at
    if passed_at is None or state not in PASSED or passed_at > at:
        return None
    return Finding(
        key=clock_key(state, sample.id, row.clock, passed_at),
        topic=TOPIC_OF[state],
        project_id=sample.project_id,
        sample_id=sample.id,
        message=f"{sample.code}: {row.record['title']} is {state} since {passed_at:%Y-%m-%d %H:%M} UTC",
        since=max(passed_at, sample.created_at),
        record={
            "sample_code": sample.code,
            "clock": row.clock,
            "state": state,
            "passed_at": passed_at.isoformat(),
            "reason": row.record["reason"],
            "citation": row.record["citation"],
            "decided_by": row.record["decided_by"],
        },
    )


def _of_budget(found: RegionBudget, sample: Sample, at: datetime) -> Finding:
    region, worst = found.region, found.worst
    spent = {"lower": worst.spent.lower, "upper": worst.spent.upper, "unit": worst.spent.unit}
    return Finding(
        key=budget_key(worst.state, region.id, worst.phase),
        topic=TOPIC_OF[worst.state],
        project_id=sample.project_id,
        sample_id=sample.id,
        message=f"{sample.code}, {region.name}: the beam budget of {worst.phase} is {WORDS_OF[worst.state]}",
        since=at,
        record={
            "sample_code": sample.code,
            "region_id": region.id,
            "region_name": region.name,
            "phase": worst.phase,
            "criterion": worst.criterion,
            "state": worst.state,
            "spent_fraction": spent,
            "reason": "; ".join(worst.reasons),
            "assumption": worst.assumption,
            "decided_by": [leg.exposure_id for leg in worst.legs],
        },
    )


def _of_rule(view: RuleView, at: datetime) -> Finding:
    rule, version = view.rule, view.version
    return Finding(
        key=rule_key(rule.id, version.number, view.problem),
        topic="rule.stopped",
        project_id=rule.project_id,
        sample_id=None,
        message=f"The rule {version.name} starts nothing any more",
        since=at,
        record={
            "rule_id": rule.id,
            "rule_version": version.number,
            "rule_name": version.name,
            "made_by": version.made_by,
            "reason": view.problem,
        },
    )


def _of_series(series: GrowingSeries, problem: Mapping[str, Any]) -> Finding:
    return Finding(
        key=series_key(series.id, problem["since"]),
        topic="series.waiting",
        project_id=series.project_id,
        sample_id=series.sample_id,
        message=f"The series {series.name} waits for room in the quota of its project",
        since=datetime.fromisoformat(problem["since"]),
        record={
            "series_id": series.id,
            "series_name": series.name,
            "needed_bytes": problem["needed_bytes"],
            "reason": problem["detail"],
        },
    )
