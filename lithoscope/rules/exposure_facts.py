"""Facts of one exposure, among them the dose its place had taken by then."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import inf
from typing import Protocol

from shapely import Polygon as Area

from lithoscope.rules.custody import Happening
from lithoscope.rules.facts import UNKNOWN, Fact, between, number, text
from lithoscope.rules.legs import Leg, Polygon, Radiation
from lithoscope.units import Quantity

SLIVER = 1e-6  # of the smaller field: fields that only touch overlap by rounding


class Beams(Protocol):
    """What an exposure must know of the record it stands in."""

    @property
    def history(self) -> tuple[Happening, ...]:
        """Return the events, oldest first."""

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Return the exposures, oldest first."""

    @property
    def is_beam_accounted(self) -> bool:
        """Say whether somebody answers for the beam beside the exposures."""


def exposure_fact(name: str, leg: Leg, record: Beams) -> Fact:
    """Return a fact of one exposure."""
    if name in {"mode", "purpose"}:
        return text(getattr(leg, name))
    if name == "hours_after_milling":
        return _hours_after_milling(leg, record.history)
    if name == "accumulated_dose_e_per_A2":
        return _accumulated(leg, record)
    return _OF_LEG[name](leg)


def _of(radiations: Sequence[Radiation], field: str) -> Callable[[Leg], Fact]:
    """Return what reads a quantity of exposures to some radiation; of any other it is unknown."""

    def read(leg: Leg) -> Fact:
        if leg.radiation not in radiations:
            return UNKNOWN
        quantity: Quantity = getattr(leg, field)
        if quantity.value is not None and field == "fluence" and leg.is_running:
            return between(quantity.value, inf)
        return number(quantity.value, uncertainty=quantity.uncertainty)

    return read


_OF_LEG: dict[str, Callable[[Leg], Fact]] = {
    "beam_energy_kV": _of(("electrons", "ions"), "beam_energy"),
    "photon_energy_keV": _of(("photons",), "beam_energy"),
    "temperature_K": _of(("electrons", "photons", "ions"), "temperature_K"),
    "dose_e_per_A2": _of(("electrons",), "fluence"),
    "dose_rate_e_per_A2_s": _of(("electrons",), "rate"),
    "fluence_photons_per_um2": _of(("photons",), "fluence"),
    "fluence_ions_per_nm2": _of(("ions",), "fluence"),
}


def _hours_after_milling(leg: Leg, history: Sequence[Happening]) -> Fact:
    """Return the hours since the last milling ended; one without recorded end ended after it began."""
    before = [event for event in history if event.type == "fib_milling" and event.occurred_at <= leg.started_at]
    if not before:
        return UNKNOWN
    milling = before[-1]
    most = (leg.started_at - milling.occurred_at).total_seconds() / 3600
    if milling.ended_at is None:
        return between(0.0, most, milling.id)
    hours = max(0.0, (leg.started_at - milling.ended_at).total_seconds() / 3600)
    return between(hours, hours, milling.id)


def _accumulated(leg: Leg, record: Beams) -> Fact:
    """
    Return what the place of an exposure took at its beam energy, as bounds.

    Exposures of another beam energy are not summed: met by one that may lie on the same place, the dose has no upper
    bound. An exposure that does not say where it lay may have met the place, and may not.
    """
    own = _OF_LEG["dose_e_per_A2"](leg)
    lower, upper, ids, doubts = max(0.0, own.lower), own.upper, [], [own.uncertainty]
    for other in record.legs:
        if other is leg or other.radiation != "electrons" or other.started_at > leg.started_at:
            continue
        meets = _meets(leg, other)
        if meets is False:
            continue
        ids.append(other.exposure_id)
        dose, is_same = _OF_LEG["dose_e_per_A2"](other), _is_same_energy(leg, other)
        if meets and is_same:
            lower += max(0.0, dose.lower)
            doubts.append(dose.uncertainty)
        upper += dose.upper if is_same else inf
    known = [each for each in doubts if each is not None]
    # added up as they are, not in squares: exposures share the calibration of their current
    uncertainty = sum(known) if len(known) == len(doubts) else None
    return between(lower, upper if record.is_beam_accounted else inf, *ids, uncertainty=uncertainty)


def _meets(one: Leg, other: Leg) -> bool | None:
    """Say whether two exposures share a place; None when one does not say where it lay."""
    if one.field_um is None or other.field_um is None:
        return None
    first, second = _area(one.field_um), _area(other.field_um)
    if not _may_touch(first.bounds, second.bounds):
        return False
    return bool(first.intersection(second).area > SLIVER * min(first.area, second.area))


@lru_cache(maxsize=10_000)  # every exposure is held against all earlier ones
def _area(polygon: Polygon) -> Area:
    return Area(polygon)


def _may_touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Say whether two boxes (left, bottom, right, top) meet: most fields of a sample lie apart."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_same_energy(one: Leg, other: Leg) -> bool:
    energies = one.beam_energy.value, other.beam_energy.value
    return energies[0] is not None and energies[0] == energies[1]
