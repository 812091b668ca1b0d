"""The transform to measured columns, what is measured, and what is withheld."""

import numpy as np
import pytest

from lithoscope.numerics.common import silent
from lithoscope.numerics.tomography.columns import column_transform
from lithoscope.numerics.tomography.enforcement import enforce
from lithoscope.numerics.tomography.gridding import gridded_rows, measured_columns, padded_size
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.schedule import cutoff_switches
from lithoscope.numerics.tomography.withheld import fourier_points


def columns_of(n_x, *, ratio=3, radius=0.3, method="dft"):
    return measured_columns(
        np.array([-50.0, -20.0, 0.0, 35.0, 90.0]),
        padded_px=padded_size(n_x, ratio),
        interpolation_radius_px=radius,
        method=method,
        resolution_circle=True,
    )


@pytest.mark.parametrize(("n_x", "n_y"), [(12, 12), (13, 7), (12, 40), (70, 3), (4, 1)])
def test_columns_are_those_of_the_whole_transform_and_the_adjoint_is_its_adjoint(n_x, n_y):
    columns, padded_y = columns_of(n_x), padded_size(n_y, 2)
    transform = column_transform(columns, n_x=n_x, n_y=n_y, padded_y_px=padded_y)
    rng = np.random.default_rng(n_y)
    volume = rng.standard_normal((n_x, n_y, n_x)).astype(np.float32)
    slabs = transform.as_slabs(volume)
    np.testing.assert_array_equal(transform.as_volume(slabs), volume)
    values = transform.forward(slabs)
    place = np.arange(n_x) - (n_x - 1) / 2
    waves_x = np.exp(-2j * np.pi / columns.padded_px * columns.kx[:, None] * place)
    waves_z = np.exp(-2j * np.pi / columns.padded_px * columns.kz[:, None] * place)
    rows = np.einsum("zyx,cx,cz->cy", volume, waves_x, waves_z, optimize=True)
    expected = np.fft.fft(rows, n=padded_y, axis=1)
    np.testing.assert_allclose(values, expected, atol=3e-6 * abs(expected).max())
    probe = (rng.standard_normal(values.shape) + 1j * rng.standard_normal(values.shape)).astype(np.complex64)
    back = transform.empty_slabs()
    transform.add_adjoint(probe, back)
    np.testing.assert_allclose(np.vdot(probe, values).real, np.vdot(back, slabs), rtol=1e-3, atol=1e-2)


def test_a_projection_fills_its_columns_with_the_transform_of_its_object():
    """A point off the axes: sign, half pixel and scale of every column are those of the volume's transform."""
    n_x, columns = 16, columns_of(16, radius=1e-9)
    point_x, point_z, turned = 3.25, -2.5, np.deg2rad([-50.0, -20.0, 0.0, 35.0, 90.0])
    u = point_x * np.cos(turned) + point_z * np.sin(turned) + 7.5
    place = np.arange(n_x)
    images = np.exp(-0.5 * (place - u[:, None]) ** 2).astype(np.float32)[None, :, None, :] / np.sqrt(2 * np.pi)
    rows = gridded_rows(columns, images, rotation_axis_px=7.5)[0, :, 0]
    turn = 2 * np.pi / columns.padded_px
    blur = np.exp(-0.5 * turn**2 * (columns.kx**2 + columns.kz**2))
    expected = blur * np.exp(-1j * turn * (columns.kx * point_x + columns.kz * point_z))
    np.testing.assert_allclose(rows, expected, atol=2e-2)


@pytest.mark.parametrize("method", ["dft", "fft"])
def test_shares_of_a_column_sum_to_one_and_no_column_is_the_opposite_of_another(method):
    columns = columns_of(20, method=method, radius=0.6)
    np.testing.assert_allclose(np.bincount(columns.column, columns.weight), 1)
    places = set(zip(columns.kx.tolist(), columns.kz.tolist(), strict=True))
    assert len(places) == len(columns.kx)
    assert not {(-x, -z) for x, z in places} & places - {(0, 0)}


@pytest.mark.parametrize(
    ("size", "ratio", "padded"), [(64, 3, 192), (65, 3, 196), (64, 2.5, 160), (9, 1, 10), (1, 1, 2)]
)
def test_padded_sizes_are_even_and_hold_the_image(size, ratio, padded):
    assert padded_size(size, ratio) == padded


def test_a_twentieth_of_every_shell_is_withheld_with_its_opposites():
    columns = columns_of(24)
    points = fourier_points(columns, n_x=24, padded_y_px=72, resolution_circle=True, withheld_fraction=0.05, seed=3)
    for shell in range(points.shell[points.copies > 0].max() + 1):
        here = (points.shell == shell) & (points.copies > 0)
        share = points.withheld[here].sum() / here.sum()
        assert share <= 0.06
        assert share > 0.04 or here.sum() < 100
    assert not points.withheld[points.copies == 0].any()
    origin = (columns.kx == 0) & (columns.kz == 0)
    along_y = points.withheld[origin][0]
    np.testing.assert_array_equal(along_y, along_y[-np.arange(72)])
    assert set(np.unique(points.copies[origin])) == {0, 1}
    assert set(np.unique(points.copies[~origin])) == {0, 2}


def test_what_is_withheld_never_touches_the_volume():
    columns = columns_of(12)
    points = fourier_points(columns, n_x=12, padded_y_px=36, resolution_circle=True, withheld_fraction=0.2, seed=0)
    transform = column_transform(columns, n_x=12, n_y=12, padded_y_px=36)
    measured = transform.forward(transform.as_slabs(porous_particle(12)))
    spoiled = np.where(points.withheld, 5 * measured + 1, measured)
    settings = {"grid_points": 36**3, "iterations": 8, "switches": {1: -999.0}, "support": None, "nonnegative": True}
    first, second = enforce([measured, spoiled], transform, points, workers=1, report=silent, **settings)
    np.testing.assert_array_equal(first.best, second.best)
    assert first.present_errors()[0] == second.present_errors()[0]
    assert first.present_errors()[1] < second.present_errors()[1]


def test_resolution_is_extended_and_suppressed_evenly_over_the_iterations():
    python = cutoff_switches("python", 200)
    assert len(python) == 19
    assert sorted(python.items())[:2] == [(1, 0.95), (12, 0.8)]
    assert python[200] == 0.85
    assert min(python.values()) == -0.15
    matlab = cutoff_switches("matlab", 200)
    assert len(matlab) == 27
    assert matlab[200] == 0.95
    assert cutoff_switches("all", 7) == {1: -999.0}


def test_of_cutoffs_on_one_iteration_the_first_counts_in_python_and_the_last_in_matlab():
    assert cutoff_switches("python", 1) == {1: 0.95}
    assert cutoff_switches("matlab_extension", 1) == {1: -10.0}
