"""Simultaneous tomography of a small twin with the library alone: by its X-rays only, and the same every time."""

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue as methods
from lithoscope.numerics.twins import Experiment, small_particle, small_settings
from lithoscope.readers import read
from lithoscope.recipes import catalogue as recipes
from lithoscope.recipes.running import run_local
from lithoscope.tables import Table
from lithoscope.writers.twin_files import write_twin

RECIPE = recipes()["simultaneous_tomography"]
SIZE, ANGLES_DEG = 16, tuple(range(-60, 61, 20))
ONLY = ("dark_field", "x_rays", "live_fraction")


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    settings = small_settings(SIZE, angles_deg=tuple(float(angle) for angle in ANGLES_DEG))
    files = write_twin(tmp_path_factory.mktemp("twin"), Experiment(small_particle(SIZE), settings=settings))
    return {array.name: array for array in read(files.series).arrays if array.name in ONLY}


@pytest.fixture(scope="module")
def done(series):
    return run(series)


def run(series):
    return run_local(RECIPE, series, RECIPE.params(dark_field_iterations=20), methods=methods())


def test_dark_field_and_x_rays_alone_give_structure_composition_and_profiles(done):
    assert not {"zero_loss", "manganese_states", "cobalt_valence", "stability"} & set(done)
    assert {"composition", "profiles", "rock_salt", "inhomogeneity", "resolution", "fused", "figures"} <= set(done)
    composition = done["composition"].outputs["composition"]
    assert composition.labels["c"] == ("O", "Mn", "Co", "Ni")
    assert {"O", "Mn", "Co", "Ni"} <= set(done["profiles"].outputs["profiles"].columns)
    inside = done["particle"].outputs["labels"].values > 0
    np.testing.assert_allclose(np.nansum(composition.values[:, inside], axis=0), 100.0, atol=0.01)


def test_the_same_series_gives_the_same_numbers(series, done):
    again = run(series)
    assert list(again) == list(done)
    for step, performed in done.items():
        assert again[step].notes == performed.notes, step
        for name, first in performed.outputs.items():
            second = again[step].outputs[name]
            if isinstance(first, LabelledArray):
                np.testing.assert_array_equal(second.values, first.values, err_msg=f"{step}.{name}")
            elif isinstance(first, Table):
                assert repr(second) == repr(first), f"{step}.{name}"  # a number that is none is equal to itself here
            else:
                assert second == first, f"{step}.{name}"
