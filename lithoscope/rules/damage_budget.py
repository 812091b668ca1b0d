"""Damage budgets: dose adds only within one beam energy and temperature, damage fractions are taken to add."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from math import fsum, inf, isfinite
from typing import Literal

from lithoscope.rules.bounds import Bounds
from lithoscope.rules.critical_dose import DOUBTS, ONSET, Choice, DoseLimit, Flag, canonical_phase, look_up
from lithoscope.rules.legs import Leg, Mode
from lithoscope.units import Quantity

State = Literal["within", "near", "exceeded", "unknown"]
NEAR_FRACTION = 0.8
NINETY_PERCENT = 1.6449  # standard uncertainties to half a 90 % interval of a normal distribution
NOWHERE = "nobody recorded where it lay"
CROWDED = "too many fields overlap here to follow each (a smaller region has fewer)"
ADDITIVITY = "damage is taken to add: fractions of the critical dose, leg by leg, whatever their order"


@dataclass(frozen=True, slots=True)
class NextBeam:
    """What the beam will do next: the conditions in which seconds are left, and its dose rate [e/(Å² s)]."""

    temperature_K: float | None
    beam_energy_kV: float | None
    mode: Mode
    rate_e_per_A2_s: float


@dataclass(frozen=True, slots=True)
class LegDamage:
    """
    What one leg took of a phase's life.

    Parameters
    ----------
    exposure_id : str
        The leg.
    fraction : Bounds
        Dose over critical dose [1].
    limit_id : str or None
        The row it was judged by.
    flags : tuple of Flag
        What is assumed of that row.
    reason : str
        Why this row, or why the fraction is not known.
    is_placed : bool
        False when nobody said where it lay: it may have missed this place.
    """

    exposure_id: str
    fraction: Bounds
    limit_id: str | None
    flags: tuple[Flag, ...]
    reason: str
    is_placed: bool = True


@dataclass(frozen=True, slots=True)
class Budget:
    """
    What is left of a phase's life in one place.

    Parameters
    ----------
    phase, criterion : str
        What is judged, by which sign of damage.
    state : {"within", "near", "exceeded", "unknown"}
        Unknown is never shown as fine.
    spent, remaining : Bounds
        Damage fraction taken and left [1]; an end that depends on something unknown is None.
    recorded : Bounds
        Damage fraction of the recorded legs alone [1], as if no other beam had met the place.
    seconds_left : Bounds
        At the dose rate asked for [s]; unknown when none was.
    legs : tuple of LegDamage
        What makes up ``spent``, in order of time.
    reasons : tuple of str
        Why the state is what it is.
    next_choice : Choice or None
        The limit that ``seconds_left`` was counted by.
    """

    phase: str
    criterion: str
    state: State
    spent: Bounds
    remaining: Bounds
    recorded: Bounds
    seconds_left: Bounds
    legs: tuple[LegDamage, ...]
    reasons: tuple[str, ...]
    next_choice: Choice | None = None
    assumption: str = ADDITIVITY


def budget(
    legs: Iterable[Leg],
    *,
    phase: str,
    limits: Sequence[DoseLimit],
    coverage_is_complete: bool,
    criterion: str = ONSET,
    next_beam: NextBeam | None = None,
    near_fraction: float = NEAR_FRACTION,
    unplaced: Container[str] = (),
) -> Budget:
    """
    Add up what beams took of a phase's life in one place.

    Parameters
    ----------
    legs : iterable of Leg
        Every stay of a beam there; their order does not matter.
    phase : str
        What is judged.
    limits : sequence of DoseLimit
        Literature and lab.
    coverage_is_complete : bool
        A record answers for all the time the beam may have been on. Without it the sum is a lower bound.
    criterion : str
        Sign of damage.
    next_beam : NextBeam, optional
        What the seconds left are counted for.
    near_fraction : float
        Spent fraction [1] from which a budget is `near` its end.
    unplaced : container of str
        Exposures of which nobody said where they lay: they may have missed this place.
    """
    (found,) = budgets(
        [tuple(legs)],
        phase=phase,
        limits=limits,
        coverage_is_complete=coverage_is_complete,
        criterion=criterion,
        next_beam=next_beam,
        near_fraction=near_fraction,
        unplaced=unplaced,
    )
    return found


def budgets(
    places: Sequence[Sequence[Leg]],
    *,
    phase: str,
    limits: Sequence[DoseLimit],
    coverage_is_complete: bool,
    criterion: str = ONSET,
    next_beam: NextBeam | None = None,
    near_fraction: float = NEAR_FRACTION,
    unplaced: Container[str] = (),
) -> list[Budget]:
    """
    Return the budget of each place, as `budget` does of one.

    Overlapping fields cut a region into many places; what a leg took is the same in all it met, and looked up once.
    """
    met = {id(leg): leg for legs in places for leg in legs}
    taken = {
        name: _damage(leg, phase=phase, limits=limits, criterion=criterion, unplaced=unplaced)
        for name, leg in met.items()
    }
    choice = None if next_beam is None else _next_choice(next_beam, phase=phase, limits=limits, criterion=criterion)
    found = []
    for legs in places:
        ordered = sorted(legs, key=lambda leg: (leg.started_at, leg.exposure_id))
        damage = tuple(taken[id(leg)] for leg in ordered)
        recorded = _total([each.fraction for each in damage])
        spent = recorded if coverage_is_complete else Bounds(recorded.lower, None, None, "1")
        state, reasons = _judge(damage, spent, is_complete=coverage_is_complete, near_fraction=near_fraction)
        left = _remaining(spent)
        found.append(
            Budget(
                phase=canonical_phase(phase),
                criterion=criterion,
                state=state,
                spent=spent,
                remaining=left,
                recorded=recorded,
                seconds_left=Bounds.unknown("s") if choice is None else _product(left, choice.window),
                legs=damage,
                reasons=reasons,
                next_choice=choice,
            )
        )
    return found


def _damage(
    leg: Leg, *, phase: str, limits: Sequence[DoseLimit], criterion: str, unplaced: Container[str]
) -> LegDamage:
    rate = leg.rate.value
    choice = look_up(
        limits,
        phase=phase,
        temperature_K=leg.temperature_K.value,
        beam_energy_kV=leg.beam_energy.value,
        mode=leg.mode,
        rate_e_per_A2_s=rate if rate else None,
        criterion=criterion,
    )
    is_placed = leg.exposure_id not in unplaced
    fraction, reason = _fraction(leg, choice)
    if not is_placed:
        fraction = Bounds(0.0, fraction.best, fraction.upper, "1")
        reason += f"; {CROWDED if leg.is_loose else NOWHERE}, so it may have missed this place"
    limit_id = None if choice.limit is None else choice.limit.id
    return LegDamage(leg.exposure_id, fraction, limit_id, choice.flags, reason, is_placed)


def _fraction(leg: Leg, choice: Choice) -> tuple[Bounds, str]:
    """
    Divide a dose by its limit; the lower end is zero where nothing better is known.

    Some place took at least the mean, and none more than where a probe smaller than the step stood.
    """
    fluence, peak = leg.fluence, leg.local_fluence or leg.fluence
    if fluence.value is None or peak.value is None or not (isfinite(fluence.value) and isfinite(peak.value)):
        note = fluence.note if fluence.value is None else peak.note
        note = note.removeprefix("not known: ")
        return Bounds(0.0, None, None, "1"), "its dose is not known" + (f": {note}" if note else "")
    if choice.limit is None:
        return Bounds(0.0, None, None, "1"), choice.reason
    low, high = interval_of(fluence)[0], max(interval_of(fluence)[1], interval_of(peak)[1])
    dose = choice.limit.dose
    lower = 0.0 if dose.upper is None else low / dose.upper
    best = None if dose.best is None else fluence.value / dose.best
    upper = (0.0 if high == 0 else None) if dose.lower is None else high / dose.lower
    return Bounds(lower, best, upper, "1"), choice.reason


def interval_of(quantity: Quantity) -> tuple[float, float]:
    """Return the 90 % interval of a known quantity that is never negative, or its value twice when none was stated."""
    value = quantity.value or 0.0
    if quantity.interval is not None:
        return max(min(quantity.interval[0], value), 0.0), max(quantity.interval[1], value)
    half = NINETY_PERCENT * (quantity.uncertainty or 0.0)
    return max(value - half, 0.0), value + half


def _total(fractions: Sequence[Bounds]) -> Bounds:
    """Add intervals end by end; whatever is not known leaves the lower end standing alone."""
    lower = fsum(each.lower or 0.0 for each in fractions)
    bests = [each.best for each in fractions if each.best is not None]
    uppers = [each.upper for each in fractions if each.upper is not None]
    best = fsum(bests) if len(bests) == len(fractions) else None
    upper = fsum(uppers) if len(uppers) == len(fractions) else None
    return Bounds(lower, best, upper, "1")


def _judge(
    damage: Sequence[LegDamage], spent: Bounds, *, is_complete: bool, near_fraction: float
) -> tuple[State, tuple[str, ...]]:
    lower = spent.lower or 0.0
    if lower >= 1:
        return "exceeded", ("what is certain of the dose reaches the critical dose",)
    doubts = [f"{each.exposure_id}: {each.reason}" for each in damage if _is_doubtful(each)]
    if not is_complete:
        doubts.append("no record answers for all the time the beam may have been on: the dose is a lower bound")
    if doubts or spent.upper is None:
        return "unknown", tuple(doubts)
    if spent.upper > 1 and any("lower_bound_only" in each.flags for each in damage):
        return "unknown", ("the dose lies beyond the largest one known to be safe; where damage begins is not known",)
    if spent.upper >= 1:
        return "near", ("the critical dose may have been reached: it lies within the interval",)
    if spent.upper >= near_fraction:
        return "near", (f"at least {near_fraction:g} of the critical dose may have been given",)
    return "within", ("every leg has a dose and a limit, and the beam's time is accounted for",)


def _is_doubtful(leg: LegDamage) -> bool:
    return leg.fraction.upper is None or bool(DOUBTS.intersection(leg.flags))


def _remaining(spent: Bounds) -> Bounds:
    lower, best, upper = (
        None if each is None else max(1 - each, 0.0) for each in (spent.upper, spent.best, spent.lower)
    )
    return Bounds(lower, best, upper, "1")


def _next_choice(beam: NextBeam, *, phase: str, limits: Sequence[DoseLimit], criterion: str) -> Choice:
    return look_up(
        limits,
        phase=phase,
        temperature_K=beam.temperature_K,
        beam_energy_kV=beam.beam_energy_kV,
        mode=beam.mode,
        rate_e_per_A2_s=beam.rate_e_per_A2_s,
        criterion=criterion,
    )


def _product(left: Bounds, window: Bounds) -> Bounds:
    """Return the time left: nothing is left where nothing remains, whatever the window."""
    pairs = zip((left.lower, left.best, left.upper), (window.lower, window.best, window.upper), strict=True)
    lower, best, upper = (0.0 if one == 0 else None if one is None or two is None else one * two for one, two in pairs)
    return Bounds(lower, best, upper, "s")


def worst_of(budgets: Sequence[Budget]) -> Budget:
    """Return the budget that speaks for all: exceeded before unknown before near before within, then the most spent."""
    order: dict[State, int] = {"within": 0, "near": 1, "unknown": 2, "exceeded": 3}
    return max(
        budgets,
        key=lambda each: (
            order[each.state],
            inf if each.spent.upper is None else each.spent.upper,
            each.spent.lower or 0.0,
        ),
    )
