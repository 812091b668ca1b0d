"""From a set beam current to the one a screen or Faraday cup measured at that setting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from math import hypot
from typing import Literal

from lithoscope.units import Quantity
from lithoscope.wording import count

ReadingKind = Literal["screen", "faraday"]
NOT_CALIBRATED = "not calibrated"
SAME_ENERGY = 0.01  # relative; headers round the accelerating voltage
SAME_SETTING = 0.01  # relative; settings that differ by less are one setting


@dataclass(frozen=True, slots=True)
class BeamReading:
    """
    One current measured at one setting.

    Parameters
    ----------
    id : str
        Names it in the note of what it calibrated.
    kind : {"screen", "faraday"}
        A cup keeps all electrons; a screen loses those that scatter back.
    beam_energy_kV, set_current_nA, measured_current_nA : float
        Accelerating voltage [kV], the current the instrument was set to and the one measured [nA].
    uncertainty_nA : float or None
        Standard uncertainty of the measured one [nA].
    measured_at : datetime
        When; it holds for later exposures.
    """

    id: str
    kind: ReadingKind
    beam_energy_kV: float
    set_current_nA: float
    measured_current_nA: float
    uncertainty_nA: float | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A current to account with [nA], and the readings it comes from; none when it stays as recorded."""

    current: Quantity
    reading_ids: tuple[str, ...] = ()


def calibrated(current: Quantity, *, energy: Quantity, at: datetime, readings: Sequence[BeamReading]) -> Calibrated:
    """
    Replace a set current by the calibrated one; a measured or unknown current stays as it is.

    The readings of the last date before the exposure that has any at its beam energy hold, those of a Faraday cup
    before those of a screen of the same date. Between two settings of that date the measured current is interpolated
    along a straight line; outside them, or away from the only one, nothing is extrapolated: the set value stays and its
    note says so. A setting is a mark on a dial: it adds uncertainty only if one is stated.

    Parameters
    ----------
    current : Quantity
        As recorded [nA].
    energy : Quantity
        Accelerating voltage of the exposure [kV].
    at : datetime
        When the exposure began.
    readings : sequence of BeamReading
        Of its instrument; those that were corrected left out.

    Returns
    -------
    calibrated : Calibrated
        The current with the source of the setting (never better) and a note naming the readings.
    """
    if current.value is None or current.source == "measured" or not readings:
        return Calibrated(current)
    if energy.value is None:
        return _kept(current, f"{NOT_CALIBRATED}: the beam energy is not known")
    holding = _holding(readings, energy.value, at)
    if not holding:
        return _kept(current, f"{NOT_CALIBRATED}: no reading at this beam energy before the exposure")
    low, high = _around(holding, current.value)
    if low is None or high is None:
        span = f"{holding[0].set_current_nA:g} to {holding[-1].set_current_nA:g} nA"
        names = ", ".join(dict.fromkeys((holding[0].id, holding[-1].id)))
        return _kept(current, f"{NOT_CALIBRATED}: outside the range of {names} ({span})")
    return _between(current, at, low, high)


def _holding(readings: Sequence[BeamReading], energy_kV: float, at: datetime) -> list[BeamReading]:
    """Return the readings that hold, by setting; of several at one setting the last."""
    earlier = [
        reading
        for reading in readings
        if reading.measured_at <= at and abs(reading.beam_energy_kV - energy_kV) <= SAME_ENERGY * energy_kV
    ]
    if not earlier:
        return []
    last: date = max(reading.measured_at for reading in earlier).date()
    of_date = [reading for reading in earlier if reading.measured_at.date() == last]
    best = [reading for reading in of_date if reading.kind == "faraday"] or of_date
    latest = {reading.set_current_nA: reading for reading in sorted(best, key=lambda each: each.measured_at)}
    return [latest[setting] for setting in sorted(latest)]


def _around(holding: Sequence[BeamReading], setting: float) -> tuple[BeamReading | None, BeamReading | None]:
    """Return the readings on both sides of a setting, the same twice when it is at one."""
    for reading in holding:
        if abs(reading.set_current_nA - setting) <= SAME_SETTING * setting:
            return reading, reading
    for low, high in pairwise(holding):
        if low.set_current_nA < setting < high.set_current_nA:
            return low, high
    return None, None


def _between(current: Quantity, at: datetime, low: BeamReading, high: BeamReading) -> Calibrated:
    setting = current.value or 0.0
    if low is high:
        value, slope = (
            low.measured_current_nA * setting / low.set_current_nA,
            low.measured_current_nA / low.set_current_nA,
        )
        spread = None if low.uncertainty_nA is None else low.uncertainty_nA * setting / low.set_current_nA
    else:
        step = high.set_current_nA - low.set_current_nA
        share = (setting - low.set_current_nA) / step
        slope = (high.measured_current_nA - low.measured_current_nA) / step
        value = low.measured_current_nA + slope * (setting - low.set_current_nA)
        spread = (
            None
            if low.uncertainty_nA is None or high.uncertainty_nA is None
            else hypot((1 - share) * low.uncertainty_nA, share * high.uncertainty_nA)
        )
    uncertainty = None if spread is None else hypot(spread, abs(slope) * (current.uncertainty or 0.0))
    ids = tuple(dict.fromkeys((low.id, high.id)))
    age = count((at - low.measured_at).days, "day")
    said = f"calibrated by {' and '.join(ids)} ({low.kind}, {low.measured_at.date().isoformat()}, {age} before)"
    note = f"{current.note}; {said}" if current.note else said
    return Calibrated(Quantity(value, current.unit, current.source, uncertainty=uncertainty, note=note), ids)


def _kept(current: Quantity, why: str) -> Calibrated:
    note = f"{current.note}; {why}" if current.note else why
    return Calibrated(replace(current, note=note))
