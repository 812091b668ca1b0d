"""Shell correlation: how far halves agree, inside and outside the wedge, and where a curve crosses."""

from functools import partial

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import project, sirt
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.resolution import crossing, half_volumes, shell_correlation

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
VOXEL_NM = 4.63
LINEAR = partial(sirt, iterations=20, nonnegative=False)


@pytest.fixture(scope="module")
def counted():
    series = project(porous_particle(48), ANGLES_DEG)
    return np.random.default_rng(0).poisson(series / series.max() * 1e3).astype(np.float32)


def test_halves_agree_further_inside_the_wedges_complement(counted):
    shells = shell_correlation(
        *half_volumes(counted, ANGLES_DEG, engine=LINEAR), angles_deg=ANGLES_DEG, voxel_nm=VOXEL_NM
    )
    assert shells.resolution_half_nm.value > shells.resolution_nm.value
    assert shells.wedge_resolution_nm.value > 1.2 * shells.covered_resolution_nm.value
    assert shells.points[1:25].sum() == pytest.approx(4 / 3 * np.pi * 24.5**3, rel=0.03)
    assert shells.frequency_per_nm[24] == pytest.approx(0.5 / VOXEL_NM)


def test_a_volume_agrees_with_itself_and_noise_with_nothing():
    volume, other = np.random.default_rng(0).normal(size=(2, 32, 32, 32))
    same = shell_correlation(volume, 3 * volume, angles_deg=ANGLES_DEG, voxel_nm=1.0)
    assert same.correlation[5:] == pytest.approx(1.0)
    assert same.resolution_nm.value is None
    assert "the voxels limit it" in same.resolution_nm.note
    apart = shell_correlation(volume, other, angles_deg=ANGLES_DEG, voxel_nm=1.0)
    assert abs(apart.correlation[5:]).max() < 0.15


def test_a_blurred_partner_is_cut_where_its_noise_takes_over():
    rng = np.random.default_rng(0)
    k = np.sqrt(sum(axis**2 for axis in np.meshgrid(*[np.fft.fftfreq(48)] * 3, indexing="ij")))
    signal = np.fft.ifftn(np.fft.fftn(rng.normal(size=(48, 48, 48))) * (k < 9.5 / 48)).real
    first, second = (signal + 1e-3 * rng.normal(size=signal.shape) for _ in range(2))
    shells = shell_correlation(first, second, angles_deg=ANGLES_DEG, voxel_nm=2.0)
    assert shells.resolution_nm.value == pytest.approx(2.0 * 48 / 9.5, rel=0.06)


def test_a_crossing_lies_between_its_shells():
    frequency, curve = np.arange(5) / 10, np.array([np.nan, 0.9, 0.6, 0.4, 0.1])
    assert crossing(frequency, curve, 0.5).value == pytest.approx(1 / 0.25)
    assert crossing(frequency, curve, 0.95).value is None
    assert "nothing is resolved" in crossing(frequency, curve, 0.95).note


def test_repeated_tilts_stay_in_one_half(counted):
    seen = []

    def engine(_projections, angles_deg, /, *, rotation_axis_px=None):
        seen.append(sorted(angles_deg.tolist()))
        return np.zeros((4, 4, 4))

    half_volumes(counted[[7, *range(15), 7]], np.r_[0.0, ANGLES_DEG, 0.0], engine=engine)
    assert not set(seen[0]) & set(seen[1])
    assert [len(half) for half in seen] in ([8, 9], [10, 7])
    with pytest.raises(ScienceError, match="at least 6"):
        half_volumes(counted[:5], ANGLES_DEG[:5], engine=engine)


def test_bad_input_is_refused():
    cube = np.ones((4, 4, 4))
    for call, word in (
        (lambda: shell_correlation(cube, cube[:3], angles_deg=ANGLES_DEG, voxel_nm=1.0), "one shape"),
        (lambda: shell_correlation(cube * np.nan, cube, angles_deg=ANGLES_DEG, voxel_nm=1.0), "NaN"),
        (lambda: shell_correlation(cube, cube, angles_deg=ANGLES_DEG, voxel_nm=0.0), "voxel_nm"),
    ):
        with pytest.raises(ScienceError, match=word):
            call()
