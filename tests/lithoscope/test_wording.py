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
        (6.583e9, 1.3e9, "(6.6 ± 1.3) × 10⁹"),
        (0.5, 0.0001, "(0.50000 ± 0.00010)"),
        (9.763, 0.47, "(9.76 ± 0.47)"),
        (7943.0, 1200.0, "(7900 ± 1200)"),
        (655103.8, 19653.0, "(6.55 ± 0.20) × 10⁵"),
        (101325.0, 52.0, "(101\u202f325 ± 52)"),
        (99999.6, 1234.0, "(1.000 ± 0.012) × 10⁵"),
        (79.47, 0.0996, "(79.47 ± 0.10)"),
        (-170.0, 0.5, "(−170.00 ± 0.50)"),
        (0.001, 5.2, "(0.0 ± 5.2)"),
        (-0.0001, 0.5, "(0.00 ± 0.50)"),
        (0.5, 0.0, "(0.5 ± 0)"),
        (1e300, 1e-10, "(1 × 10³⁰⁰ ± 1 × 10⁻¹⁰)"),
    ],
)
def test_a_value_shows_no_more_digits_than_two_of_its_uncertainty_support(
    value: float, uncertainty: float, text: str
) -> None:
    assert wording.with_uncertainty(value, uncertainty) == text


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12))
def test_rounding_for_display_moves_a_value_by_less_than_a_tenth_of_its_uncertainty(
    value: float, uncertainty: float
) -> None:
    text = wording.with_uncertainty(value, uncertainty).replace("−", "-").replace(wording.THIN, "")
    both, _, power = text.partition(") × 10")
    if "×" in both:
        return  # finer than a float: written as two numbers
    scale = f"e{power.translate(PLAIN)}" if power else ""
    shown, beside = (float(each.strip("()") + scale) for each in both.split(" ± "))
    assert shown == pytest.approx(value, abs=0.0501 * uncertainty, rel=1e-9)
    assert beside == pytest.approx(uncertainty, rel=0.0501)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("low dose is below 100 e/A^2/s", "low dose is below 100 e/(Å² s)"),
        ("'less than 100 e/A^2 s'", "'less than 100 e/(Å² s)'"),
        ("8 to 80 e/A2", "8 to 80 e/Å²"),
        ("between 20 and -170 deg C", "between 20 and −170 °C"),
        ("below -170 C; with 20 s", "below −170 °C; with 20 s"),
        ("0.25 mAh/cm2 is 1.21 um", "0.25 mAh/cm² is 1.21 µm"),
        ("pages 20-30 Celsius, 4-5 C", "pages 20-30 Celsius, 4-5 C"),
    ],
)
def test_units_in_a_citation_are_printed_with_their_signs(text: str, shown: str) -> None:
    assert wording.printed(text) == shown
    assert wording.printed(shown) == shown


def test_one_of_a_thing_is_not_spoken_of_as_many() -> None:
    assert [wording.count(each, "frame") for each in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]


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
