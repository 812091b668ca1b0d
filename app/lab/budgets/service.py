"""What beams left of phases in regions, and what planned ones would; nobody commits here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.infra.clock import now
from app.infra.db.models import Region
from app.lab.access import Actor
from app.lab.budgets.schemas import NewDosePlan
from app.lab.dose.service import DoseService, Ledger
from app.lab.limits.service import LimitService, check_criterion
from app.lab.regions.service import RegionBeam, RegionService
from lithoscope.rules.beam_coverage import Coverage
from lithoscope.rules.critical_dose import ONSET, DoseLimit
from lithoscope.rules.damage_budget import Budget, NextBeam, budgets, worst_of
from lithoscope.rules.dose_planner import Plan, PlannedBeam, plan
from lithoscope.rules.legs import Leg, Mode
from lithoscope.rules.regions import Cell
from lithoscope.units import Quantity


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What a budget is asked for.

    Parameters
    ----------
    phase, criterion : str
        What is judged, by which sign of damage.
    rate_e_per_A2_s : float or None
        Rate the seconds left are counted at; that of the running exposure when None.
    temperature_K, beam_energy_kV, mode
        Conditions they are counted in; those of the running or latest electron exposure where None.
    """

    phase: str
    criterion: str = ONSET
    rate_e_per_A2_s: float | None = None
    temperature_K: float | None = None
    beam_energy_kV: float | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class RegionBudget:
    """
    The budget of a region for one phase: that of its worst cell.

    Parameters
    ----------
    region, at : Region, datetime
        Whose, and until when.
    worst : Budget
        Of the cell in the worst state; with the most spent among equals.
    cells : tuple of (Cell, Budget)
        Largest first.
    coverage : Coverage
        Whether the recorded exposures are all the beam there was.
    running : tuple of str
        Exposures on the region that still run.
    """

    region: Region
    at: datetime
    worst: Budget
    cells: tuple[tuple[Cell, Budget], ...]
    coverage: Coverage
    running: tuple[str, ...]


class BudgetService:
    """Judges regions at their worst place."""

    def __init__(self, regions: RegionService, dose: DoseService, limits: LimitService) -> None:
        self._regions = regions
        self._dose = dose
        self._limits = limits

    def of_region(self, actor: Actor, region_id: str, wanted: Wanted, *, at: datetime | None = None) -> RegionBudget:
        """Return the budget of a region for a phase until a moment, now when left out."""
        check_criterion(wanted.criterion, "/query/criterion")
        moment = at or now()
        beam = self._regions.beam(actor, region_id, at=moment)
        return _judged(beam, wanted, at=moment, limits=self._limits.standing())

    def of_watched(self, actor: Actor, region_id: str, *, at: datetime | None = None) -> list[RegionBudget]:
        """Return the budgets of a region for every phase it is watched for."""
        moment = at or now()
        region = self._regions.get(actor, region_id)
        if not region.phases:
            return []
        beam = self._regions.beam(actor, region_id, at=moment)
        limits = self._limits.standing()
        return [_judged(beam, Wanted(phase), at=moment, limits=limits) for phase in region.phases]

    def of_sample(
        self, actor: Actor, sample_id: str, *, at: datetime | None = None, ledger: Ledger | None = None
    ) -> list[RegionBudget]:
        """Return the budgets of all regions of a sample, for every phase watched; from a ledger read at the moment."""
        moment = at or now()
        beams = self._regions.watched(actor, sample_id, at=moment, ledger=ledger)
        limits = self._limits.standing() if beams else ()
        return [
            _judged(beam, Wanted(phase), at=moment, limits=limits) for beam in beams for phase in beam.region.phases
        ]

    def plan(self, actor: Actor, new: NewDosePlan) -> Plan:
        """Say what a planned exposure would do, on a fresh place or on a region as it is; nothing is stored."""
        check_criterion(new.criterion, "/body/criterion")
        limits = self._limits.standing()
        if new.region_id is None:
            return _planned(new, limits=limits)
        beam = self._regions.beam(actor, new.region_id, at=now())
        plans = [
            _planned(new, limits=limits, legs=legs, is_complete=beam.coverage.is_complete, of_region=True)
            for _, legs in beam.shares
        ]
        worst = worst_of([each.after for each in plans])
        return next(each for each in plans if each.after is worst)


def _judged(beam: RegionBeam, wanted: Wanted, *, at: datetime, limits: Sequence[DoseLimit]) -> RegionBudget:
    legs = list({leg.exposure_id: leg for _, members in beam.shares for leg in members}.values())
    found = budgets(
        [members for _, members in beam.shares],
        phase=wanted.phase,
        limits=limits,
        coverage_is_complete=beam.coverage.is_complete,
        criterion=wanted.criterion,
        next_beam=_next_beam(wanted, legs),
        unplaced=unplaced(legs),
    )
    cells = tuple((cell, each) for (cell, _), each in zip(beam.shares, found, strict=True))
    running = tuple(sorted(leg.exposure_id for leg in legs if leg.is_running))
    return RegionBudget(beam.region, at, worst_of(found), cells, beam.coverage, running)


def unplaced(legs: Sequence[Leg]) -> frozenset[str]:
    """Name the exposures of which nobody said where they lay."""
    return frozenset(leg.exposure_id for leg in legs if leg.field_um is None)


def _planned(
    new: NewDosePlan,
    *,
    limits: Sequence[DoseLimit],
    legs: Sequence[Leg] = (),
    is_complete: bool = True,
    of_region: bool = False,
) -> Plan:
    beam = PlannedBeam(
        new.beam_current_nA,
        new.dwell_s,
        new.step_nm,
        beam_diameter_nm=new.beam_diameter_nm,
        frames=new.frames,
        frame_pixels=None if new.frame_pixels is None else (new.frame_pixels[0], new.frame_pixels[1]),
    )
    return plan(
        beam,
        phase=new.phase,
        temperature_K=new.temperature_K,
        beam_energy_kV=new.beam_energy_kV,
        limits=limits,
        criterion=new.criterion,
        legs=legs,
        coverage_is_complete=is_complete,
        unplaced=unplaced(legs) if of_region else (),
    )


def _next_beam(wanted: Wanted, legs: Sequence[Leg]) -> NextBeam | None:
    """Return what seconds are counted for: as asked, else as the running exposure, else as the latest of electrons."""
    electrons = sorted(
        (leg for leg in legs if leg.radiation == "electrons"), key=lambda leg: (leg.is_running, leg.started_at)
    )
    last = electrons[-1] if electrons else None
    rate = wanted.rate_e_per_A2_s
    if rate is None and last is not None and last.is_running:
        rate = last.rate.value
    if not rate:
        return None
    return NextBeam(
        temperature_K=_asked(wanted.temperature_K, None if last is None else last.temperature_K),
        beam_energy_kV=_asked(wanted.beam_energy_kV, None if last is None else last.beam_energy),
        mode=wanted.mode or ("tem_field" if last is None else last.mode),
        rate_e_per_A2_s=rate,
    )


def _asked(stated: float | None, recorded: Quantity | None) -> float | None:
    if stated is not None or recorded is None:
        return stated
    return recorded.value
