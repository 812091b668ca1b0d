"""Numbers, units, lengths of time and names are written in one way everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope import wording
from lithoscope.units import UNITS

PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1750.0, "1750"),
        (101325.0, "101\u202f325"),
        (655103.8, "6.551 × 10⁵"),
        (2e7, "2 × 10⁷"),
        (0.05, "0.05"),
        (1e-7, "1 × 10⁻⁷"),
        (-170.0, "−170"),
        (-39459.0, "−39\u202f459"),
        (99999.6, "1 × 10⁵"),
        (0.30000000000000004, "0.3"),
        (5e-324, "4.941 × 10⁻³²⁴"),
        (float("-inf"), "−∞"),
        (float("nan"), "not a number"),
    ],
)
def test_numbers_as_a_journal_prints_them(value: float, text: str) -> None:
    assert wording.number(value) == text


@given(st.floats(-1e300, 1e300))
def test_a_written_number_is_the_number_to_four_digits(value: float) -> None:
    plain = wording.number(value).replace("−", "-").replace(wording.THIN, "").replace(" × 10", "e").translate(PLAIN)
    assert float(plain) == pytest.approx(value, rel=1e-3, abs=0)


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (1750.0, 52.0, "(1750 ± 52)"),
        (6.583e9, 1.3e9, "(6.583 ± 1.3) × 10⁹"),
        (0.5, 0.0001, "(0.5 ± 0.00010)"),
    ],
)
def test_an_uncertainty_stands_on_the_power_of_ten_of_its_value(value: float, uncertainty: float, text: str) -> None:
    assert wording.with_uncertainty(value, uncertainty) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.5, "0.5 s"),
        (90, "1 min 30 s"),
        (2400, "40 min"),
        (2520.0, "42 min"),
        (7200, "2 h"),
        (3599.9, "1 h"),
        (129_600, "1 d 12 h"),
        (86400 * 124, "124 d"),
        (-60, "−1 min"),
    ],
)
def test_lengths_of_time_use_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_few_seconds_stay_seconds():
    assert [wording.seconds(each) for each in (0.0, 15.0, 100.0, 120.0)] == ["0 s", "15 s", "100 s", "2 min"]


def test_signs_are_known_of_units_that_may_be_recorded():
    assert wording.SIGNS.keys() <= set(UNITS)


@pytest.mark.parametrize(
    ("name", "text"),
    [("nmc", "NMC"), ("lithium_metal_foil", "lithium metal foil"), ("eels_map", "EELS map"), ("fib", "FIB")],
)
def test_names_are_written_as_people_say_them(name: str, text: str) -> None:
    assert wording.plain(name) == text
