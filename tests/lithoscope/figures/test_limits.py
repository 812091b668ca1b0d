"""Colour limits are the published ones, the map's own, or those a person wrote."""

import numpy as np
import pytest

from lithoscope.figures.limits import UnreadableLimits, limits_of, plain_name, shown_name, written_limits

VALUES = np.array([np.nan, 1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("name", "plain"),
    [("O K", "O"), ("mn_4", "Mn4+"), ("Co 3+", "Co3+"), ("Mn4+", "Mn4+"), ("dark_field", "Dark_field")],
)
def test_a_map_is_known_by_its_element_or_state(name, plain):
    assert plain_name(name) == plain


def test_states_are_written_as_readers_do():
    names = ("mn_4", "Mn4+, surface", "Mn L3", "dark_field", "No 1")
    assert [shown_name(name) for name in names] == ["Mn⁴⁺", "Mn⁴⁺, surface", "Mn L3", "Dark field", "No 1"]


def test_the_paper_limits_are_the_printed_ones():
    printed = {
        "O": 80.0,
        "Mn L": 16.7,
        "Co": 16.7,
        "Ni": 16.7,
        "mn_4": 100.0,
        "Mn3+": 50.0,
        "Mn2+": 60.0,
        "Co2+": 100.0,
    }
    assert {name: limits_of(name, VALUES, "paper") for name in printed} == {
        name: (0.0, high) for name, high in printed.items()
    }


def test_a_map_the_paper_does_not_name_goes_from_its_smallest_to_its_largest_value():
    assert limits_of("dark_field", VALUES, "paper") == (1.0, 3.0)


def test_a_person_may_write_limits_for_some_maps():
    assert limits_of("O", VALUES, "O 50..70, Mn 5..15") == (50.0, 70.0)
    low, high = limits_of("Ni", VALUES, "O 50..70")
    assert 1.0 <= low < high <= 3.0


@pytest.mark.parametrize("text", ["O", "O 3", "O 5..2", "O 1..nan", "80..90", "O 0..inf"])
def test_limits_nobody_can_read_are_refused(text):
    with pytest.raises(UnreadableLimits, match="NAME LOW"):
        written_limits(text)


def test_a_flat_or_empty_map_still_has_a_range():
    assert limits_of("x", np.full(3, 2.0), "own") == (2.0, 4.0)
    assert limits_of("x", np.full(3, np.nan), "own") == (0.0, 1.0)
