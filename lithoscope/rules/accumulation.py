"""Fluences of fields, repeated frames and several exposures; unknown stays unknown, energies stay apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, hypot

from lithoscope.rules.legs import FLUENCE_UNIT, Leg, Radiation
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


@dataclass(frozen=True, slots=True)
class BeamSum:
    """
    Fluence of the exposures that may be added: of one radiation, beam energy and kind of ion.

    Parameters
    ----------
    radiation : {"electrons", "photons", "ions"}
        What the beam is made of.
    beam_energy : Quantity
        Accelerating voltage [kV], or photon energy [keV].
    ion_source : str or None
        What ions are made of.
    exposure_ids : tuple of str
        Those that were added, in the order given.
    total, known_part : Quantity
        As in `Accumulated`.
    """

    radiation: Radiation
    beam_energy: Quantity
    ion_source: str | None
    exposure_ids: tuple[str, ...]
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


def accumulate(
    fluences: Sequence[Quantity], *, unit: str, note: str = SAME_PLACE, shared: Sequence[tuple[str, ...]] = ()
) -> Accumulated:
    """
    Add fluences of one beam energy given to the same place.

    Sums are rounded once, at the end: the order of exposures does not show in them.

    Parameters
    ----------
    fluences : sequence of Quantity
        Of each exposure.
    unit : str
        Theirs.
    note : str
        What the sum supposes.
    shared : sequence of tuple of str
        The calibration of each, empty for none. Uncertainties of one calibration are added up, as if all of each came
        from it (an upper estimate); otherwise they are independent.
    """
    known = [fluence for fluence in fluences if fluence.value is not None]
    if not known:
        nothing = Quantity.unknown(unit, "no fluence is known")
        return Accumulated(nothing, nothing)
    part = Quantity(
        fsum(fluence.value or 0.0 for fluence in known),
        unit,
        weakest(*(fluence.source for fluence in known)),
        uncertainty=_spread(fluences, shared or [()] * len(fluences)),
        note=note,
    )
    silent = len(fluences) - len(known)
    if silent:
        return Accumulated(Quantity.unknown(unit, f"{silent} of {len(fluences)} exposures are not known"), part)
    return Accumulated(part, part)


def accumulate_legs(legs: Sequence[Leg], fluences: Sequence[Quantity] | None = None, *, note: str = "") -> Accumulated:
    """Add the fluences of legs of one beam energy, or others in their place; one calibration is one uncertainty."""
    given = [leg.fluence for leg in legs] if fluences is None else fluences
    shared = [leg.reading_ids for leg in legs]
    return accumulate(given, unit=FLUENCE_UNIT[legs[0].radiation], note=note or SAME_PLACE, shared=shared)


def summed_with(leg: Leg) -> tuple[Radiation, float | None, str | None]:
    """Return what only exposures share that may be added; one of unknown beam energy shares it with no other."""
    known = leg.beam_energy.value
    return leg.radiation, known, leg.ion_source if known is not None else leg.exposure_id


def by_beam(legs: Iterable[Leg]) -> list[list[Leg]]:
    """Part legs into those that may be added, in the order given."""
    groups: dict[tuple[Radiation, float | None, str | None], list[Leg]] = {}
    for leg in legs:
        groups.setdefault(summed_with(leg), []).append(leg)
    return [*groups.values()]


def sums_by_beam(legs: Iterable[Leg]) -> list[BeamSum]:
    """Add the fluences of legs, each beam by itself."""
    return [_beam_sum(members) for members in by_beam(legs)]


def _beam_sum(legs: Sequence[Leg]) -> BeamSum:
    sums, first = accumulate_legs(legs), legs[0]
    return BeamSum(
        radiation=first.radiation,
        beam_energy=first.beam_energy,
        ion_source=first.ion_source,
        exposure_ids=tuple(leg.exposure_id for leg in legs),
        total=sums.total,
        known_part=sums.known_part,
    )


def _spread(fluences: Sequence[Quantity], shared: Sequence[tuple[str, ...]]) -> float | None:
    """Return the uncertainty of a sum; None as soon as one known fluence states none."""
    groups: dict[tuple[str, ...], list[float]] = {}
    alone: list[float] = []
    for fluence, calibration in zip(fluences, shared, strict=True):
        if fluence.value is None:
            continue
        if fluence.uncertainty is None:
            return None
        (groups.setdefault(calibration, []) if calibration else alone).append(fluence.uncertainty)
    return hypot(*sorted([*alone, *(fsum(members) for members in groups.values())]))
