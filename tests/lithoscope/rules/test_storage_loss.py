from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.storage_loss import (
    LOSS_MODELS,
    RATE_UNIT,
    ImpossibleLoss,
    MeasuredLoss,
    first_order_loss,
    hours_to_loss,
    loss_after,
    rate_from_loss,
    square_root_loss,
)
from lithoscope.units import Quantity

WEEK_H = 168.0


@pytest.mark.parametrize(
    ("lost_in_a_week", "model", "hours"),
    [
        (0.40, "first_order", 1.44 * 24),
        (0.40, "square_root", 10.5),
        (0.20, "first_order", 3.3 * 24),
        (0.20, "square_root", 1.75 * 24),
        (0.10, "first_order", WEEK_H),
        (0.10, "square_root", WEEK_H),
    ],
)
def test_a_tenth_is_lost_when_the_paper_s_inequalities_say_so(lost_in_a_week, model, hours):
    """004 Fig. 1A: after 7 days Gen2 > 40 %, bi-salt < 20 %, foil < 10 %."""
    rate = rate_from_loss(model, lost_in_a_week, WEEK_H)
    assert hours_to_loss(model, rate) == pytest.approx(hours, rel=5e-3)


@given(st.sampled_from(LOSS_MODELS), st.floats(1e-6, 0.99), st.floats(0.01, 1e4))
def test_loss_rate_and_time_agree_with_each_other(model, loss, hours):
    rate = rate_from_loss(model, loss, hours)
    assert loss_after(model, rate, hours) == pytest.approx(loss)
    assert hours_to_loss(model, rate, loss) == pytest.approx(hours)


@given(st.sampled_from(LOSS_MODELS), st.floats(0, 10), st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_loss_never_shrinks_with_time_nor_exceeds_everything(model, rate, early, late):
    early, late = sorted((early, late))
    assert 0 <= loss_after(model, rate, early) <= loss_after(model, rate, late) <= 1


def test_nothing_is_ever_lost_at_rate_zero():
    assert first_order_loss(0.0, 1e6) == square_root_loss(0.0, 1e6) == 0
    assert hours_to_loss("first_order", 0.0) == inf


@pytest.mark.parametrize("rate", [-1e-9, inf, nan])
def test_an_impossible_rate_is_refused(rate):
    with pytest.raises(ImpossibleLoss, match="zero or above"):
        first_order_loss(rate, 1.0)


@pytest.mark.parametrize(("loss", "hours"), [(1.0, 1.0), (-0.1, 1.0), (0.1, 0.0), (nan, 1.0), (0.1, inf)])
def test_no_rate_follows_from_an_impossible_loss_or_time(loss, hours):
    with pytest.raises(ImpossibleLoss):
        rate_from_loss("first_order", loss, hours)


@pytest.mark.parametrize("loss", [1.0, -0.1, nan])
def test_a_loss_of_everything_is_never_waited_for(loss):
    with pytest.raises(ImpossibleLoss, match="fraction"):
        hours_to_loss("square_root", 0.1, loss)


def measured(rate, low, high, *, until_h, model="first_order"):
    return MeasuredLoss(model, Quantity(rate, RATE_UNIT[model], "measured", interval=(low, high)), until_h)


def test_a_measured_law_gives_loss_and_shelf_life_with_intervals():
    law = measured(0.0030, 0.0025, 0.0036, until_h=168)
    loss, life = law.loss_at(24), law.shelf_life()
    assert loss.value == pytest.approx(6.95, abs=0.01)
    assert loss.interval == pytest.approx((5.82, 8.28), abs=0.01)
    assert life.value == pytest.approx(35.1, abs=0.1)
    assert life.interval == pytest.approx((29.3, 42.1), abs=0.1)


def test_nothing_is_said_beyond_half_again_the_measured_time():
    law = measured(0.0001, 0.00008, 0.00013, until_h=168)
    assert law.loss_at(1.49 * 168).value is not None
    assert law.loss_at(1.51 * 168).value is None
    life = law.shelf_life()
    assert life.value is None
    assert "not reached within the measured time of 168 h" in life.note


def test_a_shelf_life_whose_upper_end_was_not_measured_states_the_lower_end_only():
    life = measured(0.0005, -0.0001, 0.0011, until_h=168).shelf_life()
    assert life.value == pytest.approx(210.7, abs=0.1)
    assert life.interval is None
    assert "at least 95.8 h" in life.note


def test_an_unknown_rate_says_nothing():
    law = MeasuredLoss("square_root", Quantity.unknown("h^-0.5", "nothing was titrated"), 1.0)
    assert law.loss_at(1).value is None
    assert law.shelf_life().note == "nothing was titrated"
