import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.volumes import surface_measure
from lithoscope.numerics.volumes.surfaces import direction_shares, lattice_directions


def ball(radius_nm: float, spacing_nm: tuple[float, ...]) -> np.ndarray:
    sizes = [int(2 * radius_nm / step) + 5 for step in spacing_nm]
    place = np.meshgrid(
        *[(np.arange(n) - (n - 1) / 2) * step for n, step in zip(sizes, spacing_nm, strict=True)], indexing="ij"
    )
    return sum(along**2 for along in place) < radius_nm**2


@pytest.mark.parametrize("spacing_nm", [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (4.63, 4.63, 4.63)])
def test_surface_of_a_sphere(spacing_nm):
    radius_nm = 16 * min(spacing_nm)
    surface = surface_measure(ball(radius_nm, spacing_nm), spacing_nm=spacing_nm)
    assert surface == pytest.approx(4 * np.pi * radius_nm**2, rel=0.03)


@pytest.mark.parametrize("spacing_nm", [(1.0, 1.0), (2.0, 1.0)])
def test_perimeter_of_a_disc(spacing_nm):
    assert surface_measure(ball(30.0, spacing_nm), spacing_nm=spacing_nm) == pytest.approx(2 * np.pi * 30, rel=0.02)


def test_a_plane_along_the_grid_comes_out_low_by_a_known_tenth():
    half = np.zeros((40, 60, 60), bool)
    half[:20] = True
    assert surface_measure(half, spacing_nm=(1.0, 1.0, 1.0)) == pytest.approx(0.9 * 60 * 60, rel=0.02)


def test_the_cut_at_the_border_is_not_surface():
    assert surface_measure(np.ones((5, 6, 7), bool), spacing_nm=(1.0, 1.0, 1.0)) == 0


def test_inside_and_outside_share_their_surface():
    region = np.random.default_rng(0).random((9, 10, 11)) < 0.4
    spacing = (3.0, 1.0, 2.0)
    assert surface_measure(region, spacing_nm=spacing) == surface_measure(~region, spacing_nm=spacing)


@pytest.mark.parametrize("ndim", [2, 3])
def test_shares_cover_all_directions(ndim):
    directions = lattice_directions(ndim) * np.array([5.0, 1.0, 2.0])[:ndim]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    shares = direction_shares(directions)
    assert len(shares) == {2: 4, 3: 13}[ndim]
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()


def test_lines_are_refused():
    with pytest.raises(ScienceError, match="image"):
        surface_measure(np.ones(4, bool), spacing_nm=(1.0,))
