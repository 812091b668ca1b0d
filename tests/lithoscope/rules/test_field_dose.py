"""Dose rates of broad beams by every route."""

from math import pi

import pytest

from lithoscope.rules.exposure_dose import UNIT_OF
from lithoscope.rules.field_dose import field_rate, rate_from_counts, rate_from_current, routes_disagree
from lithoscope.units import Quantity


def conditions(**values: float) -> dict[str, Quantity]:
    return {
        name: Quantity(values[name], unit, "measured") if name in values else Quantity.unknown(unit, "not recorded")
        for name, unit in UNIT_OF.items()
    }


def test_a_nanoampere_on_a_disc_of_a_micrometre_gives_79_5_electrons_per_square_angstrom_and_second() -> None:
    known = conditions(beam_current_nA=1.0, beam_diameter_nm=1000.0)
    rate = rate_from_current(beam_current_nA=known["beam_current_nA"], beam_diameter_nm=known["beam_diameter_nm"])
    assert rate.value == pytest.approx(79.5, abs=0.05)
    assert rate.unit == "e/(A^2 s)"


def test_a_picoampere_is_six_million_electrons_a_second() -> None:
    disc_A2 = pi / 4 * 100.0**2
    known = conditions(beam_current_nA=1e-3, beam_diameter_nm=10.0)
    rate = field_rate(known).value
    assert rate is not None
    assert rate * disc_A2 == pytest.approx(6.2415e6, rel=1e-5)


def test_counts_of_a_camera_give_the_rate_on_the_specimen() -> None:
    """A pixel of 0.05 nm takes 50 electrons a second at 200 e/A2 s; 4 counts an electron make 100 counts in 0.5 s."""
    known = conditions(camera_counts=100.0, conversion_counts_per_e=4.0, pixel_size_nm=0.05, exposure_s=0.5)
    rate = rate_from_counts(known, counted_in="vacuum")
    assert rate.value == pytest.approx(200.0)
    doubled = {**known, "camera_gain": Quantity(2.0, "1", "user")}
    assert rate_from_counts(doubled, counted_in="vacuum").value == pytest.approx(100.0)


def test_counts_under_the_specimen_are_called_a_lower_bound() -> None:
    known = conditions(camera_counts=100.0, conversion_counts_per_e=4.0, pixel_size_nm=0.05, exposure_s=0.5)
    assert "lower bound" in rate_from_counts(known, counted_in="specimen").note
    assert "lower bound" not in rate_from_counts(known, counted_in="vacuum").note
    assert "not said" in rate_from_counts(known, counted_in=None).note


def test_a_stated_rate_is_believed_before_one_computed_and_their_disagreement_is_said() -> None:
    known = conditions(dose_rate_e_per_A2_s=100.0, beam_current_nA=1.0, beam_diameter_nm=1000.0)
    assert field_rate(known).value == 100.0
    assert "stated, current" in (routes_disagree(known) or "")
    assert routes_disagree({**known, "dose_rate_e_per_A2_s": Quantity(80.0, "e/(A^2 s)", "user")}) is None


def test_without_any_route_the_rate_is_unknown_and_says_what_each_lacks() -> None:
    rate = field_rate({**conditions(), "beam_current_nA": Quantity.unknown("nA", "header says zero")})
    assert rate.value is None
    for missing in ("dose_rate_e_per_A2_s", "beam_current_nA (header says zero)", "beam_diameter_nm", "camera_counts"):
        assert missing in rate.note
