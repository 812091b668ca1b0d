"""Dose rate of a broad electron beam: stated, from its current and diameter, or from counts of a camera."""

from collections.abc import Mapping
from math import pi
from typing import Literal

from lithoscope.rules.dose import A2_PER_NM2, ELECTRONS_PER_NA_S, RATE_UNIT
from lithoscope.rules.propagation import product
from lithoscope.units import Quantity

CountedIn = Literal["vacuum", "specimen"]
UNDER_SPECIMEN = "counted under the specimen, which takes electrons away: a lower bound"
DISAGREEMENT = 0.2  # relative; screens and cameras agree to better than this when they are calibrated


def rate_from_current(*, beam_current_nA: Quantity, beam_diameter_nm: Quantity) -> Quantity:
    """
    Return the dose rate of a current spread evenly over a disc [e/(Å² s)].

    Parameters
    ----------
    beam_current_nA, beam_diameter_nm : Quantity
        Current that reaches the specimen [nA] and diameter of the lit disc on it [nm].
    """
    factors = {"beam_current_nA": (beam_current_nA, 1), "beam_diameter_nm": (beam_diameter_nm, -2)}
    scale = ELECTRONS_PER_NA_S / (A2_PER_NM2 * pi / 4)
    return product(factors, scale=scale, unit=RATE_UNIT, note="current over the area of the beam")


def rate_from_counts(conditions: Mapping[str, Quantity], *, counted_in: CountedIn | None) -> Quantity:
    """
    Return the dose rate a camera saw [e/(Å² s)].

    Parameters
    ----------
    conditions : mapping of name to Quantity
        ``camera_counts`` of one pixel in one frame, ``conversion_counts_per_e`` of an incoming electron,
        ``camera_gain`` by which counts were multiplied beyond that (1 when left out), ``pixel_size_nm`` on the
        specimen, ``exposure_s`` of the frame.
    counted_in : {"vacuum", "specimen"} or None
        Where the electrons had come through; None when nobody said.
    """
    gain = conditions["camera_gain"]
    factors = {
        "camera_counts": (conditions["camera_counts"], 1),
        "conversion_counts_per_e": (conditions["conversion_counts_per_e"], -1),
        "pixel_size_nm": (conditions["pixel_size_nm"], -2),
        "exposure_s": (conditions["exposure_s"], -1),
        **({} if gain.value is None else {"camera_gain": (gain, -1)}),
    }
    place = {"vacuum": "counted in vacuum", "specimen": UNDER_SPECIMEN, None: "not said whether counted in vacuum"}
    return product(factors, scale=1 / A2_PER_NM2, unit=RATE_UNIT, note=f"camera counts; {place[counted_in]}")


def field_rates(conditions: Mapping[str, Quantity], *, counted_in: CountedIn | None = None) -> dict[str, Quantity]:
    """Return the dose rate by every route, the one to believe first: stated, from the current, from counts."""
    return {
        "stated": conditions["dose_rate_e_per_A2_s"],
        "current": rate_from_current(
            beam_current_nA=conditions["beam_current_nA"], beam_diameter_nm=conditions["beam_diameter_nm"]
        ),
        "counts": rate_from_counts(conditions, counted_in=counted_in),
    }


def field_rate(conditions: Mapping[str, Quantity], *, counted_in: CountedIn | None = None) -> Quantity:
    """Return the dose rate by the first route that is recorded; unknown names what each lacks."""
    rates = field_rates(conditions, counted_in=counted_in)
    known = next((rate for rate in rates.values() if rate.value is not None), None)
    if known is not None:
        return known
    lacking = [f"{rates['current'].note}", f"or {rates['counts'].note}"]
    return Quantity.unknown(RATE_UNIT, f"no dose_rate_e_per_A2_s; {'; '.join(lacking)}")


def routes_disagree(conditions: Mapping[str, Quantity], *, counted_in: CountedIn | None = None) -> str | None:
    """Say that two recorded routes to the dose rate differ by more than a fifth, or None."""
    rates = field_rates(conditions, counted_in=counted_in)
    known = {route: rate.value for route, rate in rates.items() if rate.value is not None}
    if known and max(known.values()) > (1 + DISAGREEMENT) * min(known.values()):
        return f"dose-routes-disagree: the dose rates by {', '.join(known)} differ by more than {DISAGREEMENT:.0%}"
    return None
