"""Two maps compared: known differences, what no difference means, and grids that do not agree."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import WrongShape
from lithoscope.numerics.volumes import difference_map
from lithoscope.numerics.volumes.errors import DifferentSteps, DifferentUnits, TooLittleInCommon
from lithoscope.numerics.volumes.phantoms import two_tomograms
from lithoscope.units import Quantity

STEP = {axis: Quantity(2.0, "nm", "measured") for axis in "zyx"}


def volume(values, **stated):
    return LabelledArray(
        np.asarray(values, float), "zyx", **{"spacing": STEP, "unit": "counts", "kind": "volume", **stated}
    )


@pytest.fixture
def some():
    return volume(np.random.default_rng(0).normal(5.0, 2.0, (6, 7, 8)))


def test_a_map_less_itself_is_zero_everywhere_and_correlates_fully(some):
    found = difference_map(some, some)
    assert not found.difference.values.any()
    assert found.correlation.value == pytest.approx(1.0)
    assert (found.relative_rms.value, found.voxels.value, found.notes) == (0.0, 336.0, ())


def test_a_known_difference_is_found_at_its_place(some):
    changed = some.values.copy()
    changed[2, 3, 4] -= 7.5
    found = difference_map(some, replace(some, values=changed))
    assert found.difference.values[2, 3, 4] == pytest.approx(7.5)
    assert np.count_nonzero(found.difference.values) == 1
    assert found.numbers.columns["greatest"] == [pytest.approx(7.5)]
    assert found.numbers.columns["root_mean_square"] == [pytest.approx(7.5 / np.sqrt(336))]


def test_exchanging_the_maps_changes_the_sign_alone(some):
    other = replace(some, values=some.values[::-1].copy())
    there, back = difference_map(some, other), difference_map(other, some)
    np.testing.assert_allclose(there.difference.values, -back.difference.values)
    assert there.correlation.value == pytest.approx(back.correlation.value)


@pytest.mark.parametrize(("match", "offset"), [("scale", 0.0), ("scale_and_offset", 3.0)])
def test_an_arbitrary_scale_is_brought_to_that_of_the_first(some, match, offset):
    other = replace(some, values=(some.values - offset) / 40, unit="1")
    found = difference_map(some, other, match=match)
    np.testing.assert_allclose(found.difference.values, 0, atol=1e-5)
    assert found.numbers.columns["factor_of_second"] == [pytest.approx(40.0)]
    assert found.numbers.columns["offset_of_second"] == [pytest.approx(offset, abs=1e-9)]


def test_only_places_inside_the_mask_are_counted_but_all_are_drawn(some):
    changed = some.values.copy()
    changed[:3] += 1.0
    where = np.zeros(some.values.shape, np.uint8)
    where[3:] = 1
    found = difference_map(replace(some, values=changed), some, where)
    assert (found.relative_rms.value, found.voxels.value) == (0.0, 168.0)
    np.testing.assert_allclose(found.difference.values[:3], 1.0, rtol=1e-6)


def test_places_without_a_value_in_either_have_no_difference(some):
    holes = some.values.copy()
    holes[0, 0, 0] = np.nan
    found = difference_map(some, replace(some, values=holes))
    assert np.isnan(found.difference.values[0, 0, 0])
    assert found.voxels.value == 335.0


def test_a_constant_map_has_no_correlation_and_says_why():
    found = difference_map(volume(np.ones((3, 3, 3))), volume(np.zeros((3, 3, 3))))
    assert (found.correlation.value, found.relative_rms.value) == (None, None)
    assert "first" in found.correlation.note
    assert found.numbers.columns["mean"] == [1.0]


def test_every_counted_place_stands_in_the_histogram():
    found = difference_map(**two_tomograms())
    assert sum(found.histogram.columns["voxels"]) == found.voxels.value


def test_unknown_steps_are_compared_with_a_note(some):
    found = difference_map(some, replace(some, spacing={}))
    assert "not known" in found.notes[0]


@pytest.mark.parametrize(
    ("change", "refusal", "words"),
    [
        ({"values": np.ones((6, 7, 9))}, WrongShape, "6 x 7 x 9"),
        ({"spacing": {**STEP, "z": Quantity(2.1, "nm", "measured")}}, DifferentSteps, "along z"),
        ({"unit": "e/A^2"}, DifferentUnits, "match"),
        ({"values": np.full((6, 7, 8), np.nan)}, TooLittleInCommon, "share 0 places"),
    ],
)
def test_what_lies_on_no_common_grid_is_refused_with_its_reason(some, change, refusal, words):
    with pytest.raises(refusal, match=words):
        difference_map(some, replace(some, **change))


def test_maps_of_several_channels_share_one_mask():
    channels = LabelledArray(np.zeros((2, 3, 4, 5)), "czyx", STEP, kind="volume")
    found = difference_map(replace(channels, values=channels.values + 1), channels, np.ones((3, 4, 5), np.uint8))
    assert found.voxels.value == 120.0
