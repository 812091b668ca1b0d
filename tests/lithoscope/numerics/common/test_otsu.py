import numpy as np
import pytest
from skimage.filters import threshold_multiotsu

from lithoscope.numerics.common.otsu import GreyHistogram, otsu_thresholds


def histogram_of(values) -> tuple[GreyHistogram, np.ndarray]:
    edges = np.histogram_bin_edges(values, bins=64)
    return GreyHistogram.of(values, bins=64), (edges[1:] + edges[:-1]) / 2


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_classes_are_those_of_scikit_image(classes):
    rng = np.random.default_rng(classes)
    values = np.concatenate([rng.normal(level, 1, 500 + 300 * level) for level in range(0, 5 * classes, 5)])
    histogram, centres = histogram_of(values)
    theirs = threshold_multiotsu(hist=(histogram.counts, centres), classes=classes)
    ours = otsu_thresholds(histogram, classes)
    np.testing.assert_array_equal(np.digitize(centres, ours), np.digitize(centres, theirs, right=True))


def test_optimum_is_better_than_any_other_division():
    values = np.random.default_rng(0).normal(0, 1, 400) ** 3
    histogram, centres = histogram_of(values)

    def variance_within(first, second):
        parts = np.split(np.arange(64), [first, second])
        total = 0.0
        for part in parts:
            weights = histogram.counts[part]
            if weights.sum():
                total += weights @ (centres[part] - np.average(centres[part], weights=weights)) ** 2
        return total

    best = min(variance_within(i, j) for i in range(1, 63) for j in range(i + 1, 64))
    first, second = (int(np.searchsorted(centres, t)) for t in otsu_thresholds(histogram, 3))
    assert variance_within(first, second) == pytest.approx(best)


def test_threshold_lies_midway_between_two_sharp_levels():
    histogram, _ = histogram_of(np.repeat([10.0, 30.0], [900, 100]))
    assert otsu_thresholds(histogram, 2) == pytest.approx([20.0], abs=0.2)
