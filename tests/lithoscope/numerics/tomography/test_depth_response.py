"""Depth response: a planted step comes back as wide as the tilts and the engine make it."""

from functools import partial

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import genfire, sirt
from lithoscope.numerics.tomography.depth_response import depth_response, edge_profile, rise_width, signed_depth

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
VOXEL_NM = 4.63
ENGINE = partial(sirt, iterations=5)


@pytest.fixture(scope="module")
def ball():
    z, y, x = np.mgrid[:40, :40, :40] - 19.5
    return z**2 + y**2 + x**2 < 13.5**2


@pytest.mark.parametrize("engine", [partial(sirt, iterations=40), partial(genfire, iterations=40)])
def test_a_surface_facing_the_wedge_is_blurred_more(ball, engine):
    found = depth_response(ball, ANGLES_DEG, engine=engine, voxel_nm=VOXEL_NM)
    assert 0.8 * VOXEL_NM <= found.width_covered_nm.value < found.width_nm.value < found.width_wedge_nm.value
    assert found.response[found.depth_nm > 40].mean() == pytest.approx(1, abs=0.1)
    assert found.width_nm.unit == "nm"


def test_a_step_below_the_surface_and_a_finer_series(ball):
    buried = depth_response(ball, ANGLES_DEG, engine=partial(sirt, iterations=40), voxel_nm=2.0, below_surface_nm=8.0)
    assert np.interp(0.0, buried.depth_nm, buried.response) == pytest.approx(0.5, abs=0.15)
    fine = np.arange(-90.0, 90.0, 3.0)
    sharp = depth_response(ball, fine, engine=partial(sirt, iterations=40), voxel_nm=2.0)
    coarse = depth_response(ball, ANGLES_DEG, engine=partial(sirt, iterations=40), voxel_nm=2.0)
    assert sharp.width_nm.value < coarse.width_nm.value
    assert sharp.width_wedge_nm.value is None  # no direction is missing


def test_a_known_ramp_has_its_width():
    depth = np.linspace(-10, 10, 81)
    assert rise_width(depth, np.clip((depth + 3) / 6, 0, 1) * 7).value == pytest.approx(0.8 * 6, abs=0.02)
    assert rise_width(depth, np.zeros(81)).value is None
    assert rise_width(depth, np.ones(81)).value is None


def test_depth_counts_from_the_surface_between_voxels(ball):
    depth = signed_depth(ball)
    assert ((depth > 0) == ball).all()
    assert depth[20, 20, 20] == pytest.approx(13, abs=1)
    means = edge_profile(ball.astype(np.float32), depth, where=np.ones_like(ball))
    assert set(np.round(means[1], 6).tolist()) == {0.0, 1.0}
    assert (signed_depth(np.ones((4, 4, 4), bool)) > 0).all()


def test_bad_input_is_refused(ball):
    for call, word in (
        (lambda: depth_response(~ball & ball, ANGLES_DEG, engine=ENGINE, voxel_nm=1.0), "no voxel"),
        (lambda: depth_response(ball[:9], ANGLES_DEG, engine=ENGINE, voxel_nm=1.0), "deep as wide"),
        (lambda: depth_response(ball, ANGLES_DEG, engine=ENGINE, voxel_nm=0.0), "voxel_nm"),
        (lambda: depth_response(ball, ANGLES_DEG, engine=ENGINE, voxel_nm=1.0, below_surface_nm=50.0), "thick"),
    ):
        with pytest.raises(ScienceError, match=word):
            call()
