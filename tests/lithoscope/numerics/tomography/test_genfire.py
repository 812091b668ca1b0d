"""What generalised Fourier iteration promises."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import genfire, genfire_maps, project
from lithoscope.numerics.tomography.phantoms import porous_particle
from tests.lithoscope.numerics.tomography import genfire_by_hand

PAPER_ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
FEW_ANGLES_DEG = np.array([40.0, -63.3, -20.0, 0.0, 0.0, 71.5])


@pytest.fixture(scope="module")
def particle():
    return porous_particle(32)


@pytest.fixture(scope="module")
def series(particle):
    return project(particle, PAPER_ANGLES_DEG)


def psnr_db(volume, truth) -> float:
    return float(10 * np.log10(truth.max() ** 2 / np.mean((volume - truth) ** 2)))


@pytest.mark.parametrize(
    ("n_x", "n_y", "ratio", "gridding", "radius", "axis_px", "resolution"),
    [
        (8, 8, 3, "dft", 0.3, 3.5, "all"),
        (9, 6, 2.5, "dft", 0.3, 4.0, "all"),
        (8, 5, 2, "dft", 1.5, 3.1, "all"),
        (8, 7, 2, "fft", 0.7, 3.5, "all"),
        (9, 4, 1.5, "fft", 0.4, 4.3, "all"),
        (8, 6, 2, "dft", 0.3, 3.5, "python"),
        (8, 6, 2, "dft", 0.3, 3.5, "matlab_extension"),
    ],
)
def test_equals_the_published_algorithm_written_out(n_x, n_y, ratio, gridding, radius, axis_px, resolution):
    """Even and odd sizes, ratios that are no integers, a shifted axis, unsorted and duplicate tilts."""
    rng = np.random.default_rng(n_x)
    truth = np.zeros((n_x, n_y, n_x), np.float32)
    truth[2:-2, 1:-1, 2:-2] = rng.random((n_x - 4, n_y - 2, n_x - 4))
    series = project(truth, FEW_ANGLES_DEG, rotation_axis_px=axis_px) + rng.normal(0, 0.05, (6, n_y, n_x))
    support = np.ones((n_x, n_y, n_x), bool)
    support[0] = False
    settings = {"iterations": 25, "support": support, "gridding": gridding, "resolution": resolution}
    volume, errors, filled = genfire_by_hand.reconstruct(
        series, FEW_ANGLES_DEG, ratio=ratio, radius=radius, axis_px=axis_px, **settings
    )
    result = genfire(
        series,
        FEW_ANGLES_DEG,
        oversampling_ratio=ratio,
        interpolation_radius_px=radius,
        rotation_axis_px=axis_px,
        withheld_fraction=0,
        **settings,
    )
    np.testing.assert_allclose(result.volume, volume, atol=1e-4 * volume.max())
    np.testing.assert_allclose(result.error_k, errors, rtol=1e-4)
    assert result.filled_fraction == pytest.approx(filled, rel=1e-12)


def test_corners_beyond_the_resolution_circle_can_be_filled():
    series = project(porous_particle(8), FEW_ANGLES_DEG)
    settings = {"iterations": 10, "support": None, "gridding": "dft", "resolution": "all"}
    volume, errors, filled = genfire_by_hand.reconstruct(
        series, FEW_ANGLES_DEG, ratio=2, radius=0.4, axis_px=3.5, circle=False, **settings
    )
    result = genfire(
        series,
        FEW_ANGLES_DEG,
        oversampling_ratio=2,
        interpolation_radius_px=0.4,
        resolution_circle=False,
        withheld_fraction=0,
        **settings,
    )
    np.testing.assert_allclose(result.volume, volume, atol=1e-4 * volume.max())
    np.testing.assert_allclose(result.error_k, errors, rtol=1e-4)
    assert result.filled_fraction == pytest.approx(filled, rel=1e-12)


def test_finds_a_known_particle_and_says_how_well(particle, series):
    result = genfire(series, PAPER_ANGLES_DEG, iterations=200)
    assert result.volume.dtype == np.float32
    assert result.volume.flags.c_contiguous
    assert psnr_db(result.volume, particle) > 25.5
    assert np.mean((result.volume > 0.5) == (particle > 0.5)) > 0.985
    assert result.error_k[0] == 1
    assert result.error_k[-1] < 0.02
    assert np.mean(np.diff(result.error_k) <= 0) > 0.95
    assert result.best_iteration == 1 + np.argmin(result.error_k)
    assert result.projection_spread < 1e-3


def test_free_error_falls_and_stays_above_that_of_the_points_shown(series):
    result = genfire(series, PAPER_ANGLES_DEG, iterations=60)
    assert result.r_free[0] == 1
    assert result.r_free[-1] < 0.15
    assert (np.diff(result.r_free[:10]) < 0).all()
    assert result.r_free[-1] > result.error_k[-1]


def test_shells_add_up_to_the_whole(series):
    result = genfire(series, PAPER_ANGLES_DEG, iterations=5)
    assert result.error_k_shells.shape == (5, 16)
    assert np.nanmin(result.error_k_shells[-1]) <= result.error_k[-1] <= np.nanmax(result.error_k_shells[-1])
    assert np.isfinite(result.r_free_shells[-1, 2:]).all()


def test_without_withheld_points_there_is_no_free_error(series):
    figures = {}

    def listen(_done, _total, **values):
        figures.update(values)
        return True

    result = genfire(series, PAPER_ANGLES_DEG, iterations=2, withheld_fraction=0, progress=listen)
    assert result.r_free is None
    assert result.r_free_shells is None
    assert set(figures) == {"error_k"}


def test_seed_decides_what_is_withheld(series):
    first, again, other = (genfire(series, PAPER_ANGLES_DEG, iterations=5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.volume, again.volume)
    assert not np.array_equal(first.r_free, other.r_free)


@pytest.mark.parametrize("gridding", ["dft", "fft"])
def test_wrong_tilt_sign_is_far_worse(particle, gridding):
    lopsided = particle.copy()
    lopsided[:16, :, :16] = 0
    series = project(lopsided, PAPER_ANGLES_DEG)
    settings = {"iterations": 40, "gridding": gridding, "interpolation_radius_px": 0.1 if gridding == "dft" else 0.5}
    right = genfire(series, PAPER_ANGLES_DEG, **settings).volume
    wrong = genfire(series, -PAPER_ANGLES_DEG, **settings).volume
    assert psnr_db(right, lopsided) > psnr_db(wrong, lopsided) + 3


def test_axis_half_a_pixel_off_is_worse(particle, series):
    """An even image turns about the corner of its middle pixels: assuming the pixel n // 2 costs 2 dB."""
    right = genfire(series, PAPER_ANGLES_DEG, iterations=100).volume
    wrong = genfire(series, PAPER_ANGLES_DEG, iterations=100, rotation_axis_px=16.0).volume
    assert psnr_db(right, particle) > psnr_db(wrong, particle) + 1.5


def test_a_shifted_series_with_its_axis_gives_the_same_volume(particle, series):
    centred = genfire(series, PAPER_ANGLES_DEG, iterations=60).volume
    shifted = project(particle, PAPER_ANGLES_DEG, rotation_axis_px=17.5)
    volume = genfire(shifted, PAPER_ANGLES_DEG, iterations=60, rotation_axis_px=17.5).volume
    assert np.corrcoef(volume.ravel(), centred.ravel())[0, 1] > 0.995


def test_order_of_the_tilts_does_not_matter(series):
    volume = genfire(series, PAPER_ANGLES_DEG, iterations=40).volume
    for order in (np.arange(15)[::-1], np.random.default_rng(0).permutation(15)):
        again = genfire(series[order], PAPER_ANGLES_DEG[order], iterations=40).volume
        np.testing.assert_allclose(again, volume, atol=1e-5)


def test_a_series_given_twice_gives_the_same_volume(series):
    volume = genfire(series, PAPER_ANGLES_DEG, iterations=40).volume
    twice = genfire(np.concatenate([series, series]), np.tile(PAPER_ANGLES_DEG, 2), iterations=40).volume
    np.testing.assert_allclose(twice, volume, atol=1e-4)


def test_irregular_tilts_are_allowed(particle):
    angles = np.random.default_rng(3).uniform(-90, 90, 40)
    volume = genfire(project(particle, angles), angles, iterations=40, oversampling_ratio=2).volume
    assert np.corrcoef(volume.ravel(), particle.ravel())[0, 1] > 0.97


def test_scaling_the_series_scales_the_volume(series):
    volume = genfire(series, PAPER_ANGLES_DEG, iterations=10).volume
    large = genfire(1000 * series, PAPER_ANGLES_DEG, iterations=10).volume
    np.testing.assert_allclose(large, 1000 * volume, rtol=1e-3, atol=0.1)


def test_constraints_in_space_hold(particle, series):
    support = particle > 0
    masked = genfire(series, PAPER_ANGLES_DEG, iterations=40, support=support)
    free = genfire(series, PAPER_ANGLES_DEG, iterations=40)
    assert not masked.volume[~support].any()
    assert free.volume.min() >= 0
    assert genfire(series, PAPER_ANGLES_DEG, iterations=10, nonnegative=False).volume.min() < 0
    assert psnr_db(masked.volume, particle) > psnr_db(free.volume, particle) + 1


@pytest.mark.parametrize("workers", [1, 2])
def test_maps_made_together_are_those_made_alone(series, workers):
    maps = [series, series[:, ::-1] + 0.1, 7 * series]
    together = genfire_maps(maps, PAPER_ANGLES_DEG, iterations=12, workers=workers)
    for result, alone in zip(together, maps, strict=True):
        single = genfire(alone, PAPER_ANGLES_DEG, iterations=12)
        np.testing.assert_allclose(result.volume, single.volume, atol=1e-5 * single.volume.max())
        np.testing.assert_allclose(result.r_free, single.r_free, rtol=1e-4)
        assert result.best_iteration == single.best_iteration


def test_progress_may_finish_early_and_keeps_the_volume_reached(series):
    seen = []

    def stop_at_five(done, total, *, error_k, r_free):
        seen.append((done, total, error_k, r_free))
        return done < 5

    early = genfire(series, PAPER_ANGLES_DEG, iterations=50, progress=stop_at_five)
    np.testing.assert_array_equal(early.volume, genfire(series, PAPER_ANGLES_DEG, iterations=5).volume)
    assert [step[:2] for step in seen] == [(done, 50) for done in range(1, 6)]
    np.testing.assert_allclose([step[2] for step in seen], early.error_k, rtol=1e-6)
    np.testing.assert_allclose([step[3] for step in seen], early.r_free, rtol=1e-6)


def test_projections_that_differ_in_sum_are_told_apart_from_those_that_agree(series):
    uneven = series * np.linspace(0.9, 1.1, 15, dtype=np.float32)[:, None, None]
    assert genfire(uneven, PAPER_ANGLES_DEG, iterations=1).projection_spread == pytest.approx(0.0617, abs=1e-3)
    balanced = series - series[:, :, ::-1]
    balanced[:, 3, 4:6] += [1, -1]
    assert np.isnan(genfire(np.rint(100 * balanced), PAPER_ANGLES_DEG, iterations=1).projection_spread)


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 1, 2), (4, 20, 3)])
def test_the_smallest_images_are_reconstructed(shape):
    result = genfire(np.ones(shape), [0.0, 30.0, 60.0, 90.0][: shape[0]], iterations=3, oversampling_ratio=1.5)
    assert result.volume.shape == (shape[2], shape[1], shape[2])
    assert np.isfinite(result.volume).all()
    assert result.error_k[-1] < 1


def test_a_wider_radius_fills_more_of_the_grid(series):
    filled = [
        genfire(series, PAPER_ANGLES_DEG, iterations=1, interpolation_radius_px=radius).filled_fraction
        for radius in (0.1, 0.2, 0.3)
    ]
    assert filled == sorted(filled)
    assert 0.01 < filled[0] < 0.05


def test_inputs_are_not_modified(series):
    projections, support = series.copy(), np.ones((32, 32, 32), bool)
    for array in (projections, support):
        array.flags.writeable = False
    genfire(projections, PAPER_ANGLES_DEG, iterations=2, support=support)
    np.testing.assert_array_equal(projections, series)


def _with(series, where, value):
    broken = series.copy()
    broken[where] = value
    return broken


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (lambda s: (s, PAPER_ANGLES_DEG[:-1], {}), "tilt-count-mismatch", "15 projections came with 14 angles"),
        (lambda s: (_with(s, (3, 1, 1), np.nan), PAPER_ANGLES_DEG, {}), "non-finite-values", r"tilt 3 \(-40.0 deg\)"),
        (lambda s: (s[:2], PAPER_ANGLES_DEG[:2], {}), "too-few-tilts", "2 distinct tilts"),
        (lambda s: (_with(s, 7, 0), PAPER_ANGLES_DEG, {}), "empty-projection", r"tilt 7 \(0.0 deg\)"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"support": np.zeros((32, 32, 32))}), "empty-mask", "lower its threshold"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"support": np.ones((4, 4, 4))}), "wrong-shape", "mask of the volume"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"rotation_axis_px": 32.0}), "axis-outside-detector", "rotation_axis_px"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"iterations": 0}), "invalid-setting", "iterations"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"oversampling_ratio": 0.9}), "invalid-setting", "oversampling_ratio"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"oversampling_ratio": np.nan}), "invalid-setting", "oversampling_ratio"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"interpolation_radius_px": 0.0}), "invalid-setting", "positive"),
        (
            lambda s: (s, PAPER_ANGLES_DEG, {"gridding": "fft", "interpolation_radius_px": 1.0}),
            "invalid-setting",
            "dft",
        ),
        (lambda s: (s, PAPER_ANGLES_DEG, {"withheld_fraction": 0.5}), "invalid-setting", "withheld_fraction"),
    ],
)
def test_what_cannot_be_reconstructed_is_refused_by_name(series, change, code, named):
    projections, angles, settings = change(series)
    with pytest.raises(ScienceError, match=named) as refused:
        genfire(projections, angles, **{"iterations": 2, **settings})
    assert refused.value.code == code


def test_of_several_maps_the_unfit_one_is_named(series):
    with pytest.raises(ScienceError, match=r"map 1: tilt 7 \(0.0 deg\) has no signal"):
        genfire_maps([series, _with(series, 7, 0)], PAPER_ANGLES_DEG, iterations=2)
    with pytest.raises(ScienceError, match="differ in shape"):
        genfire_maps([series, series[:, 8:]], PAPER_ANGLES_DEG, iterations=2)
    with pytest.raises(ScienceError, match="no map"):
        genfire_maps([], PAPER_ANGLES_DEG, iterations=2)
    with pytest.raises(ScienceError, match="workers"):
        genfire_maps([series], PAPER_ANGLES_DEG, iterations=2, workers=0)
