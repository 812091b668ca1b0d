"""What SIRT, SART, RESIRE and FBP promise alike, and SIRT and FBP alone."""

import itertools

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import fbp, project, resire, sart, sirt
from lithoscope.numerics.tomography.filtered import ramp_response
from lithoscope.numerics.tomography.phantoms import porous_particle

PAPER_ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)


def sirt_30(projections, angles_deg, **settings):
    return sirt(projections, angles_deg, iterations=30, **settings)


def sart_10(projections, angles_deg, **settings):
    return sart(projections, angles_deg, iterations=10, **settings)


def resire_40(projections, angles_deg, **settings):
    return resire(projections, angles_deg, iterations=40, **settings)


@pytest.fixture(params=[sirt_30, sart_10, resire_40, fbp], ids=["sirt", "sart", "resire", "fbp"])
def reconstruct(request):
    return request.param


@pytest.fixture(scope="module")
def particle():
    return porous_particle(32)


@pytest.fixture(scope="module")
def series(particle):
    return project(particle, PAPER_ANGLES_DEG)


def psnr_db(volume, truth) -> float:
    return float(10 * np.log10(truth.max() ** 2 / np.mean((volume - truth) ** 2)))


def correlation(a, b) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_volume_is_as_deep_as_wide_and_float32(reconstruct, series):
    volume = reconstruct(series[:, 12:17], PAPER_ANGLES_DEG)
    assert volume.shape == (32, 5, 32)
    assert volume.dtype == np.float32
    assert volume.flags.c_contiguous


def test_inputs_are_not_modified(reconstruct, series):
    projections, angles, mask = series.copy(), PAPER_ANGLES_DEG.copy(), np.ones((32, 32, 32), bool)
    for array in (projections, angles, mask):
        array.flags.writeable = False
    reconstruct(projections, angles, mask=mask)
    np.testing.assert_array_equal(projections, series)


def test_order_of_the_tilts_does_not_matter(reconstruct, series):
    volume = reconstruct(series, PAPER_ANGLES_DEG)
    for order in (np.arange(15)[::-1], np.random.default_rng(0).permutation(15)):
        np.testing.assert_allclose(reconstruct(series[order], PAPER_ANGLES_DEG[order]), volume, atol=2e-5)


def test_a_series_given_twice_gives_the_same_volume(reconstruct, series):
    """Duplicates share their weight: they are repeated measurements, not new directions."""
    volume = reconstruct(series, PAPER_ANGLES_DEG)
    twice = reconstruct(np.concatenate([series, series]), np.concatenate([PAPER_ANGLES_DEG] * 2))
    np.testing.assert_allclose(twice, volume, atol=2e-5)


def test_slices_do_not_mix(reconstruct, series):
    whole = reconstruct(series, PAPER_ANGLES_DEG)
    alone = reconstruct(series[:, 12:13], PAPER_ANGLES_DEG)
    np.testing.assert_allclose(alone[:, 0], whole[:, 12], atol=1e-5)


def test_irregular_tilts_are_allowed(reconstruct, particle):
    angles = np.sort(np.random.default_rng(3).uniform(-90, 90, 60))
    volume = reconstruct(project(particle, angles), angles)
    assert correlation(volume, particle) > 0.93


def test_wrong_tilt_sign_is_far_worse(reconstruct, particle):
    lopsided = particle.copy()
    lopsided[:16, :, :16] = 0
    series = project(lopsided, PAPER_ANGLES_DEG)
    right = reconstruct(series, PAPER_ANGLES_DEG)
    wrong = reconstruct(series, -PAPER_ANGLES_DEG)
    assert psnr_db(right, lopsided) > psnr_db(wrong, lopsided) + 3


def test_axis_half_a_pixel_off_is_worse(reconstruct, particle, series):
    right = reconstruct(series, PAPER_ANGLES_DEG)
    wrong = reconstruct(series, PAPER_ANGLES_DEG, rotation_axis_px=16.0)
    assert psnr_db(right, particle) > psnr_db(wrong, particle) + 0.5


def test_a_shifted_series_with_its_axis_gives_the_same_volume(reconstruct, particle):
    centred = reconstruct(project(particle, PAPER_ANGLES_DEG), PAPER_ANGLES_DEG)
    shifted = project(particle, PAPER_ANGLES_DEG, rotation_axis_px=17.5)
    assert correlation(reconstruct(shifted, PAPER_ANGLES_DEG, rotation_axis_px=17.5), centred) > 0.97


def test_nothing_is_left_outside_the_mask(reconstruct, particle, series):
    mask = particle > 0
    volume = reconstruct(series, PAPER_ANGLES_DEG, mask=mask)
    assert not volume[~mask].any()
    assert volume[mask].any()


def test_progress_counts_to_the_end_and_may_finish_early(reconstruct, series):
    seen = []

    def stop_at_five(done, total, **_figures):
        seen.append((done, total))
        return done < 5

    volume = reconstruct(series, PAPER_ANGLES_DEG, progress=stop_at_five)
    total = seen[0][1]
    assert seen == [(done, total) for done in range(1, 6)]
    assert volume.any()


def test_raising_in_progress_cancels(reconstruct, series):
    class Cancelled(Exception):
        pass

    def cancel(*_steps, **_figures):
        raise Cancelled

    with pytest.raises(Cancelled):
        reconstruct(series, PAPER_ANGLES_DEG, progress=cancel)


def _with_empty_tilt(series):
    broken = series.copy()
    broken[7] = 0
    return broken


def _with_nan(series):
    broken = series.copy()
    broken[3, 1, 1] = np.nan
    return broken


NAN_ANGLE = np.where(PAPER_ANGLES_DEG == 20, np.nan, PAPER_ANGLES_DEG)


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (lambda s: (s, PAPER_ANGLES_DEG[:-1], {}), "tilt-count-mismatch", "15 projections came with 14 angles"),
        (lambda s: (_with_nan(s), PAPER_ANGLES_DEG, {}), "non-finite-values", r"tilt 3 \(-40.0 deg\)"),
        (lambda s: (s, NAN_ANGLE, {}), "non-finite-values", "angle of tilt 9"),
        (lambda s: (s[:2], PAPER_ANGLES_DEG[:2], {}), "too-few-tilts", "2 distinct tilts"),
        (lambda s: (s[:3], [0.0, 0.0, 180.0], {}), "too-few-tilts", "1 distinct tilts"),
        (lambda s: (_with_empty_tilt(s), PAPER_ANGLES_DEG, {}), "empty-projection", r"tilt 7 \(0.0 deg\)"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"mask": np.zeros((32, 32, 32), bool)}), "empty-mask", "lower its threshold"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"mask": np.ones((4, 4, 4), bool)}), "wrong-shape", "mask of the volume"),
        (lambda s: (s[0], PAPER_ANGLES_DEG, {}), "wrong-shape", "tilt, y, x"),
        (lambda s: (s, PAPER_ANGLES_DEG, {"rotation_axis_px": np.nan}), "axis-outside-detector", "rotation_axis_px"),
    ],
)
def test_what_cannot_be_reconstructed_is_refused_by_name(reconstruct, series, change, code, named):
    projections, angles, settings = change(series)
    with pytest.raises(ScienceError, match=named) as refused:
        reconstruct(projections, angles, **settings)
    assert refused.value.code == code


class TestSirt:
    def test_finds_a_known_particle(self, particle, series):
        volume = sirt(series, PAPER_ANGLES_DEG, iterations=100)
        assert psnr_db(volume, particle) > 27.5
        assert np.mean((volume > 0.5) == (particle > 0.5)) > 0.985

    def test_residual_falls_and_is_that_of_the_returned_volume(self, series):
        residuals = []

        def listen(_done, _total, *, residual):
            residuals.append(residual)
            return True

        volume = sirt(series, PAPER_ANGLES_DEG, iterations=40, progress=listen)
        assert all(later < earlier for earlier, later in itertools.pairwise(residuals))
        left = np.linalg.norm(series - project(volume, PAPER_ANGLES_DEG)) / np.linalg.norm(series)
        assert residuals[-1] == pytest.approx(left, rel=1e-3)

    def test_first_iteration_is_the_normalised_back_projection_computed_by_hand(self):
        """Three tilts of one bright pixel: every ray is divided by its length, every voxel by the rays through it."""
        angles, n = np.array([-90.0, 0.0, 45.0]), 5
        projections = np.zeros((3, 1, n), np.float32)
        projections[:, 0, 2] = 3.0
        unit = np.eye(n * n, dtype=np.float32).reshape(n * n, n, 1, n)
        matrix = np.array([project(voxel, angles).ravel() for voxel in unit], np.float64)
        by_hand = (matrix @ (projections.ravel() / matrix.sum(axis=0))) / matrix.sum(axis=1)
        volume = sirt(projections, angles, iterations=1)
        np.testing.assert_allclose(volume[:, 0].ravel(), by_hand, atol=1e-5)

    def test_a_mask_shortens_the_rays_to_their_part_inside_it(self):
        """One step explains a mask of constant density whose tilts see only what is inside it."""
        mask = np.zeros((9, 2, 9), bool)
        mask[3:6, :, 2:7] = True
        series = project(mask.astype(np.float32), [0.0, 90.0, -90.0, 180.0, 45.0])
        volume = sirt(series, [0.0, 90.0, -90.0, 180.0, 45.0], iterations=1, mask=mask)
        np.testing.assert_allclose(volume[mask], 1, atol=1e-4)

    def test_early_finish_keeps_the_volume_reached(self, series):
        early = sirt(series, PAPER_ANGLES_DEG, iterations=100, progress=lambda done, _total, **_figures: done < 7)
        np.testing.assert_array_equal(early, sirt(series, PAPER_ANGLES_DEG, iterations=7))

    def test_density_is_never_negative_unless_allowed(self, series):
        assert sirt(series, PAPER_ANGLES_DEG, iterations=10).min() >= 0
        assert sirt(series, PAPER_ANGLES_DEG, iterations=10, nonnegative=False).min() < 0

    def test_scaling_the_series_scales_the_volume(self, series):
        volume = sirt(series, PAPER_ANGLES_DEG, iterations=10)
        np.testing.assert_allclose(
            sirt(1000 * series, PAPER_ANGLES_DEG, iterations=10), 1000 * volume, rtol=1e-3, atol=0.1
        )

    def test_a_true_mask_helps(self, particle, series):
        free = sirt(series, PAPER_ANGLES_DEG, iterations=30)
        masked = sirt(series, PAPER_ANGLES_DEG, iterations=30, mask=particle > 0)
        assert psnr_db(masked, particle) > psnr_db(free, particle) + 0.3

    def test_no_iteration_is_refused(self, series):
        with pytest.raises(ScienceError, match="iterations"):
            sirt(series, PAPER_ANGLES_DEG, iterations=0)


class TestFbp:
    def test_density_of_a_fully_tilted_particle_comes_out_right(self, particle):
        angles = np.arange(-90.0, 90.0, 2.0)
        volume = fbp(project(particle, angles), angles)
        assert np.median(volume[particle == 1]) == pytest.approx(1, abs=0.03)
        assert abs(volume[particle == 0].mean()) < 0.02

    @pytest.mark.parametrize("name", ["ramp", "shepp-logan", "cosine", "hamming", "hann"])
    def test_every_filter_keeps_the_mean(self, particle, name):
        angles = np.arange(-90.0, 90.0, 3.0)
        volume = fbp(project(particle, angles), angles, filter=name)
        assert volume.sum() == pytest.approx(particle.sum(), rel=0.08)

    def test_rows_do_not_wrap_around(self):
        """A pixel at one edge is filtered with the tail of the ramp at the other edge, not with its beginning."""
        angles = np.arange(0.0, 180.0, 5.0)
        series = np.zeros((len(angles), 1, 16), np.float32)
        series[:, :, 0] = 1
        row = fbp(series[[0, 18, 9]], angles[[0, 18, 9]])[8, 0]
        assert abs(row[-1] - row[-2]) < 0.1 * abs(row[1])

    def test_windows_have_their_textbook_values_at_half_and_at_the_whole_of_the_band(self):
        ramp = ramp_response(32, "ramp")
        at = [len(ramp) // 2, len(ramp) - 1]
        for name, expected in (
            ("shepp-logan", [2 * np.sqrt(2) / np.pi, 2 / np.pi]),
            ("cosine", [np.sqrt(0.5), 0]),
            ("hamming", [0.54, 0.08]),
            ("hann", [0.5, 0]),
        ):
            np.testing.assert_allclose((ramp_response(32, name) / ramp)[at], expected, atol=1e-5)
        np.testing.assert_allclose(ramp[at], [0.25, 0.5], atol=5e-3)

    def test_stronger_windows_damp_noise_more(self, series):
        noise = np.random.default_rng(8).standard_normal(series.shape)
        names = ["ramp", "shepp-logan", "cosine", "hamming", "hann"]
        scatter = [fbp(noise, PAPER_ANGLES_DEG, filter=name).std() for name in names]
        assert scatter == sorted(scatter, reverse=True)


class TestGoingOn:
    """SIRT that goes on from a volume it made before."""

    def test_it_ends_where_it_would_have_ended_in_one_go(self, series):
        half = sirt(series[:, 12:17], PAPER_ANGLES_DEG, iterations=5)
        whole = sirt(series[:, 12:17], PAPER_ANGLES_DEG, iterations=10)
        np.testing.assert_allclose(
            sirt(series[:, 12:17], PAPER_ANGLES_DEG, iterations=5, start=half), whole, atol=1e-4 * whole.max()
        )

    def test_a_volume_of_fewer_tilts_saves_iterations(self, series):
        fewer = sirt(series[:-3, 12:17], PAPER_ANGLES_DEG[:-3], iterations=30)
        cold, warm = residuals(series, 20), residuals(series, 20, start=fewer)
        assert sum(each > cold[-1] for each in warm) <= 10

    def test_the_volume_gone_on_from_is_not_modified(self, series):
        start = np.ones((32, 5, 32), np.float32)
        sirt(series[:, 12:17], PAPER_ANGLES_DEG, iterations=2, start=start)
        assert (start == 1).all()

    @pytest.mark.parametrize("start", [np.zeros((32, 5, 31)), np.full((32, 5, 32), np.nan)])
    def test_a_volume_that_does_not_fit_is_refused(self, series, start):
        with pytest.raises(ScienceError, match="leave it out"):
            sirt(series[:, 12:17], PAPER_ANGLES_DEG, iterations=1, start=start)


def residuals(series, iterations, **settings) -> list[float]:
    found: list[float] = []

    def note(_done, _total, *, residual):
        found.append(residual)
        return True

    sirt(series[:, 12:17], PAPER_ANGLES_DEG, iterations=iterations, progress=note, **settings)
    return found
