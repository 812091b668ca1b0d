"""What the labels of results are said to be, and whether a beam may have made it; nobody commits here."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import Invalid, LabError
from app.infra.clock import now
from app.infra.db.models import LabelPhase, Result
from app.infra.ids import new_id
from app.lab.access import Action, Actor
from app.lab.audit.service import AuditLog
from app.lab.dose.service import DoseService
from app.lab.labels.repository import LabelRepository
from app.lab.labels.schemas import NewLabel
from app.lab.limits.service import LimitService
from app.lab.lineage.service import LineageService
from app.lab.results.service import ResultService
from lithoscope.rules.beam_products import BeamMade, decays_to, possibly_beam_made
from lithoscope.rules.critical_dose import canonical_phase
from lithoscope.rules.damage_budget import Budget, budget, worst_of
from lithoscope.rules.legs import Leg
from lithoscope.rules.regions import shares_of

NO_EXPOSURE = "no exposure of what it was made from is on record"
TAKEN_BACK = "nobody says what it is"


class NotLabels(LabError):
    """Phases are said of the labels of a segmentation."""

    code, status, title = "not-labels", 422, "The output has no labels"


@dataclass(frozen=True, slots=True)
class JudgedLabel:
    """
    What a label is said to be, and whether a beam may have made it.

    Parameters
    ----------
    row : LabelPhase
        The latest word.
    made : BeamMade
        The judgement, with the budgets behind it.
    seen_by : tuple of str
        The exposures that gave what the label was found in.
    """

    row: LabelPhase
    made: BeamMade
    seen_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of what was seen: the beam that met it, and which of it may have missed it."""

    legs: tuple[Leg, ...]
    astray: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Sight:
    """The beam that the field of a result had taken when it was seen, part by part."""

    seen_by: tuple[str, ...] = ()
    parts: tuple["_Part", ...] = ()
    is_complete: bool = False


class LabelService:
    """Keeps phases of labels and holds them against the dose they were seen at."""

    def __init__(
        self,
        labels: LabelRepository,
        results: ResultService,
        *,
        lineage: LineageService,
        dose: DoseService,
        limits: LimitService,
        audit: AuditLog,
    ) -> None:
        self._labels = labels
        self._results = results
        self._lineage = lineage
        self._dose = dose
        self._limits = limits
        self._audit = audit

    def assign(self, actor: Actor, result_id: str, new: NewLabel) -> JudgedLabel:
        """Say what a label of a result is; the latest word counts, and the earlier ones stay on record."""
        result = self._results.get(actor, result_id, need=Action.RECORD)
        _check_output(result, new.output)
        row = LabelPhase(
            **new.model_dump(exclude={"phase"}),
            phase=None if new.phase is None else canonical_phase(new.phase),
            id=new_id("lbp"),
            result_id=result.id,
            assigned_by=actor.id,
            assigned_at=now(),
        )
        self._labels.add(row)
        details = {"output": row.output, "label": row.label, "phase": row.phase}
        self._audit.record(actor, "label.assign", result.id, project_id=result.project_id, **details)
        return self._judge(row, self._sight(actor, result))

    def of_result(self, actor: Actor, result_id: str) -> list[JudgedLabel]:
        """Return the labels of a result that have a phase, each with the latest word."""
        result = self._results.get(actor, result_id)
        latest = {(row.output, row.label): row for row in self._labels.of_result(result.id)}
        rows = [row for _, row in sorted(latest.items()) if row.phase is not None]
        sight = self._sight(actor, result) if rows else _Sight()
        return [self._judge(row, sight) for row in rows]

    def of_label(self, actor: Actor, result_id: str, *, output: str, label: int) -> JudgedLabel | None:
        """Return one label of a result, or None when nobody says what it is."""
        found = self.of_result(actor, result_id)
        return next((each for each in found if (each.row.output, each.row.label) == (output, label)), None)

    def _judge(self, row: LabelPhase, sight: _Sight) -> JudgedLabel:
        if row.phase is None:
            return JudgedLabel(row, BeamMade("unknown", TAKEN_BACK, {}, ()), sight.seen_by)
        limits = self._limits.standing()
        parents = [decay.parent for decay in decays_to(row.phase)] if sight.parts else []
        budgets: dict[str, Budget] = {}
        for parent in parents:
            budgets[parent] = worst_of(
                [
                    budget(
                        part.legs,
                        phase=parent,
                        limits=limits,
                        coverage_is_complete=sight.is_complete,
                        unplaced=part.astray,
                    )
                    for part in sight.parts
                ]
            )
        made = possibly_beam_made(row.phase, budgets=budgets)
        if not sight.parts and made.decays:
            made = BeamMade(made.verdict, f"{NO_EXPOSURE}: {made.reason}", made.budgets, made.decays)
        return JudgedLabel(row, made, sight.seen_by)

    def _sight(self, actor: Actor, result: Result) -> _Sight:
        """Find the exposures a result was made from, and the beam their fields had taken by then."""
        nodes = self._lineage.walk(actor, result.id, "upstream").nodes
        exposure_ids = {node.id for node in nodes if node.kind == "exposure"}
        if not exposure_ids:
            return _Sight()
        sample_id = result.sample_id or self._dose.get(actor, min(exposure_ids)).exposure.sample_id
        legs = self._dose.legs(actor, sample_id)
        own = [leg for leg in legs if leg.exposure_id in exposure_ids]
        if not own:
            return _Sight()
        until = max(leg.ended_at or leg.started_at for leg in own)
        before = [leg for leg in legs if leg.started_at <= until]
        seen_by = tuple(leg.exposure_id for leg in own)
        parts = [part for leg in own for part in _parts(leg, before, seen_by=seen_by)]
        coverage = self._dose.coverage(actor, sample_id, at=until)
        return _Sight(seen_by, tuple(parts), coverage.is_complete)


def _parts(seen: Leg, legs: Sequence[Leg], *, seen_by: Sequence[str]) -> list[_Part]:
    """Cut the field of an exposure by those of the others; a field nobody recorded is one part they may have missed."""
    if seen.field_um is None:
        return [_Part(tuple(legs), frozenset(leg.exposure_id for leg in legs).difference(seen_by))]
    found = [met for _, met in shares_of(seen.field_um, legs)]
    unplaced = frozenset(leg.exposure_id for met in found for leg in met if leg.field_um is None).difference(seen_by)
    return [_Part(met, unplaced) for met in found]


def _check_output(result: Result, name: str) -> None:
    output = next((each for each in result.outputs if each["name"] == name), None)
    if output is None:
        raise Invalid.field("/body/output", "The result has no such output: choose one of its outputs.")
    if output["kind"] != "labels":
        detail = "this output has no labels: choose one of kind labels"
        raise NotLabels(detail, errors=[{"pointer": "/body/output", "detail": detail}])
