"""Products of quantities keep unit, source and uncertainty."""

import pytest

from lithoscope.rules.propagation import product
from lithoscope.units import Quantity

CURRENT = Quantity(0.3, "nA", "measured", 0.03)
STEP = Quantity(4.0, "nm", "assumed", 0.04)


def test_a_product_has_the_weakest_source_and_uncertainties_by_their_powers() -> None:
    found = product({"current": (CURRENT, 1), "step": (STEP, -2)}, unit="1", scale=2.0, note="so")
    assert (found.value, found.source, found.note) == (pytest.approx(0.0375), "assumed", "so")
    assert found.uncertainty == pytest.approx(0.0375 * (0.1**2 + 0.02**2) ** 0.5)


def test_every_unknown_factor_is_named_with_its_reason() -> None:
    silent = Quantity.unknown("nA", "Probe Current (nA) is zero")
    found = product({"current": (silent, 1), "dwell": (Quantity.unknown("s"), 1), "step": (STEP, 1)}, unit="1")
    assert (found.value, found.note) == (None, "not known: current (Probe Current (nA) is zero), dwell")


def test_an_uncertainty_nobody_stated_is_not_made_up() -> None:
    found = product({"current": (Quantity(0.3, "nA", "user"), 1), "step": (STEP, 1)}, unit="1", note="so")
    assert (found.uncertainty, found.note) == (None, "so; no uncertainty stated of current")
