"""How pages write numbers, instants and names."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.portal import words
from lithoscope.units import Quantity


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (43673.589, "4.367 × 10⁴"),
        (655103.8, "6.551 × 10⁵"),
        (17.994916, "17.99"),
        (0.05, "0.05"),
        (3.25e-5, "3.25 × 10⁻⁵"),
        (-70.0, "−70"),
        (39459.0, "39\u202f459"),
        (0.0, "0"),
        (None, "unknown"),
    ],
)
def test_numbers_keep_four_digits_and_turn_to_powers_far_from_one(value, text):
    assert words.number(value) == text


def test_a_quantity_carries_unit_and_uncertainty():
    assert words.quantity(Quantity(0.412, "nm", "measured", 0.008)) == "(0.4120 ± 0.0080)\u00a0nm"


def test_an_unknown_quantity_is_said_to_be_unknown():
    assert words.quantity(Quantity.unknown("nA", "the header says 0")) == "unknown"


def test_an_interval_is_written_with_its_unit():
    assert words.interval(Quantity(0.4, "%", "measured", interval=(0.3, 0.5))) == "0.3 to 0.5 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.574, "0.574 s"),
        (75, "1 min 15 s"),
        (7 * 3600, "7 h"),
        (129_600, "1 d 12 h"),
        (3599.9, "1 h"),
        (None, "unknown"),
    ],
)
def test_durations_use_the_two_units_that_matter(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 byte"), (1023, "1023 bytes"), (999_424, "976 KiB"), (1000 * 2**20, "1000 MiB"), (None, "unknown")],
)
def test_sizes_are_in_binary_multiples(count, text):
    assert words.size(count) == text


def test_instants_are_written_in_utc():
    moment = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert words.instant(moment) == "2026-02-28 23:30 UTC"


def test_an_instant_without_zone_is_not_given_one():
    assert words.instant("2016-12-05T21:27:00") == "2016-12-05 21:27 (zone not recorded)"


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("beam_current_nA", "Beam current", "nA"),
        ("dose_e_per_A2", "Dose", "e/A^2"),
        ("o2_ppm", "O₂", "ppm"),
        ("temperature_K", "Temperature", "K"),
        ("place", "Place", ""),
    ],
)
def test_a_field_name_gives_its_words_and_its_unit(name, label, unit):
    assert words.label_and_unit(name) == (label, unit)


def test_a_record_in_a_list_is_written_with_its_units():
    step = {"purpose": "thin", "ion_current_nA": 0.5, "thickness_nm": None}
    assert words.detail("steps", [step]) == "purpose thin, ion current 0.5 nA"


def test_long_lists_say_how_many_more_there_are():
    assert words.listed(["a", "b", "c", "d"]) == "a, b and 2 more"


def test_every_instant_of_the_service_is_zoned():
    assert words.instant(datetime(2026, 1, 1, tzinfo=UTC)).endswith("UTC")


def test_units_of_tables_and_citations_are_printed_with_their_signs():
    assert words.printed("between 20 and -170 deg C at 100 e/A^2/s") == "between 20 and −170 °C at 100 e/(Å² s)"
    assert words.printed(None) == ""
