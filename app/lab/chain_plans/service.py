"""What a planned chain would give, by the rules that judge recorded ones; nothing is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.errors import Invalid
from app.infra.clock import now
from app.infra.db.models import Sample
from app.lab.access import Actor
from app.lab.budgets.schemas import BudgetOut
from app.lab.chain_plans.planned import events_of, exposures_of
from app.lab.chain_plans.schemas import ChainPlanOut, NewChainPlan, PlannedBeamOut
from app.lab.clocks.beams import beams
from app.lab.clocks.schemas import ClockOut
from app.lab.clocks.service import ClockService
from app.lab.custody.happenings import Recorded, happenings
from app.lab.custody.schemas import CustodyStateOut, StayOut
from app.lab.custody.service import CustodyService
from app.lab.dose.schemas import BeamSumOut, CoverageOut
from app.lab.dose.service import DoseService, RecordedExposure
from app.lab.evaluations.schemas import VerdictOut
from app.lab.protocols.service import HeldProtocol, ProtocolService
from app.lab.samples.service import SampleService
from app.lab.titrations.service import TitrationService
from lithoscope.rules.accumulation import sums_by_beam
from lithoscope.rules.beam_coverage import BEAM_KINDS, BOUND, Coverage
from lithoscope.rules.chain import chain
from lithoscope.rules.compliance import evaluate
from lithoscope.rules.critical_dose import ONSET
from lithoscope.rules.custody import Happening
from lithoscope.rules.custody_state import state_at
from lithoscope.rules.damage_budget import budget
from lithoscope.rules.dose_limits import DoseLimit
from lithoscope.rules.legs import Leg
from lithoscope.rules.shelf_life import Clock, Specimen, clocks
from lithoscope.units import Quantity

Limits = Callable[[], Sequence[DoseLimit]]
_ONE_PLACE = "budgets are drawn up as if every exposure met the same place"
_ALL_BEAM = "the planned exposures are taken to be all the beam there would be"


@dataclass(frozen=True, slots=True)
class Chain:
    """A history with a plan behind it, as plain values."""

    sample: Sample | None
    specimen: Specimen
    history: list[Happening]
    exposures: list[RecordedExposure]
    legs: list[Leg]
    coverage: Coverage
    at: datetime
    warnings: list[str]


class ChainPlanService:
    """
    Judges a chain before it happens.

    Parameters
    ----------
    limits : callable
        Gives the critical-dose records in force.
    """

    def __init__(
        self,
        samples: SampleService,
        *,
        custody: CustodyService,
        dose: DoseService,
        clocks: ClockService,
        titrations: TitrationService,
        protocols: ProtocolService,
        limits: Limits,
    ) -> None:
        self._samples = samples
        self._custody = custody
        self._dose = dose
        self._clocks = clocks
        self._titrations = titrations
        self._protocols = protocols
        self._limits = limits

    def judge(self, actor: Actor, plan: NewChainPlan) -> ChainPlanOut:
        """
        Return the state, clocks, doses, budgets and verdicts a plan would end with.

        Raises
        ------
        Invalid
            Neither a sample nor a material, or both.
        LabError
            What recording the plan would raise; its errors point into the plan.
        """
        found = self._chain(actor, plan)
        past = [event for event in found.history if event.occurred_at <= found.at]
        sample_id = found.sample.id if found.sample else ""
        return ChainPlanOut(
            sample_id=plan.sample_id,
            material=found.specimen.material,
            electrolyte=found.specimen.electrolyte,
            at=found.at,
            state=CustodyStateOut.of(sample_id, state_at(past, at=found.at)),
            stays=[StayOut.model_validate(stay) for stay in chain(past, at=found.at)],
            clocks=[ClockOut.model_validate(clock) for clock in self._clocks_of(found)],
            exposures=[_beam(leg) for leg in found.legs if _is_planned(leg)],
            doses=[BeamSumOut.model_validate(each) for each in sums_by_beam(found.legs)],
            coverage=CoverageOut.model_validate(found.coverage),
            budgets=self._budgets(plan, found),
            evaluations=self._verdicts(plan, found),
            warnings=found.warnings,
            assumptions=[*([_ALL_BEAM] if plan.covers_all_beam else []), *([_ONE_PLACE] if plan.phases else [])],
        )

    def _chain(self, actor: Actor, plan: NewChainPlan) -> Chain:
        if (plan.sample_id is None) == (plan.material is None):
            raise Invalid.field("/body/sample_id", "Name a sample to go on from, or a material to begin with.")
        sample = None if plan.sample_id is None else self._samples.get(actor, plan.sample_id)
        entries = [] if sample is None else self._custody.history(actor, sample.id)
        beams = [] if sample is None else self._dose.happenings_of(sample)
        planned = events_of(plan.events, entries, beams)
        history = happenings([*entries, *planned])
        prepared_at = plan.prepared_at if sample is None else sample.prepared_at
        rows, warnings = exposures_of(plan.exposures, history, prepared_at=prepared_at)
        recorded = [] if sample is None else self._dose.history(actor, sample.id)
        standing = [entry for entry in [*recorded, *rows] if entry.superseded_by is None]
        past = [entry for entry in standing if plan.at is None or entry.exposure.happened_at <= plan.at]
        legs = [account.leg for account in self._dose.account_for(past, at=plan.at)]
        at = plan.at or _end(planned, legs)
        return Chain(
            sample=sample,
            specimen=self._specimen(sample, plan),
            history=history,
            exposures=past,
            legs=sorted(legs, key=lambda leg: (leg.started_at, leg.exposure_id)),
            coverage=self._coverage(actor, plan, at),
            at=at,
            warnings=warnings,
        )

    def _specimen(self, sample: Sample | None, plan: NewChainPlan) -> Specimen:
        """Return what is known of the sample; what the plan states in its place wins."""
        found = Specimen(str(plan.material)) if sample is None else self._clocks.specimen(sample)
        stated = {name: getattr(plan, name) for name in ("electrolyte", "prepared_at", "capacity_mAh_per_cm2")}
        return replace(found, **{name: value for name, value in stated.items() if value is not None})

    def _coverage(self, actor: Actor, plan: NewChainPlan, at: datetime) -> Coverage:
        """Say whether recorded and planned exposures are all the beam; the past must answer for itself."""
        if not plan.covers_all_beam:
            unknown = Quantity.unknown("s", "the plan does not say how long the beam would be on besides")
            return Coverage(
                is_complete=False,
                uncovered=BEAM_KINDS,
                unaccounted_s=unknown,
                note=f"the plan does not list all beam{BOUND}",
            )
        if plan.sample_id is not None:
            return self._dose.coverage(actor, plan.sample_id, at=at)
        nothing = Quantity(0.0, "s", "assumed", note=_ALL_BEAM)
        return Coverage(is_complete=True, uncovered=(), unaccounted_s=nothing, note=_ALL_BEAM)

    def _clocks_of(self, found: Chain) -> list[Clock]:
        specimen, sample = found.specimen, found.sample
        measured = (
            []
            if sample is None
            else self._titrations.measured_losses(specimen.material, specimen.electrolyte, sample.project_id)
        )
        exposed = beams(found.exposures)
        return list(clocks([*found.history, *exposed], specimen=specimen, at=found.at, measured=measured))

    def _budgets(self, plan: NewChainPlan, found: Chain) -> list[BudgetOut]:
        limits = self._limits()
        drawn = (
            budget(
                found.legs,
                phase=phase,
                limits=limits,
                coverage_is_complete=found.coverage.is_complete,
                criterion=plan.criterion or ONSET,
            )
            for phase in plan.phases
        )
        return [BudgetOut.model_validate(each) for each in drawn]

    def _verdicts(self, plan: NewChainPlan, found: Chain) -> list[VerdictOut]:
        verdicts = (
            evaluate(
                held.protocol,
                specimen=found.specimen,
                history=found.history,
                legs=found.legs,
                coverage=found.coverage,
                at=found.at,
                purpose=plan.purpose,
                technique=plan.technique,
            )
            for held in self._protocols_of(plan, found.specimen)
        )
        return [VerdictOut.of(verdict) for verdict in verdicts]

    def _protocols_of(self, plan: NewChainPlan, specimen: Specimen) -> list[HeldProtocol]:
        if plan.protocol_ids is not None:
            return [self._protocols.get(protocol_id) for protocol_id in plan.protocol_ids]
        return self._protocols.speaking_of(specimen.material, plan.purpose)


def _end(planned: Sequence[Recorded], legs: Sequence[Leg]) -> datetime:
    """Return the end of the plan; now when nothing is planned."""
    ends = [entry.event.ended_at or entry.event.happened_at for entry in planned]
    ends += [leg.ended_at or leg.started_at for leg in legs if _is_planned(leg)]
    return max(ends, default=now())


def _is_planned(leg: Leg) -> bool:
    return leg.exposure_id.startswith("exposures/")


def _beam(leg: Leg) -> PlannedBeamOut:
    names = ("mode", "started_at", "beam_energy", "temperature_K", "rate", "fluence")
    return PlannedBeamOut.model_validate({"id": leg.exposure_id, **{name: getattr(leg, name) for name in names}})
