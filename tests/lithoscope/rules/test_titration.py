from math import inf, nan, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.titration import (
    Bottle,
    ImpossibleTitration,
    account_titration,
    charge_mAh,
    hydrogen_fraction,
    hydrogen_of_lithium_umol,
    hydrogen_umol,
    inventory_loss,
    lithium_mg,
    lithium_of_charge_mg,
    lithium_of_fraction,
    thickness_um,
)
from lithoscope.units import Quantity

HALF_INCH_DISC_CM2 = pi * 0.635**2
SEALED = Bottle(30.0, 0.5, 101325.0, 298.15)
VENTED = Bottle(30.0, 0.5, 101325.0, 298.15, is_vented=True)


def test_the_worked_example_comes_out():
    """004, TGC: 0.25 mAh/cm2 on a half-inch disc; 30 mL bottle sealed at one atmosphere, 0.5 mL water, 25 °C."""
    charge = 0.25 * HALF_INCH_DISC_CM2
    mass = lithium_of_charge_mg(charge)
    hydrogen = hydrogen_of_lithium_umol(mass)
    assert charge == pytest.approx(0.317, abs=5e-4)
    assert mass == pytest.approx(0.0820, abs=5e-5)
    assert hydrogen == pytest.approx(5.908, abs=5e-4)
    assert 100 * hydrogen_fraction(hydrogen, SEALED) == pytest.approx(0.4795, abs=5e-5)
    assert 100 * hydrogen_fraction(hydrogen, VENTED) == pytest.approx(0.4876, abs=5e-5)
    assert thickness_um(mass, HALF_INCH_DISC_CM2) == pytest.approx(1.21, abs=5e-3)


def test_a_bottle_s_gas_leads_back_to_the_plated_charge():
    fraction = hydrogen_fraction(5.908, SEALED)
    assert charge_mAh(lithium_mg(hydrogen_umol(fraction, SEALED))) == pytest.approx(0.31669, rel=1e-4)


@given(st.floats(0, 0.999), st.sampled_from([SEALED, VENTED]))
def test_fraction_and_amount_turn_into_each_other(fraction, bottle):
    assert hydrogen_fraction(hydrogen_umol(fraction, bottle), bottle) == pytest.approx(fraction)


@given(st.floats(0, 1e3))
def test_mass_and_charge_turn_into_each_other(mass):
    assert lithium_of_charge_mg(charge_mAh(mass)) == pytest.approx(mass)
    assert lithium_mg(hydrogen_of_lithium_umol(mass)) == pytest.approx(mass)


def test_the_account_of_a_bottle_keeps_its_interval_in_every_unit():
    account = account_titration(
        Quantity(0.08201, "mg", "measured", uncertainty=0.001, interval=(0.080, 0.084)), area_cm2=HALF_INCH_DISC_CM2
    )
    assert account.hydrogen.value == pytest.approx(5.908, abs=1e-3)
    assert account.charge.value == pytest.approx(0.3167, abs=1e-4)
    assert account.charge_per_area.value == pytest.approx(0.25, abs=1e-4)
    assert account.charge_per_area.interval == pytest.approx((0.2439, 0.2561), abs=1e-4)
    assert account.thickness.value == pytest.approx(1.212, abs=1e-3)
    assert account.charge.uncertainty == pytest.approx(charge_mAh(0.001))


def test_without_an_area_nothing_is_said_per_area():
    account = account_titration(Quantity(0.08, "mg", "measured"))
    assert account.charge_per_area.value is None
    assert account.thickness.note == "the electrode's area is not recorded"
    assert account_titration(Quantity.unknown("mg", "no peak")).charge.note == "no peak"


def test_lithium_follows_a_fraction_with_its_uncertainty():
    mass = lithium_of_fraction(Quantity(0.4795, "%", "measured", uncertainty=0.01, interval=(0.46, 0.50)), SEALED)
    assert mass.value == pytest.approx(0.0820, abs=1e-4)
    low, high = lithium_of_fraction(Quantity(0.4695, "%", "measured"), SEALED), mass.value
    assert mass.uncertainty == pytest.approx(high - low.value, rel=0.02)
    assert mass.interval[0] < mass.value < mass.interval[1]
    assert lithium_of_fraction(Quantity.unknown("%", "no peak"), SEALED).value is None


def test_a_gain_is_a_negative_loss_and_is_not_hidden():
    assert inventory_loss(1.1, 1.0) == pytest.approx(-0.1)


@pytest.mark.parametrize("fraction", [1.0, 47.9, -0.001, nan])
def test_a_fraction_that_is_none_is_refused(fraction):
    with pytest.raises(ImpossibleTitration, match="percentage is divided by 100"):
        hydrogen_umol(fraction, SEALED)


@pytest.mark.parametrize("measures", [(0.0, 0, 1e5, 298), (30, 30, 1e5, 298), (30, 0.5, 0, 298), (30, 0.5, 1e5, inf)])
def test_a_bottle_that_is_none_is_refused(measures):
    with pytest.raises(ImpossibleTitration):
        Bottle(*measures)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: lithium_mg(-1.0),
        lambda: charge_mAh(nan),
        lambda: thickness_um(1.0, 0.0),
        lambda: inventory_loss(1.0, 0.0),
        lambda: hydrogen_fraction(-1.0, SEALED),
    ],
)
def test_amounts_below_zero_are_refused(ask):
    with pytest.raises(ImpossibleTitration):
        ask()


def test_a_dry_bottle_is_a_bottle_and_an_endless_amount_none():
    assert Bottle(30.0, 0.0, 101_325.0, 298.15).inert_gas_umol == SEALED.inert_gas_umol
    with pytest.raises(ImpossibleTitration, match="finite"):
        lithium_mg(inf)


def test_near_a_bottle_full_of_hydrogen_a_small_error_of_the_fraction_is_a_large_one_of_the_mass():
    """n(H2) = y / (1 - y) n(Ar): at a half the relative error doubles."""
    mass = lithium_of_fraction(Quantity(50.0, "%", "measured", uncertainty=1.0), SEALED)
    assert mass.uncertainty / mass.value == pytest.approx(2 * 0.02)
