"""Ions per area of a scanned beam."""

import pytest

from lithoscope.rules.exposure_dose import UNIT_OF
from lithoscope.rules.ion_dose import ion_fluence, ion_rate
from lithoscope.units import Quantity

BEAM = {
    **{name: Quantity.unknown(unit, "not recorded") for name, unit in UNIT_OF.items()},
    "ion_current_nA": Quantity(0.5, "nA", "user"),
    "beam_area_um2": Quantity(50.0, "um^2", "user"),
    "exposure_s": Quantity(60.0, "s", "user"),
}


def test_half_a_nanoampere_for_a_minute_on_fifty_square_micrometres() -> None:
    assert ion_fluence(BEAM).value == pytest.approx(0.5 * 6.2415e9 * 60 / 5e7, rel=1e-4)
    assert ion_rate(BEAM).value == pytest.approx(0.5 * 6.2415e9 / 5e7, rel=1e-4)
    assert "singly charged" in ion_fluence(BEAM).note


def test_without_the_area_nothing_is_known_and_it_is_named() -> None:
    silent = {**BEAM, "beam_area_um2": Quantity.unknown("um^2")}
    assert "beam_area_um2" in ion_fluence(silent).note
