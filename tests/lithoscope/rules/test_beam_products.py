"""What looking may have made."""

import pytest

from lithoscope.rules.beam_products import decays, decays_to, possibly_beam_made
from lithoscope.rules.damage_budget import Budget
from tests.lithoscope.rules.test_damage_budget import COLD_K, judge, leg


def of(*legs, complete: bool = True) -> dict[str, Budget]:
    """Give the budgets of both parents."""
    return {parent: judge(*legs, phase=parent, complete=complete) for parent in ("LiF", "Li2CO3")}


def test_every_decay_has_its_citation():
    assert {(decay.parent, decay.products) for decay in decays()} == {
        ("LiF", ("Li", "Li2O")),
        ("Li2CO3", ("Li2O", "CO2")),
    }
    assert all("004" in decay.source for decay in decays())
    assert {decay.parent for decay in decays_to("Li₂O")} == {"LiF", "Li2CO3"}


def test_a_product_where_the_dose_passed_a_limit_is_possibly_beam_made():
    made = possibly_beam_made("Li2O", budgets=of(leg(250.0)))
    assert made.verdict == "true"
    assert "LiF -> Li -> Li2O" in made.reason
    assert made.budgets["LiF"].spent.lower == pytest.approx(1.25)
    assert possibly_beam_made("lithium metal", budgets=of(leg(250.0))).verdict == "true"


def test_one_parent_past_its_limit_is_enough():
    made = possibly_beam_made("Li2O", budgets=of(leg(3000.0, COLD_K)))
    assert made.verdict == "true"
    assert "limit of Li2CO3:" in made.reason
    assert possibly_beam_made("Li", budgets=of(leg(3000.0, COLD_K))).verdict == "false"


def test_below_every_limit_the_beam_did_not_make_it():
    assert possibly_beam_made("Li2O", budgets=of(leg(100.0, COLD_K))).verdict == "false"


def test_not_knowing_the_dose_is_not_knowing():
    assert possibly_beam_made("Li2O", budgets=of(leg(None))).verdict == "unknown"
    assert possibly_beam_made("Li2O", budgets=of(leg(100.0, COLD_K), complete=False)).verdict == "unknown"
    assert possibly_beam_made("Li2O", budgets=of(leg(10.0))).verdict == "unknown"
    assert possibly_beam_made("Li2O", budgets={}).verdict == "unknown"
    assert possibly_beam_made("Li", budgets=of(leg(1.5e4, COLD_K))).verdict == "unknown"


def test_phases_that_nothing_decays_to():
    assert possibly_beam_made("LiF", budgets={}).verdict == "false"
    assert possibly_beam_made("NMC", budgets={}).verdict == "unknown"
