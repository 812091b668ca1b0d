"""The timeline puts months and seconds on one axis, and is drawn without global state."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.report import ClockState
from lithoscope.units import Quantity
from lithoscope.writers.report import figure_bytes
from lithoscope.writers.report.figure import FigureFormat, timeline
from lithoscope.writers.report.timescale import time_scale
from tests.lithoscope.rules.reported import OPENED, history, hours, lamella, leg, report_of

MOMENTS = st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), min_size=1, max_size=40)


def test_half_a_second_of_beam_has_room_beside_four_months_of_storage():
    scale = time_scale([hours(0), hours(2900), hours(2900) + timedelta(seconds=0.5), hours(2901)])
    assert not scale.is_even
    assert min(right - left for left, right in pairwise(scale.places)) > 0.02


def test_alike_intervals_are_drawn_by_the_clock():
    scale = time_scale([hours(0), hours(1), hours(4)])
    assert scale.is_even
    assert scale.place(hours(2)) == pytest.approx(0.5)


@given(MOMENTS, MOMENTS)
def test_later_moments_never_lie_before_earlier_ones(knots: Sequence[datetime], asked: Sequence[datetime]) -> None:
    scale = time_scale(knots)
    places = [scale.place(moment) for moment in sorted(asked)]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_the_same_report_gives_the_same_bytes_from_many_threads(form: FigureFormat) -> None:
    report = lamella()
    with ThreadPoolExecutor(4) as threads:
        drawn = set(threads.map(lambda _: figure_bytes(report, form), range(8)))
    assert len(drawn) == 1


def test_fonts_travel_with_the_figure():
    assert b"FontFile2" in figure_bytes(lamella(), "pdf")
    assert b"<text" not in figure_bytes(lamella(), "svg")


def test_a_report_without_any_record_is_drawn_too():
    assert figure_bytes(report_of([], []), "svg").startswith(b"<?xml")


def test_every_beam_energy_has_a_line_of_its_own_and_an_unknown_dose_is_marked():
    slow = leg(2, start=36, seconds=1, rate=10.0, beam_energy=Quantity(60.0, "kV", "user"))
    report = report_of(
        history(), [leg(1, start=35, seconds=1, rate=10.0), slow, leg(3, start=37, seconds=1, rate=None)]
    )
    axes = timeline(report).axes[-1]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["200 kV", "60 kV"]
    assert "dose unknown " in [text.get_text() for text in axes.texts]


def test_electrons_and_photons_have_panels_of_their_own():
    photons = replace(
        leg(2, start=36, seconds=1, rate=1.0), mode="xray", fluence=Quantity(1e7, "photons/um^2", "header")
    )
    report = report_of(history(), [leg(1, start=35, seconds=1, rate=10.0), photons])
    assert len(timeline(report).axes) == 4


def test_a_place_named_like_a_formula_is_shown_as_it_is():
    report = lamella()
    odd = replace(report.bands[0], place=r"$\frac{1}{$ & <b>", ended_at=OPENED + timedelta(hours=30))
    assert figure_bytes(replace(report, bands=(odd,)), "svg")


@pytest.mark.parametrize("state", ["overdue", "unknown", "due", "fresh"])
def test_a_clock_that_air_or_a_gap_decided_never_looks_fresh(state: ClockState) -> None:
    spoilt = replace(lamella().clocks[0], state=state, due_at=None, overdue_at=None)
    panel = timeline(replace(lamella(), clocks=(spoilt,))).axes[1]
    assert [text.get_text() for text in panel.texts] == [state]


def test_a_clock_shows_when_it_was_due_and_overdue():
    late = replace(lamella().clocks[0], state="overdue", due_at=hours(20), overdue_at=hours(30))
    panel = timeline(replace(lamella(), clocks=(late,))).axes[1]
    assert [text.get_text() for text in panel.texts] == ["fresh", "due", "overdue"]
