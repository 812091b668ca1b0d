"""Resolution as a person gets it: named criteria in nanometres, the wedge apart, and what becomes of a step."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import project
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.resolution_report import tomogram_resolution

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
PIXEL_NM = 4.63


@pytest.fixture(scope="module")
def counted():
    particle = porous_particle(40)
    series = project(particle, ANGLES_DEG)
    scale = 1e3 / series.max()
    return np.random.default_rng(0).poisson(series * scale).astype(np.float32), particle > 0.5


@pytest.fixture(scope="module")
def found(counted):
    return tomogram_resolution(*counted, ANGLES_DEG, pixel_size_nm=PIXEL_NM, engine="sirt", iterations=30)


def test_figures_are_lengths_between_a_voxel_and_the_particle(found):
    for name in ("resolution", "resolution_half", "covered_resolution", "width"):
        value = getattr(found, name)
        assert value.unit == "nm"
        assert PIXEL_NM < value.value < 30 * PIXEL_NM, name
    assert found.resolution_half.value > found.resolution.value
    assert "0.143" in found.resolution.note
    assert "0.5" in found.resolution_half.note


def test_the_wedge_is_worse_than_the_tilt_range(found):
    assert found.wedge_resolution.value is None or found.wedge_resolution.value > found.covered_resolution.value
    assert found.width_wedge.value > found.width_covered.value
    assert found.elongation.value == pytest.approx(1.3, abs=0.15)


def test_tilts_ten_degrees_apart_allow_what_crowther_says(found):
    assert found.crowther.value == pytest.approx(0.62 * 40 * PIXEL_NM * np.deg2rad(10), rel=0.05)


def test_a_rod_along_the_tilt_axis_counts_with_its_width_across():
    rod = np.zeros((20, 20, 20), bool)
    rod[8:12, 1:19, 7:13] = True
    series = 100 * project(rod.astype(np.float32), ANGLES_DEG)
    found = tomogram_resolution(series, rod, ANGLES_DEG, pixel_size_nm=2.0, engine="sirt", iterations=2)
    assert found.crowther.value == pytest.approx(6 * 2.0 * np.deg2rad(10), rel=1e-3)


def test_curves_are_drawn_with_their_criteria(found):
    assert [line.title for line in found.correlation.plot.lines][-2:] == ["0.143", "1/2"]
    assert found.correlation.units["frequency_per_nm"] == "nm^-1"
    assert found.correlation.columns["correlation"][1] > 0.9
    assert found.response.plot.x == "depth_nm"
    assert any("shells of one voxel" in note for note in found.notes)


def test_halves_of_five_tilts_are_refused(counted):
    series, particle = counted
    with pytest.raises(ScienceError, match="at least 6") as refused:
        tomogram_resolution(series[:5], particle, ANGLES_DEG[:5], pixel_size_nm=PIXEL_NM, engine="sirt", iterations=5)
    assert refused.value.code == "too-few-tilts"


def test_an_empty_particle_is_refused(counted):
    series, particle = counted
    with pytest.raises(ScienceError) as refused:
        tomogram_resolution(
            series, ~particle & particle, ANGLES_DEG, pixel_size_nm=PIXEL_NM, engine="sirt", iterations=5
        )
    assert refused.value.code == "empty-mask"
