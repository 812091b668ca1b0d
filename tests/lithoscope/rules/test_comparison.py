"""Two numbers compared: the difference carries both uncertainties, and nothing is made up."""

import pytest

from lithoscope.rules.comparison import compared
from lithoscope.units import Quantity


def test_uncertainties_are_added_in_quadrature():
    found = compared(Quantity(10.0, "nm", "measured", 3.0), Quantity(5.0, "nm", "assumed", 4.0))
    assert (found.difference.value, found.difference.uncertainty) == (5.0, pytest.approx(5.0))
    assert (found.difference.source, found.in_uncertainties) == ("assumed", pytest.approx(1.0))


def test_exchanged_numbers_differ_by_the_sign_alone():
    one, two = Quantity(1.5, "1", "measured", 0.1), Quantity(2.0, "1", "measured", 0.2)
    there, back = compared(one, two), compared(two, one)
    assert there.difference.value == -(back.difference.value or 0)
    assert there.in_uncertainties == back.in_uncertainties


def test_a_number_of_unstated_uncertainty_leaves_that_of_the_difference_unknown():
    found = compared(Quantity(2.0, "1", "measured"), Quantity(1.0, "1", "measured", 0.1))
    assert (found.difference.value, found.difference.uncertainty, found.in_uncertainties) == (1.0, None, None)


@pytest.mark.parametrize(
    ("second", "reason"),
    [(Quantity.unknown("nm"), "second is unknown"), (Quantity(1.0, "um", "measured"), "in um")],
)
def test_what_cannot_be_subtracted_is_unknown_with_its_reason(second, reason):
    found = compared(Quantity(1.0, "nm", "measured"), second)
    assert found.difference.value is None
    assert reason in found.difference.note
