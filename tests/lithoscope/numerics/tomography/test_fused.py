"""Dark field and elemental maps reconstructed together, as a check of the direct route."""

import itertools

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import project, sirt
from lithoscope.numerics.tomography.agreement import agreement
from lithoscope.numerics.tomography.fused import PAPER_WEIGHTS, fused_maps
from lithoscope.numerics.tomography.fused_cost import FusedCost
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.projector import back_projection_matrix
from lithoscope.numerics.tomography.total_variation import total_variation, tv_step

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
Z = (25, 27, 28)
COUNTS = 200


@pytest.fixture(scope="module")
def particle():
    """Three elements, two of which change from core to surface."""
    body = porous_particle(32)
    z, y, x = np.indices(body.shape) - 15.5
    core = 1 / (1 + np.exp((np.sqrt(z**2 + y**2 + x**2) / 32 - 0.2) / 0.02))
    return np.stack([body * (0.2 + 0.4 * core), body * (0.5 - 0.3 * core), body * (0.3 - 0.1 * core)])


@pytest.fixture(scope="module")
def counted(particle):
    """Maps of 200 counts and a dark field that is the composition to the power of 1.6."""
    rng = np.random.default_rng(0)
    rays = np.stack([project(each, ANGLES_DEG) for each in particle])
    scale = COUNTS / rays.max()
    shares = np.array(Z)[:, None, None, None] / sum(Z)
    dark_field = project((shares * particle**1.6).sum(axis=0), ANGLES_DEG)
    return rng.poisson(1e4 * dark_field / dark_field.max()), rng.poisson(rays * scale), scale


@pytest.fixture(scope="module")
def direct(counted):
    _, maps, scale = counted
    return np.stack([sirt(each, ANGLES_DEG, iterations=100) for each in maps]) / scale


def rms(volumes, truth):
    inside = truth.sum(axis=0) > 0.5
    return np.sqrt(np.mean((volumes - truth)[:, inside] ** 2, axis=1))


@pytest.mark.parametrize("settings", [{}, PAPER_WEIGHTS, {"tv_weight": 0.0}])
def test_both_routes_agree_and_the_fused_one_is_not_farther_from_the_truth(settings, particle, counted, direct):
    dark_field, maps, scale = counted
    fused = fused_maps(dark_field, ANGLES_DEG, maps, ANGLES_DEG, atomic_numbers=Z, iterations=30, **settings)
    inside = particle.sum(axis=0) > 0.5
    assert (agreement(direct, fused.volumes, mask=inside).correlation >= 0.95).all()
    assert (rms(fused.volumes / scale, particle) < rms(direct, particle)).all()
    assert all(later <= earlier for earlier, later in itertools.pairwise(fused.cost))
    assert fused.cost[-1] < 0.5 * fused.cost[0]
    assert sum(fused.terms) == pytest.approx(fused.cost[-1], rel=1e-3)


def test_the_dark_field_may_have_more_tilts_than_the_maps(particle, counted, direct):
    dark_field, maps, scale = counted
    fused = fused_maps(dark_field, ANGLES_DEG, maps[:, ::2], ANGLES_DEG[::2], atomic_numbers=Z, iterations=30)
    fewer = np.stack([sirt(each, ANGLES_DEG[::2], iterations=100) for each in maps[:, ::2]]) / scale
    assert (rms(fused.volumes / scale, particle) < rms(fewer, particle)).all()


def test_an_early_finish_keeps_what_was_reached(counted):
    dark_field, maps, _ = counted
    settings = {"atomic_numbers": Z, "start_iterations": 3}
    early = fused_maps(dark_field, ANGLES_DEG, maps, ANGLES_DEG, progress=lambda done, _t, **_v: done < 2, **settings)
    two = fused_maps(dark_field, ANGLES_DEG, maps, ANGLES_DEG, iterations=2, **settings)
    np.testing.assert_array_equal(early.volumes, two.volumes)
    assert len(early.cost) == 3


def test_units_of_the_dark_field_and_common_units_of_k_do_not_matter(counted):
    dark_field, maps, _ = counted
    settings = {"atomic_numbers": Z, "iterations": 3}
    once = fused_maps(dark_field, ANGLES_DEG, maps, ANGLES_DEG, k_factors=(1, 1.1, 1.2), **settings)
    again = fused_maps(7 * dark_field, ANGLES_DEG, maps, ANGLES_DEG, k_factors=(2, 2.2, 2.4), **settings)
    np.testing.assert_allclose(once.volumes, again.volumes, rtol=1e-3, atol=1e-3)


def test_the_slope_is_how_the_cost_changes():
    rng = np.random.default_rng(3)
    n, elements, slices = 7, 2, 3
    back = back_projection_matrix(ANGLES_DEG, n_x=n, rotation_axis_px=(n - 1) / 2)
    dark_field, maps = (
        rng.random((back.shape[1], *rest)).astype(np.float32) for rest in ((slices,), (elements, slices))
    )
    cost = FusedCost(
        back, back, dark_field, maps, weights=(2.0, 0.5, 0.0), shares=np.array([0.4, 0.6], np.float32), exponent=1.6
    )
    here = (0.2 + 0.1 * rng.random((n * n, elements, slices))).astype(np.float32)
    cost.fit_scale(here)
    gradient, curvature = cost.slope(here)
    assert (curvature > 0).all()
    for seed in range(5):
        way = np.random.default_rng(seed).standard_normal(here.shape).astype(np.float32)
        ends = [sum(cost.terms(here + step * way)) for step in (-1e-2, 1e-2)]
        assert float(np.vdot(gradient, way)) == pytest.approx((ends[1] - ends[0]) / 2e-2, rel=2e-3, abs=2e-2)


@pytest.mark.parametrize("axis", [0, 1, 3])
def test_total_variation_of_a_half_filled_volume_is_the_area_between(axis):
    half = np.zeros((6, 6, 1, 6), np.float32)
    np.moveaxis(half, axis, 0)[:2] = 3
    assert total_variation(half.reshape(36, 1, 6), edge=6) == pytest.approx(3 * 36)


def test_the_total_variation_step_lowers_what_it_minimises_more_than_any_point_near():
    rng = np.random.default_rng(0)
    point = rng.random((25, 2, 5)).astype(np.float32)
    curvature = (1 + rng.random(point.shape)).astype(np.float32)

    def cost(volumes):
        return float(np.sum(curvature * (volumes - point) ** 2) / 2) + 0.1 * total_variation(volumes, edge=5)

    best, field = tv_step(point, curvature, weight=0.1, edge=5, rounds=60)
    assert cost(best) <= cost(tv_step(point, curvature, weight=0.1, edge=5)[0])
    again, _ = tv_step(point, curvature, weight=0.1, edge=5, field=field, rounds=1)
    np.testing.assert_allclose(again, best, atol=1e-3)
    assert cost(best) < cost(point)
    assert cost(best) < min(cost(np.maximum(best + 0.02 * rng.standard_normal(best.shape), 0)) for _ in range(20))
    np.testing.assert_array_equal(tv_step(-point, curvature, weight=0.0, edge=5)[0], 0)


def test_agreement_knows_scale_from_difference():
    volumes = np.random.default_rng(0).random((2, 4, 4, 4))
    same = agreement(volumes, 3 * volumes)
    np.testing.assert_allclose(same.correlation, 1)
    np.testing.assert_allclose(same.deviation, 0, atol=1e-7)
    assert np.isnan(agreement(volumes, np.ones_like(volumes)).correlation).all()
    assert same.table(("Mn", "Co")).columns["element"] == ["Mn", "Co"]
    with pytest.raises(ScienceError):
        agreement(volumes, volumes[0])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"atomic_numbers": (25, 27)}, "wrong-shape"),
        ({"tv_weight": -1.0}, "invalid-setting"),
        ({"chemical_weight": 0.0}, "invalid-setting"),
        ({"exponent": 3.0}, "invalid-setting"),
        ({"start_iterations": 0}, "invalid-setting"),
        ({"k_factors": (1.0, 0.0, 1.0)}, "invalid-setting"),
    ],
)
def test_settings_without_a_meaning_are_refused(change, code, counted):
    dark_field, maps, _ = counted
    with pytest.raises(ScienceError) as refused:
        fused_maps(dark_field, ANGLES_DEG, maps, ANGLES_DEG, **{"atomic_numbers": Z, **change})
    assert refused.value.code == code


def test_maps_that_do_not_fit_are_refused(counted):
    dark_field, maps, _ = counted
    for wrong, code in (
        (maps[..., :-1], "wrong-shape"),
        (maps - 50, "negative-counts"),
        (maps[:, :5], "tilt-count-mismatch"),
    ):
        with pytest.raises(ScienceError) as refused:
            fused_maps(dark_field, ANGLES_DEG, wrong, ANGLES_DEG, atomic_numbers=Z)
        assert refused.value.code == code
    with pytest.raises(ScienceError) as refused:
        fused_maps(-1.0 - dark_field, ANGLES_DEG, maps, ANGLES_DEG, atomic_numbers=Z)
    assert refused.value.code == "empty-projection"
