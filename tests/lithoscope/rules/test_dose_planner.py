"""Plans: what an exposure would take, and how far one may go."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.critical_dose import literature_limits
from lithoscope.rules.dose_planner import ImpossiblePlan, Plan, PlannedBeam, plan
from tests.lithoscope.rules.test_damage_budget import COLD_K, ROOM_K, leg

DISC = PlannedBeam(beam_current_nA=0.01, dwell_s=1.0, beam_diameter_nm=100.0, frames=10)


def of(beam: PlannedBeam, phase: str = "LiF", temperature_K: float = COLD_K, **more) -> Plan:
    """Plan at 200 kV by the literature."""
    limits = literature_limits()
    return plan(beam, phase=phase, temperature_K=temperature_K, beam_energy_kV=200.0, limits=limits, **more)


def test_a_raster_has_the_dose_of_the_published_tilt_series():
    planned = of(PlannedBeam(beam_current_nA=0.3, dwell_s=0.05, step_nm=4.63, frames=15, frame_pixels=(64, 64)))
    assert planned.dose_per_frame.value == pytest.approx(4.367e4, rel=1e-3)
    assert planned.dose.value == pytest.approx(6.551e5, rel=1e-3)
    assert planned.rate.value == pytest.approx(4.367e4 / (0.05 * 64 * 64), rel=1e-3)
    assert planned.after.state == "exceeded"


def test_a_lit_field_has_the_rate_of_its_disc():
    """1 nA over a disc of 1 um is 79.5 e/Å²s; so is 0.01 nA over 100 nm."""
    planned = of(DISC)
    assert planned.rate.value == pytest.approx(79.47, rel=1e-4)
    assert planned.dose.value == pytest.approx(794.7, rel=1e-4)
    assert planned.fraction.lower == pytest.approx(0.0397, rel=1e-2)
    assert planned.fraction.upper == pytest.approx(0.0795, rel=1e-2)
    assert planned.after.state == "within"
    assert "above_search_rate" in planned.flags
    assert "not_low_dose" not in planned.flags
    assert "not_low_dose" in of(replace(DISC, beam_current_nA=0.02)).flags


@given(st.floats(1e-3, 1.0), st.floats(1e-3, 1.0), st.integers(1, 50))
def test_what_is_called_safe_stays_within_the_limit_and_hardly_more_does_not(current, dwell, frames):
    beam = PlannedBeam(current, dwell, beam_diameter_nm=100.0, frames=frames)
    planned = of(beam)
    assert of(replace(beam, dwell_s=planned.largest_dwell_s.lower)).fraction.upper == pytest.approx(1.0)
    safe_current = planned.largest_beam_current_nA.lower
    assert of(replace(beam, beam_current_nA=safe_current)).fraction.upper == pytest.approx(1.0)
    safe_frames = int(planned.largest_frames.lower)
    if safe_frames:
        assert of(replace(beam, frames=safe_frames)).fraction.upper <= 1 + 1e-6
    assert of(replace(beam, frames=safe_frames + 1)).fraction.upper > 1 - 1e-6


def test_what_the_place_has_had_leaves_less():
    fresh = of(DISC)
    after = of(DISC, legs=[leg(150.0)])
    assert after.largest_dwell_s.lower == pytest.approx(fresh.largest_dwell_s.lower / 4)
    assert after.before.spent.upper == pytest.approx(0.75)
    assert after.after.spent.upper == pytest.approx(0.75 + fresh.fraction.upper)
    spent = of(DISC, legs=[leg(300.0)])
    assert (spent.largest_frames.lower, spent.largest_frames.upper) == (0.0, 0.0)


def test_a_spent_place_has_no_room_even_where_no_limit_holds():
    """No limit is measured at 200 K; what the place had at room temperature has spent it all the same."""
    nowhere = {"temperature_K": 200.0}
    spent = of(DISC, legs=[leg(300.0)], **nowhere)
    assert spent.choice.limit is None
    assert (spent.largest_frames.lower, spent.largest_frames.best, spent.largest_frames.upper) == (0.0, None, 0.0)
    assert (spent.largest_dwell_s.lower, spent.largest_dwell_s.upper) == (0.0, 0.0)
    half = of(DISC, legs=[leg(100.0)], **nowhere)
    assert (half.largest_frames.lower, half.largest_frames.upper) == (None, None)


@pytest.mark.parametrize("frames", [1, 3, 7, 10, 126])
def test_as_many_frames_as_the_limit_holds_exactly_are_safe(frames):
    """A quotient a rounding error below a whole number is that number, and one well below it is the one before."""
    limit = of(DISC).choice.limit.dose.lower
    exact = limit / frames / of(DISC).rate.value
    planned = of(replace(DISC, dwell_s=exact, frames=1))
    assert planned.largest_frames.lower == frames
    assert of(replace(DISC, dwell_s=exact * 1.001, frames=1)).largest_frames.lower == frames - 1


def test_with_an_incomplete_record_nothing_is_known_to_be_safe():
    open_ended = of(DISC, legs=[leg(50.0)], coverage_is_complete=False)
    assert open_ended.largest_dwell_s.lower is None
    assert open_ended.largest_dwell_s.upper is not None
    assert open_ended.after.state == "unknown"


def test_only_an_upper_bound_leaves_nothing_known_to_be_safe():
    planned = of(DISC, "Li2CO3", ROOM_K)
    assert planned.largest_frames.lower is None
    assert planned.largest_frames.upper == 1.0
    assert of(replace(DISC, frames=1), "Li2CO3", ROOM_K).after.state == "unknown"


def test_without_a_limit_the_dose_is_still_told():
    planned = of(DISC, "LiF", 200.0)
    assert planned.dose.value == pytest.approx(794.7, rel=1e-4)
    assert planned.fraction.upper is None
    assert planned.largest_dwell_s.upper is None
    assert "interpolated" in planned.choice.reason


def test_the_planned_beam_hits_whatever_may_have_missed():
    stray = leg(150.0)
    planned = of(DISC, unplaced={stray.exposure_id}, legs=[stray])
    assert [each.is_placed for each in planned.after.legs] == [False, True]
    assert (planned.before.spent.lower, planned.before.spent.upper) == pytest.approx((0.0, 0.75))


@pytest.mark.parametrize(
    "wrong",
    [
        {"step_nm": 1.0},
        {"beam_diameter_nm": None},
        {"beam_current_nA": 0.0},
        {"dwell_s": float("nan")},
        {"frames": 0},
        {"frame_pixels": (0, 64)},
    ],
)
def test_impossible_beams_are_refused(wrong):
    with pytest.raises(ImpossiblePlan):
        replace(DISC, **wrong)
