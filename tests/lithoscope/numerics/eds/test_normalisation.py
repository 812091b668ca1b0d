"""Every tilt gets the level of the others, by the elements that have counts enough to say it."""

import numpy as np
import pytest

from lithoscope.numerics.common import NonFiniteValues, WrongShape
from lithoscope.numerics.eds import normalised_maps, smooth_maps, tilt_factors
from lithoscope.numerics.eds.errors import ElementMismatch, EmptyTilt

ANGLES = np.array([-70.0, -30.0, 0.0, 30.0, 70.0])
SHADOW = np.array([0.65, 0.9, 1.0, 0.95, 0.7])
AMOUNT = np.array([3000.0, 1200.0, 1000.0])


def test_factors_undo_a_planted_shadow():
    factors = tilt_factors(AMOUNT[:, None] * SHADOW, angles_deg=ANGLES)
    assert factors.factors * SHADOW == pytest.approx(np.full(5, SHADOW.mean()))
    assert not factors.left_out.any()


def test_the_planted_shadow_is_found_within_one_per_cent_at_a_thousand_counts():
    """Each tilt's four elements have 1,000 to 24,000 counts, as at 20 counts in the brightest pixel."""
    rng, amounts = np.random.default_rng(0), np.array([24000.0, 8000.0, 7000.0, 9000.0])
    errors, claimed = [], []
    for _ in range(200):
        found = tilt_factors(rng.poisson(amounts[:, None] * SHADOW), angles_deg=ANGLES)
        product = found.factors * SHADOW
        errors.append(product / product.mean() - 1)
        claimed.append(found.uncertainty / found.factors)
    assert np.sqrt(np.mean(np.square(errors))) < 0.01
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.sqrt(np.mean(np.square(claimed))), rel=0.25)


def test_the_formula_is_the_mean_over_elements_of_mean_over_sum():
    sums = np.array([[100.0, 200.0, 400.0], [900.0, 300.0, 300.0]])
    found = tilt_factors(sums, angles_deg=[0, 10, 20])
    assert found.element_factors == pytest.approx(np.array([700 / 3 / sums[0], 500 / sums[1]]))
    assert found.factors == pytest.approx(found.element_factors.mean(axis=0))


def test_an_element_with_too_few_counts_is_left_out_there_and_flagged():
    sums = AMOUNT[:, None] * SHADOW
    sums[2, 3] = 40.0
    found = tilt_factors(sums, angles_deg=ANGLES)
    assert np.argwhere(found.left_out).tolist() == [[2, 3]]
    assert np.isnan(found.element_factors[2, 3])
    assert found.factors[3] == pytest.approx(found.element_factors[:2, 3].mean())


def test_a_tilt_without_counts_is_an_error_that_names_it_unless_excluded():
    sums = AMOUNT[:, None] * SHADOW
    sums[:, 4] = 0
    with pytest.raises(EmptyTilt, match=r"tilt 4 \(70\.0 deg\)"):
        tilt_factors(sums, angles_deg=ANGLES)
    found = tilt_factors(sums, angles_deg=ANGLES, excluded=ANGLES == 70)
    assert np.isnan(found.factors[4])
    assert found.factors[:4] * SHADOW[:4] == pytest.approx(np.full(4, SHADOW[:4].mean()))
    sums[:, 4] = 50
    with pytest.raises(EmptyTilt, match="tilt 4"):
        tilt_factors(sums, angles_deg=ANGLES)


def test_maps_are_multiplied_and_variances_by_the_square():
    maps = np.ones((2, 3, 4, 4))
    assert normalised_maps(maps, [1.0, 2.0, 3.0])[1, 2, 0, 0] == 3
    assert normalised_maps(maps, [1.0, 2.0, 3.0], power=2)[1, 2, 0, 0] == 9
    with pytest.raises(ElementMismatch):
        normalised_maps(maps, [1.0, 2.0])


def test_sums_that_do_not_fit_are_refused():
    with pytest.raises(WrongShape):
        tilt_factors(np.ones((2, 4)), angles_deg=ANGLES)
    with pytest.raises(NonFiniteValues):
        tilt_factors(np.full((2, 5), np.nan), angles_deg=ANGLES)


def test_smoothing_stays_in_the_image_keeps_the_sum_and_tells_its_noise():
    point = np.zeros((2, 3, 21, 21))
    point[1, 1, 10, 10] = 5
    smooth = smooth_maps(point).maps
    assert smooth[1, 1].sum() == pytest.approx(5, rel=1e-5)
    assert not smooth[0].any()
    assert not smooth[1, [0, 2]].any()
    assert smooth[1, 1, 10, 10] == pytest.approx(5 / (2 * np.pi * 1.2**2), rel=0.02)
    noise = np.random.default_rng(0).normal(size=(1, 400, 30, 30)).astype(np.float32)
    found = smooth_maps(noise, variance=np.ones_like(noise))
    assert found.maps[0, :, 15, 15].var() == pytest.approx(found.variance[0, 0, 15, 15], rel=0.2)


def test_nothing_is_mirrored_at_the_edges_and_masks_cut():
    even = smooth_maps(np.ones((1, 1, 20, 20)), masks=np.tri(20, dtype=bool)[None])
    assert even.maps[0, 0, 19, 0] < 0.5
    assert even.maps[0, 0, 0, 19] == 0
    assert np.array_equal(smooth_maps(np.eye(5), sigma_px=0).maps, np.eye(5))
    with pytest.raises(WrongShape):
        smooth_maps(np.ones((1, 3, 20, 20)), masks=np.ones((2, 20, 20), bool))
