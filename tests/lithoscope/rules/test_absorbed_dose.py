"""Gray beside fluence: collision stopping powers of electrons, energy absorption of X-rays."""

import tomllib
from importlib import resources
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.absorbed_dose import (
    StoppingPhase,
    electron_dose,
    phase_of_material,
    photon_dose,
    stopping_phases,
    stopping_power,
)
from lithoscope.units import Quantity

WATER = StoppingPhase(10 / 18.015, 75.0, (), "ICRU 37, liquid water")
DOSE = Quantity(100.0, "e/A^2", "measured", 5.0)


def kV(value: float) -> Quantity:
    return Quantity(value, "kV", "header")


@pytest.mark.parametrize(("energy_keV", "estar"), [(10, 22.56), (100, 4.115), (200, 2.793), (300, 2.355)])
def test_stopping_powers_of_water_are_those_of_estar(energy_keV: float, estar: float) -> None:
    """NIST ESTAR, collision stopping power of liquid water [MeV cm2/g]."""
    assert stopping_power(WATER, energy_keV) == pytest.approx(estar, rel=3e-3)


def test_a_slow_electron_deposits_about_26_times_what_a_fast_one_does() -> None:
    """2 keV against 200 keV in lithium fluoride, per fluence."""
    slow, fast = (electron_dose(DOSE, kV(energy), phase="LiF").value for energy in (2.0, 200.0))
    assert slow is not None
    assert fast is not None
    assert slow / fast == pytest.approx(26.0, rel=0.02)


def test_an_electron_per_square_angstrom_at_300_keV_is_a_few_megagray() -> None:
    dose = electron_dose(Quantity(1.0, "e/A^2", "measured", 0.0), kV(300.0), phase="Li2CO3")
    assert dose.value == pytest.approx(3.26e6, rel=0.02)
    assert dose.uncertainty == pytest.approx(0.02 * (dose.value or 0))


def test_uncertainties_of_fluence_and_stopping_power_add_in_quadrature() -> None:
    dose = electron_dose(DOSE, kV(200.0), phase="Li")
    assert dose.uncertainty == pytest.approx((dose.value or 0) * (0.05**2 + 0.02**2) ** 0.5)
    slow = electron_dose(DOSE, kV(0.5), phase="Li")
    assert slow.uncertainty == pytest.approx((slow.value or 0) * (0.05**2 + 0.30**2) ** 0.5)


def test_where_the_formula_is_not_tested_and_where_no_table_helps_the_dose_is_unknown() -> None:
    assert electron_dose(DOSE, kV(0.05), phase="LiF").value is None
    assert "0.1 keV" in electron_dose(DOSE, kV(0.05), phase="LiF").note
    assert "this phase" in electron_dose(DOSE, kV(200.0), phase="unobtainium").note
    assert "beam_energy_kV" in electron_dose(DOSE, Quantity.unknown("kV"), phase="LiF").note
    assert "fluence" in electron_dose(Quantity.unknown("e/A^2"), kV(200.0), phase="LiF").note


def test_x_rays_of_7_keV_give_half_a_megagray_in_a_projection() -> None:
    """002: 3e7 photons/um2 a projection, 800 of them; 150 cm2/g is a manganese-rich oxide above manganese's K edge."""
    energy, coefficient = Quantity(7.0, "keV", "user"), Quantity(150.0, "cm^2/g", "user")
    one = photon_dose(Quantity(3e7, "photons/um^2", "header"), energy, coefficient)
    assert one.value == pytest.approx(0.505e6, rel=1e-3)
    assert photon_dose(Quantity(2.4e10, "photons/um^2", "header"), energy, coefficient).value == pytest.approx(
        404e6, rel=2e-3
    )
    silent = photon_dose(Quantity(3e7, "photons/um^2", "header"), energy, Quantity.unknown("cm^2/g", "not recorded"))
    assert "mass_absorption_cm2_per_g" in silent.note


@pytest.mark.parametrize(("phase", "within"), [("Li2O", 0.003), ("Li2CO3", 0.003), ("LiF", 0.06)])
def test_bragg_rule_over_bound_elements_comes_near_the_tabulated_compounds(phase: str, within: float) -> None:
    text = (resources.files("lithoscope.rules") / "tables" / "stopping.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    composition, elements = table["phases"][phase]["composition"], table["elements"]
    electrons = {name: atoms * elements[name]["number"] for name, atoms in composition.items()}
    by_rule = exp(
        sum(share * log(elements[name]["I_eV"]) for name, share in electrons.items()) / sum(electrons.values())
    )
    assert by_rule == pytest.approx(stopping_phases()[phase].excitation_eV, rel=within)
    assert all(row["source"] for row in [*table["phases"].values(), *elements.values()])


def test_samples_are_stood_for_by_one_phase_or_none() -> None:
    assert phase_of_material("lithium_electrodeposited") == "Li"
    assert phase_of_material("nmc") == "NMC"
    assert phase_of_material("other") is None
    named = [material for phase in stopping_phases().values() for material in phase.materials]
    assert len(named) == len(set(named))


@given(phase=st.sampled_from(sorted(stopping_phases())), slow=st.floats(0.5, 290), step=st.floats(1.01, 2))
def test_faster_electrons_deposit_less(phase: str, slow: float, step: float) -> None:
    row = stopping_phases()[phase]
    first, second = stopping_power(row, slow), stopping_power(row, slow * step)
    assert first is not None
    assert second is not None
    assert first > second > 0
