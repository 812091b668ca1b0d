"""Budgets: fractions add, whatever the order; unknown is never fine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.bounds import Bounds
from lithoscope.rules.critical_dose import literature_limits
from lithoscope.rules.damage_budget import Budget, NextBeam, budget, budgets, worst_of
from lithoscope.rules.legs import Leg
from lithoscope.units import Quantity

LITERATURE = literature_limits()
BEGIN = datetime(2026, 5, 4, 10, tzinfo=UTC)
ROOM_K, COLD_K = 293.15, 98.15


def leg(dose: float | None, temperature_K: float | None = ROOM_K, *, number: int = 0, **fields) -> Leg:
    """Give a stay of a 200 kV beam at 100 e/Å²s."""
    known = {
        "exposure_id": f"exp_{number}",
        "mode": "tem_field",
        "purpose": "acquisition",
        "started_at": BEGIN + timedelta(minutes=number),
        "ended_at": None,
        "beam_energy": Quantity(200.0, "kV", "user"),
        "temperature_K": _quantity(temperature_K, "K"),
        "fluence": _quantity(dose, "e/A^2"),
        "rate": Quantity(100.0, "e/(A^2 s)", "user"),
    }
    return Leg(**{**known, **fields})


def _quantity(value: float | None, unit: str) -> Quantity:
    return Quantity.unknown(unit, "nobody wrote it down") if value is None else Quantity(value, unit, "measured")


def judge(*legs: Leg, phase: str = "LiF", complete: bool = True, **more) -> Budget:
    """Judge legs by the literature."""
    return budget(legs, phase=phase, limits=LITERATURE, coverage_is_complete=complete, **more)


def test_150_at_room_temperature_and_1000_in_the_cold_spend_more_than_an_eighth():
    """0.75 + 0.05 to 0.10, not the 12 % that adding fluences would give."""
    spent = judge(leg(150.0), leg(1000.0, COLD_K, number=1))
    assert [each.fraction.lower for each in spent.legs] == pytest.approx([0.75, 0.05])
    assert [each.fraction.upper for each in spent.legs] == pytest.approx([0.75, 0.10])
    assert (spent.spent.lower, spent.spent.upper) == pytest.approx((0.80, 0.85))
    assert (spent.remaining.lower, spent.remaining.upper) == pytest.approx((0.15, 0.20))
    assert spent.state == "near"
    assert "taken to add" in spent.assumption


def test_seconds_left_are_counted_at_the_rate_and_temperature_to_come():
    cold = NextBeam(COLD_K, 200.0, "tem_field", 50.0)
    left = judge(leg(150.0), next_beam=cold).seconds_left
    assert (left.lower, left.upper) == pytest.approx((0.25 * 200, 0.25 * 400))
    assert judge(leg(250.0), next_beam=cold).seconds_left == Bounds(0.0, 0.0, 0.0, "s")
    assert judge(leg(150.0), next_beam=replace(cold, temperature_K=200.0)).seconds_left == Bounds.unknown("s")
    assert judge(leg(150.0)).seconds_left == Bounds.unknown("s")
    warm = replace(cold, temperature_K=ROOM_K)
    assert judge(leg(1.0), phase="Li2CO3", next_beam=warm).seconds_left == pytest.approx(
        Bounds(None, None, 0.99 * 2, "s")
    )


def test_a_budget_of_unrecorded_beam_says_why_it_is_unknown():
    judged = judge(leg(10.0), complete=False)
    assert (judged.state, judged.spent.upper) == ("unknown", None)
    assert "the dose is a lower bound" in " ".join(judged.reasons)


def test_of_several_places_the_exceeded_speaks_then_the_unknown_then_the_nearly_spent():
    within, near, unknown, exceeded = judge(leg(20.0)), judge(leg(170.0)), judge(leg(None)), judge(leg(300.0))
    assert [each.state for each in (within, near, unknown, exceeded)] == ["within", "near", "unknown", "exceeded"]
    assert worst_of([near, unknown, within, exceeded]) is exceeded
    assert worst_of([within, near, unknown]) is unknown
    assert worst_of([within, near]) is near


def test_places_judged_together_are_judged_as_if_alone():
    first, second, third = leg(20.0), leg(170.0, number=1), leg(None, number=2)
    places = [(first,), (second, first), (), (first, second, third)]
    known = {"phase": "LiF", "limits": LITERATURE, "coverage_is_complete": True, "unplaced": {"exp_1"}}
    together = budgets(places, **known)
    assert together == [budget(legs, **known) for legs in places]
    assert [each.state for each in together] == ["within", "near", "within", "unknown"]


@pytest.mark.parametrize("dose", [float("nan"), float("inf")])
def test_a_dose_that_is_no_number_is_never_within(dose):
    assert judge(leg(dose)).state == "unknown"


def test_states_follow_the_interval():
    assert judge().state == "within"
    assert judge(leg(100.0)).state == "within"
    assert judge(leg(170.0)).state == "near"
    assert judge(leg(170.0), near_fraction=0.9).state == "within"
    assert judge(leg(200.0)).state == "exceeded"
    assert judge(leg(1.5e4, COLD_K)).state == "near"
    assert judge(leg(2e4, COLD_K)).state == "exceeded"


def test_a_limit_without_lower_bound_never_lets_anything_be_fine():
    assert judge(leg(1.0), phase="Li2CO3").state == "unknown"
    assert judge(leg(99.0), phase="Li2CO3").state == "unknown"
    assert judge(leg(100.0), phase="Li2CO3").state == "exceeded"


def test_beyond_the_largest_dose_known_to_be_safe_nobody_knows():
    assert judge(leg(1000.0), phase="Li").state == "within"
    assert judge(leg(1750.0), phase="Li").state == "near"
    assert judge(leg(3500.0), phase="Li").state == "unknown"


def test_a_lower_bound_alone_may_show_that_a_limit_is_exceeded():
    assert judge(leg(50.0), complete=False).state == "unknown"
    assert judge(leg(250.0), complete=False).state == "exceeded"
    assert judge(leg(250.0), leg(None, number=1)).state == "exceeded"
    open_ended = judge(leg(150.0), leg(1000.0, COLD_K, number=1), complete=False)
    assert open_ended.spent.upper is None
    assert (open_ended.recorded.lower, open_ended.recorded.upper) == pytest.approx((0.80, 0.85))


def test_other_beams_have_no_limit_and_leave_the_budget_unknown():
    ions = leg(1.0, mode="fib", fluence=Quantity(1.0, "ions/nm^2", "user"))
    result = judge(leg(10.0), replace(ions, exposure_id="exp_9"))
    assert result.state == "unknown"
    assert result.spent.lower == pytest.approx(0.05)
    assert "mode fib" in result.reasons[0]


def test_a_scanned_beam_is_not_fine_by_the_limit_of_a_lit_field():
    assert judge(leg(10.0, mode="stem_raster")).state == "unknown"
    assert judge(leg(300.0, mode="stem_raster")).state == "exceeded"


def test_a_leg_that_nobody_placed_may_have_missed_the_region():
    stray = leg(250.0)
    assert judge(stray).state == "exceeded"
    of_region = judge(stray, unplaced={stray.exposure_id})
    assert of_region.state == "near"
    assert (of_region.spent.lower, of_region.spent.upper) == pytest.approx((0.0, 1.25))
    assert not of_region.legs[0].is_placed


def test_a_stated_uncertainty_widens_the_fraction_to_its_90_percent():
    fluence = Quantity(100.0, "e/A^2", "measured", uncertainty=10.0)
    spent = judge(leg(0.0, fluence=fluence)).spent
    assert (spent.lower, spent.best, spent.upper) == pytest.approx((0.41776, 0.5, 0.58224), rel=1e-4)
    stated = replace(fluence, uncertainty=None, interval=(80.0, 140.0))
    assert judge(leg(0.0, fluence=stated)).spent == Bounds(0.4, 0.5, 0.7, "1")


def test_where_a_small_probe_stood_counts_for_the_upper_end():
    spots = leg(20.0, local_fluence=Quantity(180.0, "e/A^2", "user"))
    assert judge(spots).spent == Bounds(0.1, 0.1, 0.9, "1")


doses = st.floats(0.0, 1e5)
temperatures = st.sampled_from([ROOM_K, COLD_K])
legs_of = st.lists(st.tuples(doses, temperatures), min_size=1, max_size=6)
phases = st.sampled_from(["LiF", "Li2CO3", "Li", "Li2O"])


@given(legs_of, phases, st.data())
def test_fractions_do_not_depend_on_the_order(stays, phase, data):
    legs = [leg(*stay, number=number) for number, stay in enumerate(stays)]
    mixed = data.draw(st.permutations(legs))
    times = data.draw(st.permutations([each.started_at for each in legs]))
    other = [replace(each, started_at=time) for each, time in zip(mixed, times, strict=True)]
    one, two = judge(*legs, phase=phase), judge(*other, phase=phase)
    assert (one.spent, one.state) == (two.spent, two.state)


@given(doses, temperatures, st.floats(0.0, 1.0), phases)
def test_fractions_add_when_an_exposure_is_split(dose, temperature_K, share, phase):
    fluence = Quantity(dose, "e/A^2", "user", uncertainty=dose / 20)
    parts = [
        replace(
            leg(0, temperature_K, number=number),
            fluence=replace(fluence, value=dose * part, uncertainty=dose * part / 20),
        )
        for number, part in enumerate((share, 1 - share))
    ]
    whole, split = judge(replace(parts[0], fluence=fluence), phase=phase).spent, judge(*parts, phase=phase).spent
    for one, two in ((whole.lower, split.lower), (whole.best, split.best), (whole.upper, split.upper)):
        assert (one is None) == (two is None)
        assert one is None or one == pytest.approx(two)


@given(legs_of, phases, st.sampled_from(["fluence", "temperature_K", "beam_energy", "rate"]), st.data())
def test_no_budget_is_within_when_any_input_is_unknown(stays, phase, blank, data):
    legs = [leg(dose / 1e6, temperature_K, number=number) for number, (dose, temperature_K) in enumerate(stays)]
    number = data.draw(st.integers(0, len(legs) - 1))
    unit = getattr(legs[number], blank).unit
    legs[number] = replace(legs[number], **{blank: Quantity.unknown(unit)})
    assert judge(*legs, phase=phase).state == "unknown"
    assert judge(*legs, phase=phase, complete=False).state == "unknown"


@given(legs_of, phases, st.booleans())
def test_what_is_spent_and_left_is_never_negative(stays, phase, complete):
    result = judge(*(leg(*stay, number=number) for number, stay in enumerate(stays)), phase=phase, complete=complete)
    for bounds in (result.spent, result.remaining, *(each.fraction for each in result.legs)):
        assert all(value >= 0 for value in (bounds.lower, bounds.best, bounds.upper) if value is not None)


def test_a_budget_names_why_a_dose_is_not_known():
    told = replace(leg(None), fluence=Quantity.unknown("e/A^2", "not recorded: dwell_s"))
    assert judge(told).reasons == ("exp_0: its dose is not known: not recorded: dwell_s",)
    product = replace(leg(None), fluence=Quantity.unknown("e/A^2", "not known: dwell (not recorded)"))
    assert judge(product).reasons == ("exp_0: its dose is not known: dwell (not recorded)",)
    silent = replace(leg(None), fluence=Quantity.unknown("e/A^2"))
    assert judge(silent).reasons == ("exp_0: its dose is not known",)


def test_of_two_places_alike_in_state_the_one_with_more_certainly_spent_speaks():
    less, more = (judge(leg(dose), complete=False) for dose in (20.0, 120.0))
    assert worst_of([more, less]) is more
    assert worst_of([less, more]) is more


def test_a_dose_whose_interval_crosses_the_limit_is_near_and_never_within():
    for value, uncertainty in ((150.0, 40.0), (60.0, 100.0), (199.0, 1.0)):
        spread = Quantity(value, "e/A^2", "measured", uncertainty=uncertainty)
        assert judge(leg(0.0, fluence=spread)).state == "near"


def test_legs_of_two_beam_energies_add_as_fractions_and_not_as_doses():
    """At room temperature the limit of fluoride holds from 60 to 300 kV; at 5 kV none is known."""
    slow = leg(50.0, number=1, beam_energy=Quantity(80.0, "kV", "user"))
    both = judge(leg(100.0), slow)
    assert (both.state, both.spent.best) == ("within", pytest.approx(0.75))
    assert both.legs[1].flags == ("other_energy",)
    assert judge(leg(10.0), leg(1.0, number=1, beam_energy=Quantity(5.0, "kV", "user"))).state == "unknown"


def test_a_phase_nobody_measured_is_unknown_even_where_nothing_was_given():
    assert judge(leg(0.0), phase="Li3N").state == "unknown"
