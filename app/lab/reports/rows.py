"""What the other rooms derive, as rows of a report."""

from math import isfinite
from typing import Any

from app.lab.labels.service import JudgedLabel
from app.lab.lineage.schemas import NodeOut
from lithoscope.rules.accumulation import BeamSum
from lithoscope.rules.bounds import Bounds
from lithoscope.rules.chain import Stay
from lithoscope.rules.damage_budget import Budget
from lithoscope.rules.report import Ancestor, Band, BudgetRow, ClockRow, LabelRow, Loss, Record, RuleVerdict, Verdict
from lithoscope.rules.shelf_life import Clock
from lithoscope.rules.verdicts import Evaluation
from lithoscope.units import Quantity


def band(stay: Stay) -> Band:
    """Return a stay as a band of the timeline."""
    where = stay.container or stay.place or ("on its way" if stay.kind == "transfer" else None)
    return Band(stay.start, stay.end, where, stay.atmosphere, stay.temperature_K, stay.is_gap, stay.evidence)


def clock_row(clock: Clock) -> ClockRow:
    """Return a shelf-life clock as a row."""
    hours = None if clock.elapsed_s is None else clock.elapsed_s / 3600
    elapsed = Quantity.unknown("h", clock.reason) if hours is None else Quantity(hours, "h", "user")
    return ClockRow(
        name=clock.name,
        title=clock.title,
        state=clock.state,
        started_at=clock.started_at,
        elapsed=elapsed,
        due_at=clock.due_at,
        overdue_at=clock.overdue_at,
        reason=clock.reason,
        citation=clock.citation,
        decided_by=clock.decided_by,
        losses=tuple(Loss(each.model, finite(each.lower), finite(each.upper), each.note) for each in clock.loss),
    )


def budget_row(region_id: str, region: str, budget: Budget) -> BudgetRow:
    """Return a damage budget as a row."""
    return BudgetRow(
        region_id=region_id,
        region=region,
        phase=budget.phase,
        criterion=budget.criterion,
        state=budget.state,
        spent_lower=_end(budget.spent, budget.spent.lower),
        spent_upper=_end(budget.spent, budget.spent.upper),
        seconds_left_lower=_end(budget.seconds_left, budget.seconds_left.lower),
        seconds_left_upper=_end(budget.seconds_left, budget.seconds_left.upper),
        reason="; ".join((*budget.reasons, budget.assumption)),
        recorded_lower=_end(budget.recorded, budget.recorded.lower),
        recorded_upper=_end(budget.recorded, budget.recorded.upper),
    )


def label_row(judged: JudgedLabel) -> LabelRow:
    """Return a label that has a phase as a row."""
    row, made = judged.row, judged.made
    phase = row.phase or "not stated"
    return LabelRow(row.id, row.output, row.label, phase, made.verdict, made.reason, judged.seen_by)


def verdict_row(evaluation: Evaluation, evaluation_id: str | None = None) -> Verdict:
    """Return what a protocol says; rules that do not apply are left out."""
    applying = [rule for rule in evaluation.rules if rule.verdict != "not_applicable"]
    return Verdict(
        protocol=evaluation.protocol_title,
        version=str(evaluation.version),
        verdict=evaluation.verdict,
        purpose=evaluation.purpose,
        evaluation_id=evaluation_id,
        rules=tuple(
            RuleVerdict(
                rule.rule_id, rule.verdict, f"{rule.found}; asked: {rule.asked}", rule.citation, rule.decided_by
            )
            for rule in applying
        ),
    )


def kept_verdict(record: dict[str, Any], evaluation_id: str) -> Verdict:
    """Return a kept evaluation as it was given."""
    rules = [rule for rule in record["rules"] if rule["verdict"] != "not_applicable"]
    return Verdict(
        protocol=record["protocol_title"],
        version=str(record["version"]),
        verdict=record["verdict"],
        purpose=record["purpose"],
        evaluation_id=evaluation_id,
        rules=tuple(
            RuleVerdict(
                rule["rule_id"],
                rule["verdict"],
                f"{rule['found']}; asked: {rule['asked']}",
                rule["citation"],
                tuple(rule["decided_by"]),
            )
            for rule in rules
        ),
    )


def ancestor(node: NodeOut) -> Ancestor:
    """Return a node of the lineage as a row."""
    return Ancestor(node.id, node.kind, node.label, node.depth)


def sum_record(sample_id: str, added: BeamSum) -> Record:
    """Return the summed dose of one beam as a record of the sample."""
    names = ("beam_energy", "total", "known_part", "ion_source")
    fields = {name: value for name in names if (value := getattr(added, name)) is not None}
    return Record(sample_id, "dose_sum", added.radiation, fields)


def finite(quantity: Quantity) -> Quantity:
    """Leave out what has no end: JSON knows no infinity."""
    ends = (quantity.value, *(quantity.interval or ()))
    if all(end is None or isfinite(end) for end in ends):
        return quantity
    return Quantity.unknown(quantity.unit, f"{quantity.note}; without an end".removeprefix("; "))


def _end(bounds: Bounds, end: float | None) -> Quantity:
    if end is None or not isfinite(end):
        return Quantity.unknown(bounds.unit, "the source gives no such bound" if end is None else "without an end")
    return Quantity(end, bounds.unit, "assumed", note="limits of the literature or the lab")
