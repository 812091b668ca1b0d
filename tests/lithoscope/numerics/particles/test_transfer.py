"""Scatter that the imaging lets through."""

import numpy as np
import pytest
from scipy import ndimage

from lithoscope.errors import ScienceError
from lithoscope.numerics.particles import depth_shells, recovered_share

SHELLS = depth_shells(np.ones((40, 40, 40), bool))


def unchanged(change):
    return 1000 * (1 + change)[None]


def test_blur_takes_away_what_its_size_and_that_of_the_grains_say():
    """White noise smoothed by g and then by s keeps (g² / (g² + s²))^(3/4) of its standard deviation."""
    sizes = (1.5, 2.5, 4.0)

    def blurred(counts):
        return ndimage.gaussian_filter(counts[0] / 1000, 1.5, mode="wrap") + 0.3  # what is added by itself cancels

    share = recovered_share(unchanged, blurred, shells=SHELLS, grain_px=sizes)
    expected = [(g**2 / (g**2 + 1.5**2)) ** 0.75 for g in sizes]
    np.testing.assert_allclose(share.particle, expected, rtol=0.1)
    assert share.by_shell.shape == (3, SHELLS.max())
    assert share.table().columns["grain_px"] == list(sizes)


def test_perfect_imaging_lets_everything_through():
    share = recovered_share(unchanged, lambda counts: counts[0] / 1000, shells=SHELLS, grain_px=(2.0,))
    np.testing.assert_allclose(share.particle, 1)
    np.testing.assert_allclose(share.by_shell, 1)


def test_an_early_finish_keeps_the_sizes_done():
    share = recovered_share(
        unchanged, lambda counts: counts[0], shells=SHELLS, grain_px=(2.0, 3.0), progress=lambda *_: False
    )
    assert share.grain_px.tolist() == [2.0]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"grain_px": ()}, "invalid-setting"),
        ({"grain_px": (0.0,)}, "invalid-setting"),
        ({"amplitude": 0.0}, "invalid-setting"),
    ],
)
def test_settings_without_a_meaning_are_refused(settings, code):
    with pytest.raises(ScienceError) as refused:
        recovered_share(unchanged, lambda c: c[0], shells=SHELLS, **{"grain_px": (2.0,), **settings})
    assert refused.value.code == code


def test_compose_must_return_one_map():
    with pytest.raises(ScienceError) as refused:
        recovered_share(unchanged, lambda counts: counts, shells=SHELLS, grain_px=(2.0,))
    assert refused.value.code == "wrong-shape"
