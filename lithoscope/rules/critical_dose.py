"""Critical doses: which limit holds for a phase under given conditions, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lithoscope.errors import ScienceError
from lithoscope.rules.bounds import Bounds
from lithoscope.rules.dose_limits import ONSET, DoseLimit, canonical_phase, literature_limits, phase_note
from lithoscope.rules.legs import Mode

__all__ = ["ONSET", "Choice", "DoseLimit", "Flag", "PassedOver", "canonical_phase", "literature_limits", "look_up"]

SAME_ENERGY = 0.01  # relative; headers round the accelerating voltage
SAME_TEMPERATURE_K = 1e-6  # of a number that came by way of degrees Celsius
ROOM_TEMPERATURE_FROM_K = 273.15

Flag = Literal[
    "other_rate", "rate_unknown", "other_energy", "other_mode", "upper_bound_only", "lower_bound_only", "rows_disagree"
]
NO_WINDOW = Bounds(None, None, None, "s")
#: With one of these a limit may show that too much was given, never that it was not.
DOUBTS: frozenset[Flag] = frozenset({"rate_unknown", "other_mode"})


class ImpossibleConditions(ScienceError):
    """Conditions no microscope works at."""

    code = "impossible-conditions"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row for the phase that was not chosen, and why."""

    limit: DoseLimit
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """
    The limit for some conditions.

    Parameters
    ----------
    phase, criterion : str
        What was asked for.
    limit : DoseLimit or None
        The row that holds; None when there is none, which ``reason`` explains.
    reason : str
        Why this row, or why none.
    flags : tuple of Flag
        What is assumed of it.
    window : Bounds
        Time to the critical dose at the rate asked for [s].
    passed_over : tuple of PassedOver
        The phase's other rows, those of other criteria included.
    """

    phase: str
    criterion: str
    limit: DoseLimit | None
    reason: str
    flags: tuple[Flag, ...] = ()
    window: Bounds = NO_WINDOW
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    temperature_K: float
    beam_energy_kV: float
    mode: Mode
    rate: float | None


def look_up(
    limits: Iterable[DoseLimit],
    *,
    phase: str,
    temperature_K: float | None,
    beam_energy_kV: float | None,
    mode: Mode = "tem_field",
    rate_e_per_A2_s: float | None = None,
    criterion: str = ONSET,
) -> Choice:
    """
    Choose the limit that holds for a phase under some conditions.

    Nothing is interpolated between temperatures; below room temperature a row holds at its own beam energy only, and at
    room temperature where its source says so. Rows of another criterion are never taken. A row measured with the mode
    asked for comes before one of another mode, then the lab's own before the literature's, then one measured at this
    energy, then one measured at this rate; among equals the one with the smaller dose.

    Parameters
    ----------
    limits : iterable of DoseLimit
        Literature and lab together; their order does not matter.
    phase : str
        As people write it, see `canonical_phase`.
    temperature_K, beam_energy_kV : float or None
        Of sample [K] and beam [kV]; None when not recorded, which leaves the limit unknown.
    mode : str
        How the beam meets the sample.
    rate_e_per_A2_s : float, optional
        Dose rate [e/(Å² s)]; the critical dose is taken to be the same at another rate, and flagged.
    criterion : str
        Sign of damage.

    Raises
    ------
    ImpossibleConditions
        A temperature below absolute zero, or a beam energy or rate not above zero.
    """
    _check(temperature_K, beam_energy_kV, rate_e_per_A2_s)
    phase = canonical_phase(phase)
    rows = sorted((row for row in limits if canonical_phase(row.phase) == phase), key=lambda row: row.id)
    alike = [row for row in rows if row.criterion == criterion]
    others = tuple(PassedOver(row, f"another criterion: {row.criterion}") for row in rows if row.criterion != criterion)
    nothing = Choice(phase, criterion, None, "", passed_over=others)
    if mode not in {"tem_field", "stem_raster"}:
        return replace(nothing, reason=f"no limit is on record for a beam of mode {mode}")
    if temperature_K is None or beam_energy_kV is None:
        missing = [
            name for name, value in (("temperature", temperature_K), ("beam energy", beam_energy_kV)) if value is None
        ]
        return replace(nothing, reason=f"not recorded: {' and '.join(missing)}")
    if not alike:
        return replace(nothing, reason=_no_row(phase, criterion, rows))
    asked = _Asked(temperature_K, beam_energy_kV, mode, rate_e_per_A2_s)
    return _choose(asked, alike, nothing)


def _check(temperature_K: float | None, beam_energy_kV: float | None, rate: float | None) -> None:
    if temperature_K is not None and not 0 <= temperature_K < float("inf"):
        raise ImpossibleConditions("the temperature lies below absolute zero: check its unit")
    if any(value is not None and not 0 < value < float("inf") for value in (beam_energy_kV, rate)):
        raise ImpossibleConditions("beam energy and dose rate are above zero: leave out what is not known")


def _no_row(phase: str, criterion: str, rows: Sequence[DoseLimit]) -> str:
    if rows:
        measured = ", ".join(sorted({row.criterion for row in rows}))
        return f"{phase} has no limit by {criterion}, only by {measured}: limits of different criteria are never mixed"
    note = phase_note(phase)
    return f"no limit of {phase} is on record" + (f": {note}" if note else "")


def _choose(asked: _Asked, alike: Sequence[DoseLimit], nothing: Choice) -> Choice:
    refusals = {row.id: _refusal(row, asked) for row in alike}
    out = tuple(PassedOver(row, refusals[row.id] or "") for row in alike if refusals[row.id])
    fitting = sorted((row for row in alike if refusals[row.id] is None), key=lambda row: _rank(row, asked))
    if not fitting:
        reason = "; ".join(f"{each.limit.id}: {each.reason}" for each in out)
        return replace(nothing, reason=f"no limit holds: {reason}", passed_over=out + nothing.passed_over)
    chosen, beaten = fitting[0], fitting[1:]
    beaten_out = tuple(PassedOver(row, _why_beaten(row, chosen, asked)) for row in beaten)
    flags = _flags(chosen, beaten, asked)
    window = Bounds.unknown("s") if asked.rate is None else chosen.dose.scaled(1 / asked.rate, "s")
    return Choice(
        nothing.phase,
        nothing.criterion,
        chosen,
        _reason(chosen, flags),
        flags,
        window,
        beaten_out + out + nothing.passed_over,
    )


def _refusal(row: DoseLimit, asked: _Asked) -> str | None:
    """Say why a row does not hold; None when it does."""
    low, high = row.temperature_K
    if not low - SAME_TEMPERATURE_K <= asked.temperature_K <= high + SAME_TEMPERATURE_K:
        return f"measured at {low:g} to {high:g} K, and nothing is interpolated between temperatures"
    if _is_energy(row.beam_energy_kV, asked.beam_energy_kV):
        return None
    if row.carries_over_kV is None:
        return f"measured at {row.beam_energy_kV:g} kV, and nothing says that it holds at another beam energy there"
    low, high = row.carries_over_kV
    if not low * (1 - SAME_ENERGY) <= asked.beam_energy_kV <= high * (1 + SAME_ENERGY):
        return f"holds from {low:g} to {high:g} kV"
    if row.temperature_K[0] < ROOM_TEMPERATURE_FROM_K:
        return f"measured at {row.beam_energy_kV:g} kV; only at room temperature does a limit hold at another energy"
    return None


def _is_energy(measured_kV: float, asked_kV: float) -> bool:
    return abs(asked_kV - measured_kV) <= SAME_ENERGY * measured_kV


def _is_rate(row: DoseLimit, rate: float | None) -> bool:
    if rate is None or row.rate_e_per_A2_s is None:
        return False
    low, high = row.rate_e_per_A2_s
    return low * (1 - 1e-9) <= rate <= high * (1 + 1e-9)


def _rank(row: DoseLimit, asked: _Asked) -> tuple[bool, bool, bool, bool, float, str]:
    known = [value for value in (row.dose.lower, row.dose.best, row.dose.upper) if value is not None]
    return (
        row.mode != asked.mode,
        row.kind != "lab",
        not _is_energy(row.beam_energy_kV, asked.beam_energy_kV),
        not _is_rate(row, asked.rate),
        min(known, default=0.0),
        row.id,
    )


def _why_beaten(row: DoseLimit, chosen: DoseLimit, asked: _Asked) -> str:
    mine, theirs = _rank(row, asked), _rank(chosen, asked)
    words = (
        "measured with another mode of the beam",
        "the lab's own measurement comes first",
        "measured at another beam energy",
        "measured at another dose rate",
        "the smaller dose is taken",
        "the same by every rule; taken by name",
    )
    return next(word for word, one, other in zip(words, mine, theirs, strict=True) if one != other)


def _flags(chosen: DoseLimit, beaten: Sequence[DoseLimit], asked: _Asked) -> tuple[Flag, ...]:
    dose = chosen.dose
    held: tuple[tuple[Flag, bool], ...] = (
        ("other_mode", chosen.mode != asked.mode),
        ("other_energy", not _is_energy(chosen.beam_energy_kV, asked.beam_energy_kV)),
        ("rate_unknown", asked.rate is None),
        ("other_rate", asked.rate is not None and not _is_rate(chosen, asked.rate)),
        ("upper_bound_only", dose.lower is None and dose.best is None),
        ("lower_bound_only", dose.upper is None and dose.best is None),
        ("rows_disagree", any(_are_apart(dose, row.dose) for row in beaten if row.mode == chosen.mode)),
    )
    return tuple(flag for flag, holds in held if holds)


def _are_apart(one: Bounds, other: Bounds) -> bool:
    """Say whether two intervals certainly have nothing in common."""
    ends = [(each.lower or 0.0, float("inf") if each.upper is None else each.upper) for each in (one, other)]
    return max(low for low, _ in ends) > min(high for _, high in ends)


_WORDS: dict[Flag, str] = {
    "other_mode": "measured with another mode of the beam, so it shows an excess at most",
    "rate_unknown": "the dose rate is not known; the critical dose is taken to be the same at any",
    "other_rate": "scaled by dose from the rate it was measured at; the critical dose is taken to be the same",
    "upper_bound_only": "only an upper bound is known: nothing is known to be safe",
    "lower_bound_only": "only a lower bound is known: damage begins somewhere beyond",
    "rows_disagree": "another row for these conditions lies apart from it",
}


def _reason(chosen: DoseLimit, flags: Sequence[Flag]) -> str:
    low, high = chosen.temperature_K
    whose = "the lab's own row" if chosen.kind == "lab" else "a literature row, no lab row fits as well"
    words = [f"{whose}: {chosen.beam_energy_kV:g} kV, {low:g} to {high:g} K, {chosen.mode}"]
    words += [chosen.carries_over_words if flag == "other_energy" else _WORDS[flag] for flag in flags]
    return "; ".join(words)
