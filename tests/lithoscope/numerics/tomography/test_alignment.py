"""Alignment: planted shifts come back to hundredths of a pixel, and what would spoil them is refused or said."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import sirt
from lithoscope.numerics.tomography.alignment import align
from lithoscope.numerics.tomography.masks import otsu_masks
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.shifting import apply_shifts
from tests.lithoscope.numerics.tomography.misaligned import ANGLES_DEG, left_px, shifted_series


def aligned(series, *, dilate_px=3.0, **settings):
    return align(series, ANGLES_DEG, masks=otsu_masks(series, dilate_px=dilate_px).masks, **settings)


@pytest.mark.parametrize("background", [0.0, 0.02, 0.05])
@pytest.mark.parametrize("peak_counts", [1e3, 1e5])
def test_planted_shifts_come_back_to_three_hundredths_of_a_pixel(background, peak_counts):
    series, planted = shifted_series(peak_counts=peak_counts, background=background)
    found = aligned(series)
    assert max(left_px(planted, found.shifts_px)) <= 0.03
    assert found.notes == ()
    assert found.line_correlation.min() > 0.999
    assert found.background_counts == pytest.approx(background * peak_counts, rel=0.05, abs=1)


def test_a_background_without_masks_and_masks_without_rim_are_traps():
    series, planted = shifted_series(peak_counts=1e4, background=0.02)
    whole = align(series, ANGLES_DEG)
    assert left_px(planted, whole.shifts_px)[1] > 0.15
    assert "no masks" in whole.notes[0]
    bitten = left_px(planted, aligned(series, dilate_px=0).shifts_px)
    grown = left_px(planted, aligned(series).shifts_px)
    assert min(b / g for b, g in zip(bitten, grown, strict=True)) > 1.5


def test_the_centre_of_mass_comes_to_lie_on_the_axis_and_the_upright_image_stays_in_y():
    series, _ = shifted_series(32, peak_counts=1e5, background=0.0, largest_px=2.0)
    for axis_px in (None, 14.25):
        found = aligned(series, rotation_axis_px=axis_px)
        moved = apply_shifts(series, found.shifts_px)
        columns = moved.sum(axis=1)
        centres = columns @ np.arange(32) / columns.sum(axis=1)
        np.testing.assert_allclose(centres, 15.5 if axis_px is None else axis_px, atol=0.02)
        assert found.shifts_px[7, 0] == 0


def test_the_aligned_series_makes_a_sharper_volume():
    series, planted = shifted_series(32, peak_counts=1e4, background=0.0, largest_px=2.0)
    truth = porous_particle(32)

    def likeness(images):
        volume = sirt(images, ANGLES_DEG, iterations=20)
        shift = np.fft.ifftn(np.fft.fftn(truth) * np.fft.fftn(volume).conj()).real.max()
        return shift / np.sqrt((truth**2).sum() * (volume**2).sum())

    right = likeness(apply_shifts(series, -planted))
    ours = likeness(apply_shifts(series, aligned(series).shifts_px))
    raw = likeness(series)
    assert ours > right - 0.01
    assert ours > raw + 0.01
    turned_about = likeness(apply_shifts(series, -aligned(series).shifts_px))
    assert turned_about < raw  # the sign of a shift is that of the content


def test_the_axis_is_where_it_was_put_and_the_tilts_keep_their_sign():
    """Half a pixel off, as pixel n // 2 would be, or the other way round, the volume explains less of the series."""
    series, _ = shifted_series(32, peak_counts=1e5, background=0.0, largest_px=2.0)
    found = aligned(series)
    moved = apply_shifts(series, found.shifts_px)

    def unexplained(angles_deg, axis_px):
        left = []
        sirt(moved, angles_deg, iterations=30, rotation_axis_px=axis_px,
             progress=lambda *_, residual: not left.append(residual))  # fmt: skip
        return left[-1]

    right = unexplained(ANGLES_DEG, found.rotation_axis_px)
    assert found.rotation_axis_px == 15.5
    assert unexplained(ANGLES_DEG, 16.0) > 1.05 * right
    np.testing.assert_allclose(unexplained(-ANGLES_DEG, 15.5), right, rtol=0.02)  # the mirror image explains as much


def test_order_and_duplicates_of_tilts_do_not_matter():
    series, _ = shifted_series(32, largest_px=2.0)
    masks = otsu_masks(series).masks
    order = np.random.default_rng(1).permutation(len(series))
    found = align(series, ANGLES_DEG, masks=masks).shifts_px
    mixed = align(series[order], ANGLES_DEG[order], masks=masks[order]).shifts_px
    np.testing.assert_allclose(mixed, found[order], atol=1e-6)
    twice = np.r_[np.arange(15), 7]
    again = align(series[twice], ANGLES_DEG[twice], masks=masks[twice]).shifts_px
    np.testing.assert_allclose(again[15], again[7])


@pytest.mark.parametrize("noise", [False, True])
def test_an_empty_tilt_is_named(noise):
    series, _ = shifted_series(peak_counts=1e3, background=0.05)
    series[11] = np.random.default_rng(0).poisson(50, series[11].shape) if noise else 50
    with pytest.raises(ScienceError, match=r"tilt 11"):
        align(series, ANGLES_DEG, masks=otsu_masks(series).masks)
    series[11] = 0
    with pytest.raises(ScienceError, match=r"tilt 11 \(40.0 deg\)"):
        align(series, ANGLES_DEG)


def test_an_object_that_leaves_the_field_is_said():
    series, _ = shifted_series(32, largest_px=8.0)
    assert "leaves the field" in aligned(series).notes[0]


def test_images_need_not_be_square():
    series, planted = shifted_series(32, largest_px=1.0, peak_counts=1e5)
    narrow = series[:, 2:30]
    found = align(narrow, ANGLES_DEG, masks=otsu_masks(narrow).masks)
    assert max(left_px(planted, found.shifts_px)) <= 0.05


def test_bad_input_is_refused():
    series, _ = shifted_series(16, largest_px=1.0)
    masks = otsu_masks(series).masks
    for broken, angles, extra, word in (
        (series[:3], ANGLES_DEG, {}, "one tilt angle per projection"),
        (series, ANGLES_DEG, {"masks": masks[:3]}, "one mask per image"),
        (series[:, :, 8:9], ANGLES_DEG, {}, "cannot be aligned"),
        (series, ANGLES_DEG, {"mean_updates": -1}, "mean_updates"),
        (series, ANGLES_DEG, {"rotation_axis_px": 40.0}, "misses the detector"),
        (np.where(np.arange(15)[:, None, None] == 3, np.nan, series), ANGLES_DEG, {}, "tilt 3"),
    ):
        with pytest.raises(ScienceError, match=word):
            align(broken, angles, **extra)
