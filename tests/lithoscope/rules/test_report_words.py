"""Numbers are written with four digits, a true minus and no zero that says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.report_words import number, quantity, span
from lithoscope.units import Quantity

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1750.0, "1750"),
        (43670.0, "43670"),
        (655100.0, "6.551 × 10⁵"),
        (2e7, "2 × 10⁷"),
        (0.05, "0.05"),
        (1e-7, "1 × 10⁻⁷"),
        (-170.0, "−170"),
        (99999.6, "1 × 10⁵"),
        (0.30000000000000004, "0.3"),
        (5e-324, "4.941 × 10⁻³²⁴"),
    ],
)
def test_numbers_as_a_journal_prints_them(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(-1e300, 1e300))
def test_a_written_number_is_the_number_to_four_digits(value: float) -> None:
    plain = number(value).replace("−", "-").replace(" × 10", "e").translate(SUPERSCRIPTS)
    assert float(plain) == pytest.approx(value, rel=1e-3, abs=0)


def test_uncertainty_or_interval_stands_with_the_value():
    assert quantity(Quantity(1750.0, "e/A^2", "measured", uncertainty=52.0)) == "(1750 ± 52) e/Å²"
    assert quantity(Quantity(106800.0, "e/A^2", "measured", uncertainty=391.0)) == "(1.068 ± 0.0039) × 10⁵ e/Å²"
    assert quantity(Quantity(2.0, "h", "user", interval=(1.5, 3.0))) == "2 (1.5 to 3) h"
    assert quantity(Quantity.unknown("e/A^2")) == "not recorded"


def test_lengths_of_time_are_spoken_in_their_unit():
    assert [span(each) for each in (0.5, 90, 600, 7200, 86400 * 124)] == ["0.5 s", "90 s", "10 min", "2 h", "124 d"]
