"""Planning an exposure: its dose, what it takes of a phase's life, and how far one may go."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor, isfinite, pi
from typing import Literal

from lithoscope.errors import ScienceError
from lithoscope.rules.bounds import Bounds
from lithoscope.rules.critical_dose import ONSET, Choice, DoseLimit, look_up
from lithoscope.rules.damage_budget import NEAR_FRACTION, Budget, budget
from lithoscope.rules.dose import A2_PER_NM2, ELECTRONS_PER_NA_S, raster_dose
from lithoscope.rules.dose_limits import low_dose
from lithoscope.rules.legs import Leg
from lithoscope.units import Quantity
from lithoscope.wording import count

AFTER_EVERYTHING = datetime(9999, 12, 31, tzinfo=UTC)
PLANNED = "planned"
ROUNDING = 1e-9  # relative; a limit met exactly is not missed by the arithmetic of doubles


class ImpossiblePlan(ScienceError):
    """An exposure no microscope can give."""

    code = "impossible-plan"


@dataclass(frozen=True, slots=True)
class PlannedBeam:
    """
    A beam one means to put on a sample.

    Parameters
    ----------
    beam_current_nA : float
        Current on the sample [nA].
    dwell_s : float
        Stay of the probe at each place, or time of one frame of a lit field [s].
    step_nm, beam_diameter_nm : float or None
        Distance of places of a raster, or diameter of a lit disc [nm]: one of the two.
    frames : int
        How many.
    frame_pixels : (int, int) or None
        Places of one frame along x and y; without them a raster's dose rate is not known.

    Raises
    ------
    ImpossiblePlan
        A number is not above zero, or not exactly one of step and diameter is given.
    """

    beam_current_nA: float
    dwell_s: float
    step_nm: float | None = None
    beam_diameter_nm: float | None = None
    frames: int = 1
    frame_pixels: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if (self.step_nm is None) == (self.beam_diameter_nm is None):
            raise ImpossiblePlan("give step_nm for a scanned beam, or beam_diameter_nm for a lit field, and not both")
        numbers = (self.beam_current_nA, self.dwell_s, self.step_nm, self.beam_diameter_nm, self.frames)
        pixels = self.frame_pixels or ()
        if any(number is not None and not (number > 0 and isfinite(number)) for number in (*numbers, *pixels)):
            raise ImpossiblePlan("current, dwell, step, diameter, frames and pixels are above zero")

    @property
    def mode(self) -> Literal["stem_raster", "tem_field"]:
        """Return how the beam meets the sample."""
        return "tem_field" if self.step_nm is None else "stem_raster"

    @property
    def dose_per_frame_e_per_A2(self) -> float:
        """Return the fluence of one frame [e/Å²]."""
        if self.step_nm is not None:
            dose = raster_dose(beam_current_nA=self.beam_current_nA, dwell_s=self.dwell_s, step_nm=self.step_nm)
            return dose.per_frame_e_per_A2
        return self._field_rate * self.dwell_s

    @property
    def _field_rate(self) -> float:
        area_A2 = pi / 4 * (self.beam_diameter_nm or 0.0) ** 2 * A2_PER_NM2
        return self.beam_current_nA * ELECTRONS_PER_NA_S / area_A2

    @property
    def rate(self) -> Quantity:
        """Return the fluence per second while a frame is taken [e/(Å² s)]."""
        if self.step_nm is None:
            return Quantity(self._field_rate, "e/(A^2 s)", "user", note="current over the area of the beam")
        if self.frame_pixels is None:
            return Quantity.unknown("e/(A^2 s)", "frame_pixels not given, so the time of a frame is not known")
        frame_s = self.dwell_s * self.frame_pixels[0] * self.frame_pixels[1]
        return Quantity(self.dose_per_frame_e_per_A2 / frame_s, "e/(A^2 s)", "user", note="mean over the frame")


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a planned exposure would do.

    Parameters
    ----------
    dose_per_frame, dose, rate : Quantity
        Fluence of a frame and of all [e/Å²]; fluence per second while a frame is taken [e/(Å² s)].
    choice : Choice
        The limit it is held against, with the reason.
    fraction : Bounds
        What it takes of the phase's life [1].
    before, after : Budget
        Of the place, without and with it.
    largest_dwell_s, largest_beam_current_nA, largest_frames : Bounds
        The largest with everything else as planned. ``lower`` is the largest that is safe; beyond ``upper`` the limit
        is exceeded for certain; an end is None where it cannot be known.
    flags : tuple of str
        `not_low_dose` and `above_search_rate` beside those of the choice.
    """

    dose_per_frame: Quantity
    dose: Quantity
    rate: Quantity
    choice: Choice
    fraction: Bounds
    before: Budget
    after: Budget
    largest_dwell_s: Bounds
    largest_beam_current_nA: Bounds
    largest_frames: Bounds
    flags: tuple[str, ...]


def plan(
    beam: PlannedBeam,
    *,
    phase: str,
    temperature_K: float,
    beam_energy_kV: float,
    limits: Sequence[DoseLimit],
    criterion: str = ONSET,
    near_fraction: float = NEAR_FRACTION,
    legs: Iterable[Leg] = (),
    coverage_is_complete: bool = True,
    unplaced: Container[str] = (),
) -> Plan:
    """
    Say what a planned exposure would do to a phase, after what the place has had.

    Parameters
    ----------
    beam : PlannedBeam
        The beam.
    phase, temperature_K, beam_energy_kV, criterion : str, float [K], float [kV], str
        What it would meet, as `look_up` takes them.
    limits : sequence of DoseLimit
        Literature and lab.
    near_fraction : float
        Spent fraction [1] from which a budget is near its end.
    legs, coverage_is_complete : iterable of Leg, bool
        What the place has had, and whether that is all; nothing when left out.
    unplaced : container of str
        Exposures of ``legs`` that may have missed the place, see `budget`.
    """
    limits, past = tuple(limits), tuple(legs)
    leg = _leg(beam, temperature_K=temperature_K, beam_energy_kV=beam_energy_kV)
    before, after = (
        budget(
            members,
            phase=phase,
            limits=limits,
            coverage_is_complete=coverage_is_complete,
            criterion=criterion,
            near_fraction=near_fraction,
            unplaced=unplaced,
        )
        for members in (past, (*past, leg))
    )
    choice = look_up(
        limits,
        phase=phase,
        temperature_K=temperature_K,
        beam_energy_kV=beam_energy_kV,
        mode=beam.mode,
        rate_e_per_A2_s=beam.rate.value,
        criterion=criterion,
    )
    own = next(each for each in after.legs if each.exposure_id == PLANNED)
    times = _headroom(before.remaining, choice, leg.fluence.value or 0.0)
    return Plan(
        dose_per_frame=Quantity(beam.dose_per_frame_e_per_A2, "e/A^2", "user", note="as planned"),
        dose=leg.fluence,
        rate=leg.rate,
        choice=choice,
        fraction=own.fraction,
        before=before,
        after=after,
        largest_dwell_s=times.scaled(beam.dwell_s, "s"),
        largest_beam_current_nA=times.scaled(beam.beam_current_nA, "nA"),
        largest_frames=_whole(times.scaled(beam.frames, "1")),
        flags=(*choice.flags, *_rate_flags(leg.rate.value)),
    )


def _leg(beam: PlannedBeam, *, temperature_K: float, beam_energy_kV: float) -> Leg:
    return Leg(
        exposure_id=PLANNED,
        mode=beam.mode,
        purpose="acquisition",
        started_at=AFTER_EVERYTHING,
        ended_at=None,
        beam_energy=Quantity(beam_energy_kV, "kV", "user"),
        temperature_K=Quantity(temperature_K, "K", "user"),
        fluence=Quantity(beam.dose_per_frame_e_per_A2 * beam.frames, "e/A^2", "user", note=count(beam.frames, "frame")),
        rate=beam.rate,
    )


def _headroom(remaining: Bounds, choice: Choice, dose: float) -> Bounds:
    """Return how many times the planned dose the place can take."""
    if choice.limit is None:
        return Bounds(0.0 if remaining.upper == 0 else None, None, 0.0 if remaining.upper == 0 else None, "1")
    limit = choice.limit.dose
    pairs = ((remaining.lower, limit.lower), (remaining.best, limit.best), (remaining.upper, limit.upper))
    lower, best, upper = (
        0.0 if left == 0 else None if left is None or whole is None else left * whole / dose for left, whole in pairs
    )
    return Bounds(lower, best, upper, "1")


def _whole(frames: Bounds) -> Bounds:
    lower, best, upper = (
        None if each is None else float(floor(each * (1 + ROUNDING)))
        for each in (frames.lower, frames.best, frames.upper)
    )
    return Bounds(lower, best, upper, "1")


def _rate_flags(rate: float | None) -> tuple[str, ...]:
    if rate is None:
        return ()
    edges = low_dose()
    held = (
        ("not_low_dose", rate >= edges.low_dose_below_e_per_A2_s),
        ("above_search_rate", rate >= edges.search_below_e_per_A2_s),
    )
    return tuple(flag for flag, holds in held if holds)
