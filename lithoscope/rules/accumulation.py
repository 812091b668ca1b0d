"""Fluences of fields, repeated frames and several exposures; unknown stays unknown, energies stay apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, hypot

from lithoscope.rules.propagation import product
from lithoscope.units import Quantity, weakest

LOWER_BOUND = "recorded frames only, a lower bound: search, focus and a beam left on are not in it"
SAME_PLACE = "as if every exposure met the same place"


@dataclass(frozen=True, slots=True)
class Accumulated:
    """
    Fluence of several exposures of one beam energy.

    Parameters
    ----------
    total : Quantity
        Unknown as soon as one exposure is.
    known_part : Quantity
        Sum of those that are known: a lower bound; unknown when none is.
    """

    total: Quantity
    known_part: Quantity


def field_fluence(rate: Quantity, exposure: Quantity, *, unit: str) -> Quantity:
    """
    Return the fluence of one frame of an evenly lit field.

    Parameters
    ----------
    rate : Quantity
        Fluence per second.
    exposure : Quantity
        Time the frame was lit [s].
    unit : str
        Unit of the fluence.
    """
    return product({"rate": (rate, 1), "time": (exposure, 1)}, unit=unit)


def repeated(per_frame: Quantity, frames: int, *, note: str = "") -> Quantity:
    """Return the fluence of equal frames; their uncertainty is shared, so it grows as their number."""
    if per_frame.value is None:
        return per_frame
    uncertainty = None if per_frame.uncertainty is None else per_frame.uncertainty * frames
    return Quantity(per_frame.value * frames, per_frame.unit, per_frame.source, uncertainty=uncertainty, note=note)


def accumulate(fluences: Sequence[Quantity], *, unit: str, note: str = SAME_PLACE) -> Accumulated:
    """
    Add fluences of one beam energy given to the same place; their uncertainties are taken as independent.

    Sums are rounded once, at the end: the order of exposures does not show in them.
    """
    known = [fluence for fluence in fluences if fluence.value is not None]
    if not known:
        nothing = Quantity.unknown(unit, "no fluence is known")
        return Accumulated(nothing, nothing)
    stated = [fluence.uncertainty for fluence in known if fluence.uncertainty is not None]
    part = Quantity(
        fsum(fluence.value or 0.0 for fluence in known),
        unit,
        weakest(*(fluence.source for fluence in known)),
        uncertainty=hypot(*sorted(stated)) if len(stated) == len(known) else None,
        note=note,
    )
    silent = len(fluences) - len(known)
    if silent:
        return Accumulated(Quantity.unknown(unit, f"{silent} of {len(fluences)} exposures are not known"), part)
    return Accumulated(part, part)
