import numpy as np
import pytest

from lithoscope.numerics.common.otsu import GreyHistogram
from lithoscope.numerics.volumes.blocks import bootstrap_spread, correlation_lengths_px, cut_into_blocks


def test_stripes_are_long_along_and_short_across():
    stripes = (np.arange(64) // 4 % 2)[:, None] * np.ones((1, 64), int)
    across, along = correlation_lengths_px(stripes)
    assert across == pytest.approx(2, abs=0.2)
    assert along > 16


def test_noise_has_the_correlation_length_of_a_pixel():
    noise = np.random.default_rng(0).integers(0, 2, (40, 40, 40))
    assert correlation_lengths_px(noise) == pytest.approx((1, 1, 1), abs=0.05)


def test_blocks_tile_the_field_evenly():
    blocks = cut_into_blocks((50, 64), (2.0, 3.0))
    times_covered = np.zeros((50, 64), int)
    for part in blocks.parts:
        times_covered[part] += 1
    assert (times_covered == 1).all()
    sizes = [times_covered[part].size for part in blocks.parts]
    assert min(sizes) > 0.6 * max(sizes)


@pytest.mark.parametrize(("shape", "fewest"), [((30, 30), 16), ((30, 30, 30), 27)])
def test_a_small_field_still_has_several_blocks_and_wider_intervals(shape, fewest):
    coarse = cut_into_blocks(shape, (10.0,) * len(shape))
    assert len(coarse.parts) == fewest
    assert coarse.widening > 1.5 * cut_into_blocks(shape, (1.0,) * len(shape)).widening


def test_a_large_field_of_small_structures_is_not_cut_into_crumbs():
    assert len(cut_into_blocks((512, 512, 512), (1.0, 1.0, 1.0)).parts) == 1000


def test_independent_blocks_need_hardly_any_widening():
    assert cut_into_blocks((1000, 1000), (1.0, 1.0)).widening == pytest.approx(1.0, abs=0.35)


def test_scatter_of_independent_pixels_is_binomial():
    rng = np.random.default_rng(1)
    pixels = (rng.random((400, 100)) < 0.3).astype(float)
    ones = pixels.sum(axis=1)
    counts = np.stack([100 - ones, ones], axis=1)
    histograms = GreyHistogram(counts, counts * np.array([0.0, 1.0]))
    thresholds, fractions = bootstrap_spread(
        histograms, counts, np.array([0.5]), widening=1.0, resamples=2000, rng=np.random.default_rng(2)
    )
    assert fractions.deviation[1] == pytest.approx(np.sqrt(0.3 * 0.7 / pixels.size), rel=0.1)
    assert fractions.low[1] < pixels.mean() < fractions.high[1]
    assert thresholds.deviation == pytest.approx([0])


def test_a_shift_of_unknown_share_stretches_one_side_only():
    counts = np.array([[60.0, 40.0], [50.0, 50.0]])
    spread, _ = bootstrap_spread(
        GreyHistogram(counts, counts * np.array([0.0, 1.0])),
        counts,
        np.array([0.5]),
        widening=1.0,
        resamples=50,
        rng=np.random.default_rng(0),
    )
    stretched = spread.reaching(np.array([0.2]))
    assert stretched.low == spread.low
    assert stretched.high == spread.high + 0.2
