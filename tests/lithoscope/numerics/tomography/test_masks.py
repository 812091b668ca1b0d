"""Masks of a tilt series: the threshold, its ties, what a mask keeps and what it cuts off."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.common.otsu import GreyHistogram, otsu_thresholds, tied_threshold
from lithoscope.numerics.tomography.masks import otsu_masks
from lithoscope.numerics.tomography.shifting import shift_masks
from tests.lithoscope.numerics.tomography.misaligned import ANGLES_DEG, shifted_series


def test_tied_thresholds_are_averaged():
    """Three equal spikes can be split after the first or before the last: between lies the middle one."""
    histogram = GreyHistogram(np.array([1.0, 0, 1, 0, 1]), np.array([0.0, 0, 2, 0, 4]))
    assert tied_threshold(histogram) == pytest.approx(2)
    assert otsu_thresholds(histogram, 2)[0] == 1.5


def test_a_gap_between_two_values_is_cut_in_its_middle():
    assert tied_threshold(GreyHistogram.of(np.array([2.0, 2.0, 10.0], np.float32))) == pytest.approx(6, abs=0.05)


def test_without_ties_it_is_otsus_threshold():
    values = np.random.default_rng(0).gamma(2.0, 50.0, (40, 40)).astype(np.float32)
    assert tied_threshold(GreyHistogram.of(values)) == pytest.approx(otsu_thresholds(GreyHistogram.of(values), 2)[0])


def test_the_threshold_bites_the_rim_and_says_so():
    series, _ = shifted_series()
    bare = otsu_masks(series, angles_deg=ANGLES_DEG, dilate_px=0)
    grown = otsu_masks(series, angles_deg=ANGLES_DEG, dilate_px=5)
    assert 0.04 < bare.masked_off_fraction.mean() < 0.09
    assert "raise dilate_px" in bare.notes[0]
    assert grown.masked_off_fraction.max() < 0.01
    assert grown.notes == ()
    assert (grown.masks >= bare.masks).all()


def test_masked_off_fraction_is_that_of_the_intensity():
    image = np.zeros((1, 20, 20))
    image[0, 5:15, 5:15] = 100
    image[0, 5:15, 3] = 30  # a faint part below the threshold
    found = otsu_masks(image + 7, dilate_px=0)
    assert found.background_counts[0] == 7
    assert found.masked_off_fraction[0] == pytest.approx(300 / 10300)


def test_largest_component_is_chosen_before_a_speck_can_grow_into_it():
    image = np.zeros((1, 30, 30))
    image[0, 5:20, 5:20] = 100
    image[0, 10, 23] = 500  # a hit pixel, three pixels away
    image[0, 12, 12] = 0  # a pore
    mask = otsu_masks(image, dilate_px=0).masks[0]
    assert mask.sum() == 225
    assert not otsu_masks(image, dilate_px=0, fill_holes=False).masks[0, 12, 12]
    assert otsu_masks(image, dilate_px=0, largest=False).masks[0, 10, 23]
    assert not otsu_masks(image, dilate_px=2).masks[0, 10, 23]


def test_dilation_reaches_equally_far_in_every_direction():
    image = np.zeros((1, 21, 21))
    image[0, 10, 10] = 1
    mask = otsu_masks(image, dilate_px=3).masks[0]
    assert mask[10, 13]
    assert mask[13, 10]
    assert not mask[13, 13]
    assert mask[12, 12]


def test_an_image_of_one_value_has_no_mask_and_is_named():
    series, _ = shifted_series(32)
    series[4] = 5
    found = otsu_masks(series, angles_deg=ANGLES_DEG)
    assert not found.masks[4].any()
    assert np.isnan(found.threshold_counts[4])
    assert np.isnan(found.masked_off_fraction[4])
    assert "tilt 4 (-30.0 deg)" in found.notes[0]
    assert found.masks[3].any()


def test_masks_move_with_their_images_and_nothing_comes_in_from_outside():
    mask = np.zeros((2, 12, 12), bool)
    mask[:, :4, 4:8] = True
    moved = shift_masks(mask, [(3.0, -2.0), (0.4, 0.4)])
    assert moved[0, 3:7, 2:6].all()
    assert moved[0].sum() == 16
    np.testing.assert_array_equal(moved[1, 1:], mask[1, 1:])


def test_bad_masks_are_refused():
    with pytest.raises(ScienceError, match="dilate_px"):
        otsu_masks(np.zeros((1, 4, 4)), dilate_px=-1)
    with pytest.raises(ScienceError, match="tilt 1"):
        otsu_masks(np.array([np.ones((4, 4)), np.full((4, 4), np.nan)]))
    with pytest.raises(ScienceError, match="shape"):
        otsu_masks(np.ones((4, 4)))
