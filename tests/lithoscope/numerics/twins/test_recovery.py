"""A measurement that finds what was planted says so, and one with a false gradient is caught."""

import numpy as np
import pytest

from lithoscope.numerics.twins import small_particle
from lithoscope.numerics.twins.recovery import Recovery, recoveries

NAMES = ("Mn4+", "Mn3+", "Mn2+")


@pytest.fixture(scope="module")
def particle():
    return small_particle(32)


def compared(particle, found) -> list[Recovery]:
    inside = particle.occupancy > 0.5
    return recoveries(found, particle.mn_states, particle=inside, occupancy=particle.occupancy, names=NAMES)


def test_the_truth_itself_is_found_whole(particle):
    for each in compared(particle, particle.mn_states):
        assert each.found == pytest.approx(each.planted)
        assert each.largest_inside < 0.02  # pores are given to the planted particle, not to this mask
        assert each.has_right_sign(0.01) in (True, None)


def test_a_particle_elsewhere_in_the_field_is_the_same_particle(particle):
    inside = np.roll(particle.occupancy > 0.5, 2, axis=0)
    moved = recoveries(
        np.roll(particle.mn_states, 2, axis=1),
        particle.mn_states,
        particle=inside,
        occupancy=particle.occupancy,
        names=NAMES,
    )
    for one, other in zip(moved, compared(particle, particle.mn_states), strict=True):
        assert np.array_equal(one.found_profile, other.found_profile)


def test_a_gradient_that_goes_the_wrong_way_is_caught(particle):
    wrong = compared(particle, 1 - particle.mn_states)
    assert wrong[0].has_right_sign(0.01) is False
    assert wrong[0].has_right_sign(0.5) is None


def test_a_step_is_the_surface_above_the_core():
    profile = np.array([3.0, 3.0, *[1.0] * 10])
    assert Recovery("O", 1.0, 1.0, profile, -profile).steps == pytest.approx((2.0, -2.0))
