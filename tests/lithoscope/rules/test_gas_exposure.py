"""Gas that met a surface, in SI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.chain import chain
from lithoscope.rules.gas_exposure import (
    ATMOSPHERE_Pa,
    ImpossibleGas,
    LANGMUIR_Pa_s,
    UnknownGas,
    flux_per_m2_s,
    gas_exposure,
    langmuir,
    langmuir_per_s,
)
from tests.lithoscope.rules.happened import event, glovebox, hours


def test_oxygen_at_1e5_of_a_pascal_hits_a_square_metre_2_689e17_times_a_second() -> None:
    """The supporting information of paper 000 prints 14605, with a mass without its unit."""
    assert flux_per_m2_s("O2", pressure_Pa=1e-5, temperature_K=300.0) == pytest.approx(2.689e17, rel=1e-3)


def test_a_langmuir_is_1_33e_4_pascal_seconds() -> None:
    assert LANGMUIR_Pa_s == pytest.approx(1.33e-4, rel=3e-3)
    assert langmuir(pressure_Pa=1e-5, seconds=1.0) == pytest.approx(0.075, rel=1e-3)


def test_a_tenth_of_a_ppm_at_one_atmosphere_is_76_langmuir_a_second() -> None:
    assert langmuir_per_s(ppm=0.1, pressure_Pa=ATMOSPHERE_Pa) == pytest.approx(76.0, rel=1e-9)


def test_a_monolayer_of_oxygen_forms_in_37_seconds_in_what_paper_000_calls_ultra_high_vacuum() -> None:
    sites_per_m2 = 1e19
    assert sites_per_m2 / flux_per_m2_s("O2", pressure_Pa=1e-5, temperature_K=300.0) == pytest.approx(37.0, rel=0.01)


def test_a_gas_without_a_molar_mass_is_refused() -> None:
    with pytest.raises(UnknownGas):
        flux_per_m2_s("SF6", pressure_Pa=1.0, temperature_K=300.0)


@pytest.mark.parametrize(("pressure_Pa", "temperature_K"), [(-1.0, 300.0), (1.0, 0.0), (float("nan"), 300.0)])
def test_a_gas_that_cannot_be_is_refused(pressure_Pa: float, temperature_K: float) -> None:
    with pytest.raises(ImpossibleGas):
        flux_per_m2_s("O2", pressure_Pa=pressure_Pa, temperature_K=temperature_K)


def test_a_day_in_a_glovebox_is_6_6_million_langmuir_of_each_gas() -> None:
    found = gas_exposure(chain([glovebox(0)], at=hours(24)), "O2")
    assert (found.value, found.unit) == (pytest.approx(76.0 * 86_400, rel=1e-9), "langmuir")


def test_fifteen_seconds_of_air_are_2_4e9_langmuir_of_oxygen() -> None:
    air = event("storage", 0, 15 / 3600, atmosphere="air", pressure_Pa=ATMOSPHERE_Pa)
    found = gas_exposure(chain([air], at=hours(15 / 3600)), "O2")
    assert found.value == pytest.approx(0.209476 * ATMOSPHERE_Pa * 15 / LANGMUIR_Pa_s, rel=1e-6)


def test_exposure_without_a_pressure_is_unknown_and_says_what_is_missing() -> None:
    found = gas_exposure(chain([glovebox(0, 1), glovebox(1, 2, pressure_Pa=None)], at=hours(2)), "O2")
    assert (found.value, found.interval) == (None, None)
    assert found.note == "no pressure is recorded (storage); at least 273\u202f600 langmuir is recorded"


def test_a_vacuum_of_unknown_gas_bounds_the_exposure_by_its_whole_pressure() -> None:
    found = gas_exposure(chain([event("storage", 0, 1, atmosphere="vacuum", pressure_Pa=1e-5)], at=hours(1)), "H2O")
    assert found.value is None
    assert found.interval == (0.0, pytest.approx(0.075 * 3600, rel=1e-3))


def test_a_gap_leaves_the_exposure_unknown() -> None:
    found = gas_exposure(chain([glovebox(0, 1)], at=hours(2)), "O2")
    assert found.value is None
    assert found.note.startswith("the chain has a gap")


@given(cut=st.floats(0.01, 9.99))
def test_splitting_a_stay_does_not_change_the_exposure(cut: float) -> None:
    whole = gas_exposure(chain([glovebox(0, 10)], at=hours(10)), "O2")
    parts = gas_exposure(chain([glovebox(0, cut), glovebox(cut, 10)], at=hours(10)), "O2")
    assert parts.value == pytest.approx(whole.value, rel=1e-6)


def test_argon_whose_impurities_nobody_stated_may_have_held_none_or_any() -> None:
    found = gas_exposure(chain([glovebox(0, 1, o2_ppm=None)], at=hours(1)), "O2")
    assert found.value is None
    assert found.interval == (0.0, pytest.approx(ATMOSPHERE_Pa * 3600 / LANGMUIR_Pa_s))


def test_a_pressure_nobody_knows_in_the_middle_leaves_what_is_known_as_the_least() -> None:
    history = [glovebox(0, 1), event("storage", 1, 2, atmosphere="vacuum"), glovebox(2, 3)]
    found = gas_exposure(chain(history, at=hours(3)), "O2")
    assert (found.value, found.interval) == (None, None)
    assert "at least 547\u202f200 langmuir" in found.note
    outside = gas_exposure(chain([glovebox(0, 1)], at=hours(1)), "O2", outside=["air met it"])
    assert "at least 273\u202f600 langmuir" in outside.note
    gap = gas_exposure(chain([glovebox(0, 1), glovebox(2, 3)], at=hours(3)), "O2")
    assert "at least 547\u202f200 langmuir" in gap.note


def test_a_gas_of_no_pressure_gives_nothing() -> None:
    assert flux_per_m2_s("O2", pressure_Pa=0.0, temperature_K=300.0) == 0.0
    assert langmuir(pressure_Pa=0.0, seconds=0.0) == 0.0
