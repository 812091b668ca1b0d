"""Fluence of X-rays, stated or from the flux."""

import pytest

from lithoscope.rules.exposure_dose import UNIT_OF
from lithoscope.rules.photon_dose import photon_fluence, photon_rate
from lithoscope.units import Quantity

NOTHING = {name: Quantity.unknown(unit, "not recorded") for name, unit in UNIT_OF.items()}
FLUX = {
    **NOTHING,
    "flux_photons_per_s": Quantity(3e9, "photons/s", "measured", 3e7),
    "beam_area_um2": Quantity(10.0, "um^2", "user", 0.2),
    "exposure_s": Quantity(0.1, "s", "header", 0.0),
}


def test_flux_over_area_times_time() -> None:
    fluence = photon_fluence(FLUX)
    assert (fluence.value, fluence.source) == (pytest.approx(3e7), "user")
    assert fluence.uncertainty == pytest.approx(3e7 * (0.01**2 + 0.02**2) ** 0.5)
    assert photon_rate(FLUX).value == pytest.approx(3e8)


def test_a_stated_fluence_is_believed_first() -> None:
    stated = Quantity(2e7, "photons/um^2", "measured")
    assert photon_fluence({**FLUX, "fluence_photons_per_um2": stated}) == stated


def test_what_is_missing_is_named() -> None:
    note = photon_fluence({**FLUX, "beam_area_um2": NOTHING["beam_area_um2"]}).note
    assert "no fluence_photons_per_um2" in note
    assert "beam_area_um2" in note
