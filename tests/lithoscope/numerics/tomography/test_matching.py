"""Projection matching: a poor start is mended, a good one is kept, steps stay short and the axis in its place."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import genfire, sirt
from lithoscope.numerics.tomography.alignment import align
from lithoscope.numerics.tomography.masks import otsu_masks
from lithoscope.numerics.tomography.matching import binned, match_projections, steps_to_model
from tests.lithoscope.numerics.tomography.misaligned import ANGLES_DEG, left_px, shifted_series

ENGINE = partial(sirt, iterations=10)


@pytest.fixture(scope="module")
def measured():
    series, planted = shifted_series(peak_counts=1e3)
    masks = otsu_masks(series).masks
    return series, planted, masks, align(series, ANGLES_DEG, masks=masks)


def scattered(alignment, largest_px):
    extra = np.random.default_rng(0).uniform(-largest_px, largest_px, alignment.shifts_px.shape)
    return replace(alignment, shifts_px=alignment.shifts_px + extra)


@pytest.mark.parametrize("engine", [ENGINE, partial(genfire, iterations=10)])
def test_images_scattered_by_a_pixel_come_back(measured, engine):
    series, planted, masks, found = measured
    start = scattered(found, 1.0)
    assert min(left_px(planted, start.shifts_px)) > 0.4
    refined = match_projections(series, ANGLES_DEG, start, engine=engine, masks=masks).alignment
    assert max(left_px(planted, refined.shifts_px)) <= 0.03


def test_a_good_alignment_is_kept(measured):
    series, planted, masks, found = measured
    refined = match_projections(series, ANGLES_DEG, found, engine=ENGINE, masks=masks)
    assert max(left_px(planted, refined.alignment.shifts_px)) <= 0.03
    assert refined.longest_step_px[-1] < 0.01
    assert refined.alignment.rotation_axis_px == found.rotation_axis_px


def test_no_image_moves_further_than_allowed_and_the_series_keeps_its_place(measured):
    series, _, masks, found = measured
    start = scattered(found, 2.0)
    one = match_projections(series, ANGLES_DEG, start, engine=ENGINE, masks=masks, bins=(4,), iterations=1)
    steps = one.alignment.shifts_px - start.shifts_px
    assert one.longest_step_px == pytest.approx([0.5])
    assert abs(steps).max() <= 0.5 + 1e-12
    np.testing.assert_allclose(np.median(steps, axis=0), 0, atol=1e-9)


def test_what_the_volume_leaves_unexplained_falls(measured):
    series, _, masks, found = measured
    start = scattered(found, 1.0)
    refined = match_projections(series, ANGLES_DEG, start, engine=ENGINE, masks=masks, bins=(2,))
    assert refined.residual[-1] < 0.85 * refined.residual[0]


def test_an_early_finish_keeps_the_shifts_so_far(measured):
    series, _, masks, found = measured
    told = []
    refined = match_projections(
        series, ANGLES_DEG, scattered(found, 1.0), engine=ENGINE, masks=masks,
        progress=lambda done, total, **values: told.append((done, total, *values)) or done < 2,
    )  # fmt: skip
    assert told == [(1, 30, "residual", "longest_step_px"), (2, 30, "residual", "longest_step_px")]
    assert len(refined.residual) == 2


def test_a_step_is_the_way_to_the_model_whatever_the_brightness():
    y, x = np.mgrid[:32, :32]

    def blob(at_y, at_x):
        return np.exp(-((y - at_y) ** 2 + (x - at_x) ** 2) / 40)

    steps = steps_to_model(np.array([1.3 * blob(15, 15)]), np.array([blob(15.2, 14.9)]))
    np.testing.assert_allclose(steps, [(0.2, -0.1)], atol=0.01)
    assert not steps_to_model(np.ones((1, 8, 8)), np.zeros((1, 8, 8))).any()


def test_binning_fills_up_with_zeros():
    images = np.ones((1, 5, 6), np.float32)
    np.testing.assert_allclose(binned(images, 4)[0], [[1, 0.5], [0.25, 0.125]])


def test_settings_without_meaning_are_refused(measured):
    series, _, masks, found = measured
    for extra in ({"iterations": 0}, {"largest_step_px": 0.0}, {"bins": ()}, {"bins": (0,)}):
        with pytest.raises(ScienceError, match="matching needs"):
            match_projections(series, ANGLES_DEG, found, engine=ENGINE, masks=masks, **extra)
    with pytest.raises(ScienceError, match="single pixel"):
        match_projections(series[:, :4], ANGLES_DEG, found, engine=ENGINE)
