"""Parts of a growing series are stacked in order of their numbers, up to the first that is not there."""

from dataclasses import replace
from typing import Any

import pytest

from lithoscope.rules.growing_series import Layout, Part, judge

IMAGE = Layout((64, 64), "uint16", "counts", (18.0, 18.0), 300.0)


def tilt(number: int, state: Any = "readable", *, place: float | None = 0.0, **differs: Any) -> Part:
    layout = replace(IMAGE, **differs) if state == "readable" else None
    return Part(number, state, place, layout)


def test_parts_out_of_order_are_used_up_to_the_first_gap():
    found = judge([tilt(4), tilt(1), tilt(2)], kind="tilt_series")
    assert (found.usable, found.missing, found.is_complete) == ((1, 2), (3,), False)


def test_a_part_that_is_not_read_yet_holds_back_those_after_it():
    found = judge([tilt(1), tilt(2, "waiting"), tilt(3)], kind="tilt_series", expected=3)
    assert (found.usable, found.missing, found.is_complete) == ((1,), (), False)


def test_a_closed_series_is_complete_when_nothing_is_waited_for():
    assert judge([tilt(2), tilt(1)], kind="tilt_series", expected=2).is_complete
    assert not judge([tilt(2), tilt(1)], kind="tilt_series").is_complete
    assert judge([tilt(1)], kind="tilt_series", expected=3).missing == (2, 3)


def test_a_part_that_was_lost_does_not_stop_the_series():
    found = judge([tilt(1), tilt(2, "lost"), tilt(3)], kind="tilt_series", expected=3)
    assert (found.usable, found.is_complete) == ((1, 3), True)


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"shape": (32, 64)}, "size is 32 x 64, that of part 1 is 64 x 64"),
        ({"dtype": "float32"}, "type is float32"),
        ({"unit": "1"}, "unit is 1"),
        ({"steps_nm": (18.0, 18.1)}, "pixel size is 18.1 nm"),
        ({"steps_nm": (None, None)}, "pixel size is unknown"),
        ({"beam_energy_kV": 200.0}, "beam energy is 200.0 kV"),
    ],
)
def test_a_part_unlike_the_first_is_refused_by_name_and_the_series_goes_on(differs, words):
    found = judge([tilt(1), tilt(2, **differs), tilt(3)], kind="tilt_series")
    assert words in found.refused[2]
    assert found.usable == (1, 3)


def test_what_headers_round_or_leave_out_refuses_nothing():
    found = judge([tilt(1), tilt(2, steps_nm=(18.0001, 18.0)), tilt(3, beam_energy_kV=None)], kind="tilt_series")
    assert (found.usable, found.refused) == ((1, 2, 3), {})


def test_a_tilt_nobody_knows_is_refused_and_the_next_is_what_others_are_held_against():
    found = judge([tilt(1, place=None), tilt(2, dtype="int16"), tilt(3, dtype="int16")], kind="tilt_series")
    assert set(found.refused) == {1}
    assert found.usable == (2, 3)


def test_slices_state_their_depths_all_or_none():
    assert judge([tilt(1, place=None), tilt(2, place=None)], kind="slices").usable == (1, 2)
    assert "only one states its depth" in judge([tilt(1), tilt(2, place=None)], kind="slices").refused[2]


def test_nothing_stands_on_its_own():
    assert judge([], kind="slices") == judge([], kind="tilt_series")
    assert "holds no single image" in judge([Part(1, "readable", 0.0, None)], kind="slices").refused[1]
