"""What SART and RESIRE promise each; what they share with SIRT stands in test_reconstruction."""

import itertools

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import project, resire, sart, sirt
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.sart import golden_order

PAPER_ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)


@pytest.fixture(scope="module")
def particle():
    return porous_particle(32)


@pytest.fixture(scope="module")
def series(particle):
    return project(particle, PAPER_ANGLES_DEG)


def psnr_db(volume, truth) -> float:
    return float(10 * np.log10(truth.max() ** 2 / np.mean((volume - truth) ** 2)))


def test_sart_needs_a_tenth_of_the_iterations_of_sirt(particle, series):
    quick = psnr_db(sart(series, PAPER_ANGLES_DEG, iterations=10, relaxation=1.0), particle)
    assert quick > 27.5
    assert quick > psnr_db(sirt(series, PAPER_ANGLES_DEG, iterations=100), particle) - 0.5


def test_resire_reaches_what_sirt_reaches(particle, series):
    assert psnr_db(resire(series, PAPER_ANGLES_DEG, iterations=100), particle) > 27.0


def test_one_step_of_resire_is_the_scaled_back_projection(series):
    """The volume of one unit pixel at 0 deg is a unit column along the beam, so three tilts tell the factor."""
    angles, n = np.array([0.0, 90.0, 45.0]), 6
    projections = np.zeros((3, 1, n), np.float32)
    projections[0, 0, 2], projections[1, 0, 4], projections[2, 0, 0] = 5, 7, 1e-9
    volume = resire(projections, angles, iterations=1, step_size=1.5)[:, 0]
    expected = np.zeros((n, n))
    expected[:, 2] += 5
    expected[4, :] += 7
    np.testing.assert_allclose(volume, expected * 1.5 / (3 * n), atol=1e-5)


def test_one_direction_of_sart_explains_what_it_saw():
    """Every ray spreads its counts over its length: after a full correction the last direction sees its own image."""
    truth = np.zeros((9, 2, 9), np.float32)
    truth[3:6, :, 2:7] = 1
    angles = np.array([0.0, 90.0, 45.0])
    volume = sart(project(truth, angles), angles, iterations=1, relaxation=1.0, nonnegative=False)
    last = angles[golden_order(angles)[-1]]
    np.testing.assert_allclose(project(volume, last), project(truth, last), atol=0.35)


def test_directions_follow_each_other_far_apart_whatever_their_order():
    order = [int(tilts[0]) for tilts in golden_order(PAPER_ANGLES_DEG)]
    assert sorted(order) == list(range(15))
    assert min(abs(a - b) for a, b in itertools.pairwise(order)) >= 3
    backwards = PAPER_ANGLES_DEG[::-1]
    assert [backwards[tilts[0]] for tilts in golden_order(backwards)] == [PAPER_ANGLES_DEG[tilt] for tilt in order]


def test_tilts_of_one_direction_are_used_together():
    together = golden_order(np.array([10.0, -170.0, 40.0, 10.0, 70.0]))
    assert sorted(tuple(sorted(tilts.tolist())) for tilts in together) == [(0, 1, 3), (2,), (4,)]


@pytest.mark.parametrize("engine", [sart, resire])
def test_residual_falls_and_the_early_finish_keeps_the_volume_reached(engine, series):
    residuals = []

    def listen(done, _total, *, residual):
        residuals.append(residual)
        return done < 7

    early = engine(series, PAPER_ANGLES_DEG, iterations=100, progress=listen)
    assert all(later < earlier for earlier, later in itertools.pairwise(residuals))
    np.testing.assert_array_equal(early, engine(series, PAPER_ANGLES_DEG, iterations=7))


@pytest.mark.parametrize("engine", [sart, resire])
def test_density_is_never_negative_unless_allowed(engine, series):
    assert engine(series, PAPER_ANGLES_DEG, iterations=5).min() >= 0
    assert engine(series, PAPER_ANGLES_DEG, iterations=5, nonnegative=False).min() < 0


@pytest.mark.parametrize(
    ("engine", "settings", "named"),
    [
        (sart, {"iterations": 0}, "iterations"),
        (resire, {"iterations": 0}, "iterations"),
        (sart, {"iterations": 1, "relaxation": 2.0}, "relaxation"),
        (resire, {"iterations": 1, "step_size": 0.0}, "step_size"),
    ],
)
def test_settings_that_never_settle_are_refused(engine, settings, named, series):
    with pytest.raises(ScienceError, match=named) as refused:
        engine(series, PAPER_ANGLES_DEG, **settings)
    assert refused.value.code == "invalid-setting"
