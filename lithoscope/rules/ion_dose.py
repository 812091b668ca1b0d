"""Fluence of an ion beam on the area it scans."""

from collections.abc import Mapping

from lithoscope.rules.dose import ELECTRONS_PER_NA_S
from lithoscope.rules.propagation import product
from lithoscope.units import Quantity

FLUENCE_UNIT = "ions/nm^2"
RATE_UNIT = "ions/(nm^2 s)"
NM2_PER_UM2 = 1e6
SINGLY_CHARGED = "mean over the scanned area, ions taken as singly charged"


def ion_rate(conditions: Mapping[str, Quantity]) -> Quantity:
    """
    Return the ions that reach an area per second [ions/(nm² s)].

    Parameters
    ----------
    conditions : mapping of name to Quantity
        ``ion_current_nA`` and ``beam_area_um2``, the area scanned. Columns deliver singly charged ions; those that come
        doubly charged count as two.
    """
    factors = {"ion_current_nA": (conditions["ion_current_nA"], 1), "beam_area_um2": (conditions["beam_area_um2"], -1)}
    return product(factors, scale=ELECTRONS_PER_NA_S / NM2_PER_UM2, unit=RATE_UNIT, note=SINGLY_CHARGED)


def ion_fluence(conditions: Mapping[str, Quantity]) -> Quantity:
    """Return the fluence of one pass of ``exposure_s`` [ions/nm²]."""
    factors = {
        "ion_current_nA": (conditions["ion_current_nA"], 1),
        "exposure_s": (conditions["exposure_s"], 1),
        "beam_area_um2": (conditions["beam_area_um2"], -1),
    }
    return product(factors, scale=ELECTRONS_PER_NA_S / NM2_PER_UM2, unit=FLUENCE_UNIT, note=SINGLY_CHARGED)
