"""Fluence of X-rays on a field."""

from collections.abc import Mapping

from lithoscope.rules.propagation import product
from lithoscope.units import Quantity

FLUENCE_UNIT = "photons/um^2"
RATE_UNIT = "photons/(um^2 s)"


def photon_fluence(conditions: Mapping[str, Quantity]) -> Quantity:
    """
    Return the fluence of one frame [photons/µm²]: as stated, else flux over area times time.

    Parameters
    ----------
    conditions : mapping of name to Quantity
        ``fluence_photons_per_um2``, or ``flux_photons_per_s`` on the field, ``beam_area_um2`` and ``exposure_s``.
    """
    stated = conditions["fluence_photons_per_um2"]
    if stated.value is not None:
        return stated
    factors = {
        "flux_photons_per_s": (conditions["flux_photons_per_s"], 1),
        "beam_area_um2": (conditions["beam_area_um2"], -1),
        "exposure_s": (conditions["exposure_s"], 1),
    }
    found = product(factors, unit=FLUENCE_UNIT, note="flux over the lit area times the time")
    if found.value is None:
        return Quantity.unknown(FLUENCE_UNIT, f"no fluence_photons_per_um2; {found.note}")
    return found


def photon_rate(conditions: Mapping[str, Quantity]) -> Quantity:
    """Return the fluence per second while a frame is taken [photons/(µm² s)]."""
    factors = {"fluence": (photon_fluence(conditions), 1), "exposure_s": (conditions["exposure_s"], -1)}
    return product(factors, unit=RATE_UNIT, note="fluence of a frame over its time")
