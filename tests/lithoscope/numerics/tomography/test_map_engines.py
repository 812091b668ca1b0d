"""One interface for every engine: what a map gives does not depend on the maps beside it."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import fbp, genfire, project, resire, sart, sirt
from lithoscope.numerics.tomography.map_engines import ENGINES, map_engine
from lithoscope.numerics.tomography.phantoms import porous_particle

ANGLES_DEG = np.arange(-60.0, 61.0, 15.0)
SINGLE = {"genfire": genfire, "sirt": sirt, "sart": sart, "resire": resire, "fbp": fbp}


@pytest.fixture(scope="module")
def maps():
    particle = porous_particle(16)
    return np.stack([project(volume, ANGLES_DEG) for volume in (particle, 3 * particle[:, ::-1], particle**2)])


@pytest.mark.parametrize("name", ENGINES)
def test_a_map_comes_out_as_it_would_alone(name, maps):
    together = map_engine(name, iterations=8)(maps, ANGLES_DEG)
    settings = {"filter": "hann"} if name == "fbp" else {"iterations": 8}
    if name == "genfire":
        settings["interpolation_radius_px"] = 0.25
    for volume, each in zip(together, maps, strict=True):
        alone = SINGLE[name](each, ANGLES_DEG, **settings)
        np.testing.assert_allclose(volume, getattr(alone, "volume", alone), atol=1e-6 * each.max())
    assert together.dtype == np.float32


@pytest.mark.parametrize("name", ENGINES)
def test_a_support_keeps_every_map_inside(name, maps):
    support = porous_particle(16) > 0.5
    found = map_engine(name, iterations=4).reconstruct(maps, ANGLES_DEG, support=support)
    assert not found.volumes[:, ~support].any()
    assert found.volumes[:, support].any(axis=1).all()


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "fbp"])
def test_every_map_has_an_error_of_its_own_at_every_iteration(name, maps):
    found = map_engine(name, iterations=6).reconstruct(maps, ANGLES_DEG)
    assert found.error.shape == (6, 3)
    alone = map_engine(name, iterations=6).reconstruct(maps[1:2], ANGLES_DEG)
    np.testing.assert_allclose(found.error[:, 1], alone.error[:, 0], rtol=1e-4)
    assert (found.error[-1] < found.error[0]).all()
    assert len(found.best_iterations) == 3


def test_only_genfire_knows_withheld_points_and_what_was_filled(maps):
    assert map_engine("genfire", iterations=3).reconstruct(maps, ANGLES_DEG).r_free.shape == (3, 3)
    others = [map_engine(name, iterations=3).reconstruct(maps, ANGLES_DEG) for name in ENGINES if name != "genfire"]
    assert all(found.r_free is None and found.filled_fraction is None for found in others)


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "fbp"])
def test_an_early_finish_keeps_what_was_found(name, maps):
    found = map_engine(name, iterations=50).reconstruct(maps, ANGLES_DEG, progress=lambda done, *_, **__: done < 3)
    assert len(found.error) == 3
    assert found.volumes.any()


@pytest.mark.parametrize("name", ENGINES)
def test_an_empty_projection_is_named_with_its_map_and_tilt(name, maps):
    broken = maps.copy()
    broken[2, 4] = 0
    with pytest.raises(ScienceError, match=r"map 2: tilt 4 \(0.0 deg\)") as refused:
        map_engine(name, iterations=2)(broken, ANGLES_DEG)
    assert refused.value.code == "empty-projection"


def test_an_unknown_engine_is_refused():
    with pytest.raises(ScienceError, match="genfire, sirt"):
        map_engine("est", iterations=1)


def test_an_engine_of_single_series_takes_the_place_of_the_axis(maps):
    moved = map_engine("sirt", iterations=4).of_series()(maps[0], ANGLES_DEG, rotation_axis_px=8.0)
    np.testing.assert_allclose(moved, sirt(maps[0], ANGLES_DEG, iterations=4, rotation_axis_px=8.0), atol=1e-6)
