"""One Fourier shift for whatever the pixels carry: exact for whole pixels, sharp, and never done twice."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography.shifting import apply_shifts, shift_matrix, shifted_tilts

RNG = np.random.default_rng(0)


def blob(y, x, n=33):
    rows, columns = np.mgrid[:n, :n]
    return np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * 2.5**2)).astype(np.float32)


@pytest.mark.parametrize("shift", [(3, -2), (0, 0), (-1, 5)])
def test_whole_pixels_move_unchanged(shift):
    image = np.zeros((1, 32, 30), np.float32)
    image[0, 8:20, 8:20] = RNG.random((12, 12))
    moved = apply_shifts(image, [shift])
    np.testing.assert_allclose(moved, np.roll(image, shift, axis=(1, 2)), atol=2e-6)


def test_no_shift_returns_the_very_values():
    image = RNG.random((2, 9, 11, 3)).astype(np.float32)
    np.testing.assert_array_equal(apply_shifts(image, np.zeros((2, 2))), image)


def test_parts_of_a_pixel_follow_a_smooth_object():
    moved = apply_shifts(blob(16, 16)[None], [(1.37, -2.81)])
    np.testing.assert_allclose(moved[0], blob(17.37, 13.19), atol=2e-5)


def test_values_from_outside_the_field_are_those_at_its_edge():
    image = np.full((1, 16, 16), 7.0)
    np.testing.assert_allclose(apply_shifts(image, [(3.5, -4.2)]), image, atol=1e-4)
    assert shift_matrix(16, 2.3).sum(axis=1) == pytest.approx(np.ones(16), abs=1e-5)


def test_every_channel_takes_the_shift_of_its_image():
    spectra = RNG.random((3, 12, 14, 5))
    shifts = [(0.3, -1.2), (2.0, 0.0), (-0.7, 0.4)]
    together = apply_shifts(spectra, shifts)
    for channel in range(5):
        np.testing.assert_allclose(together[..., channel], apply_shifts(spectra[..., channel], shifts), atol=1e-5)
    streamed = list(shifted_tilts(iter(spectra), shifts))
    np.testing.assert_array_equal(np.array(streamed), together)


def test_counts_and_the_noise_of_counts_are_kept():
    counts = RNG.poisson(100.0, (1, 64, 64)).astype(np.float32)
    moved = apply_shifts(counts, [(0.5, 0.5)])
    assert moved.var() == pytest.approx(counts.var(), rel=0.05)
    inner = apply_shifts(counts, [(0.5, 0.5)], variances=True)[0, 16:48, 16:48]
    np.testing.assert_allclose(inner, 100, atol=50)
    assert inner.mean() == pytest.approx(100, rel=0.05)


def test_shifting_in_two_steps_is_worse_than_in_one():
    """What leaves the field by the first step does not come back: shifts are added up, never applied in turn."""
    image = np.zeros((1, 32, 32), np.float32)
    image[0, 2:14, 10:20] = RNG.random((12, 10))
    there = apply_shifts(image, [(-5.3, 0.2)])
    back = apply_shifts(there, [(5.3, -0.2)])
    assert abs(back - image).max() > 0.3


def test_bad_shifts_are_refused():
    series = np.ones((2, 4, 4))
    for shifts, word in (([(0, 0)], "one per image"), ([(0, 0, 0)] * 2, "y before x"), ([(0, np.nan)] * 2, "finite")):
        with pytest.raises(ScienceError, match=word):
            apply_shifts(series, shifts)
    with pytest.raises(ScienceError, match="channels behind"):
        apply_shifts(series[0], [(0, 0)])
    series[1, 2, 2] = np.nan
    with pytest.raises(ScienceError, match="tilt 1"):
        apply_shifts(series, [(1, 0)] * 2)
