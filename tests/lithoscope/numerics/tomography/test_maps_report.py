"""Volumes of all maps of a series: named, of one level where asked for, judged by curves that a person can look at."""

import numpy as np
import pytest

from lithoscope import analysis
from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue
from lithoscope.numerics.tomography import genfire
from lithoscope.numerics.tomography.maps_report import tomogram_maps
from lithoscope.numerics.tomography.phantoms import small_maps
from lithoscope.units import Quantity

METHOD = catalogue()["tomogram_maps"]
SETTINGS = {"iterations": 6, "interpolation_radius_px": 0.25}


@pytest.fixture(scope="module")
def example():
    return {name: value for name, value in small_maps().items() if name != "seed"}


def labelled(example):
    return LabelledArray(
        example["projections"],
        "ctyx",
        spacing={"y": Quantity(4.63, "nm", "header"), "x": Quantity(4.63, "nm", "header")},
        unit="counts",
        coordinates={"t": example["angles_deg"]},
        kind="tilt_series",
        labels={"c": example["projections_names"]},
    )


def test_the_method_keeps_names_and_steps_of_the_maps(example):
    made = analysis.call(METHOD, {"projections": labelled(example)}, METHOD.params(engine="sirt", iterations=5))
    assert made["volume"].axes == "czyx"
    assert made["volume"].labels == {"c": ("O K", "Mn L")}
    assert made["volume"].spacing["z"].value == 4.63
    assert set(made) == {"volume", "curves"}
    assert set(made["curves"].columns) == {"iteration", "residual_O_K", "residual_Mn_L"}


def test_a_single_series_gives_a_single_volume(example):
    one = tomogram_maps(example["projections"][0], example["angles_deg"], engine="genfire", **SETTINGS)
    np.testing.assert_array_equal(
        one.volume, genfire(example["projections"][0], example["angles_deg"], **SETTINGS).volume
    )
    assert set(one.curves.columns) == {"iteration", "error_k", "r_free"}
    assert 0 < one.filled.value < 1


def test_curves_are_drawn_one_for_each_map_and_error(example):
    curves = tomogram_maps(**example, engine="genfire", **SETTINGS).curves
    assert [line.y for line in curves.plot.lines] == ["error_k_O_K", "error_k_Mn_L", "r_free_O_K", "r_free_Mn_L"]
    assert curves.columns["iteration"] == [1, 2, 3, 4, 5, 6]


def test_errors_of_shells_are_those_of_genfire_at_its_best_iteration(example):
    shells = tomogram_maps(**example, engine="genfire", **SETTINGS).shells
    alone = genfire(example["projections"][1], example["angles_deg"], **SETTINGS)
    expected = alone.error_k_shells[alone.best_iteration - 1]
    shown = np.array(shells.columns["error_k_Mn_L"], float)
    np.testing.assert_allclose(shown, expected, rtol=1e-6)
    assert shells.plot.x == "frequency_over_nyquist"
    nyquist = example["projections"].shape[3] / 2
    assert shells.columns["frequency_over_nyquist"][:2] == pytest.approx([0.5 / nyquist, 1.5 / nyquist])
    assert tomogram_maps(**example, engine="sirt", iterations=1).shells is None


def test_filtered_back_projection_has_no_curves(example):
    made = tomogram_maps(**example, engine="fbp", iterations=1)
    assert made.curves is None
    assert made.filled is None


def test_tilts_brought_to_one_level_give_the_volume_of_undimmed_ones(example):
    dimmed = np.linspace(0.5, 1.4, 9)
    shadowed = {**example, "projections": example["projections"] * dimmed[:, None, None]}
    settings = {"engine": "sirt", "iterations": 10, "normalise": True}
    bright, found = tomogram_maps(**example, **settings), tomogram_maps(**shadowed, **settings)
    scale = np.vdot(found.volume, bright.volume) / np.vdot(found.volume, found.volume)
    np.testing.assert_allclose(scale * found.volume, bright.volume, atol=2e-3 * bright.volume.max())
    applied = np.array(found.tilt_levels.columns["factor"]) * dimmed
    np.testing.assert_allclose(applied / applied.mean(), 1, atol=0.02)
    assert {"factor_O_K", "factor_Mn_L"} < set(found.tilt_levels.columns)
    assert tomogram_maps(**example, engine="sirt", iterations=1).tilt_levels is None


def test_dimmed_tilts_are_told_by_the_names_of_their_maps(example):
    shadowed = example["projections"].copy()
    shadowed[1] *= np.linspace(0.5, 1.4, 9)[:, None, None]
    notes = tomogram_maps(**{**example, "projections": shadowed}, engine="sirt", iterations=1).notes
    assert notes[0].startswith("uneven-projections: the sums of the projections of Mn L scatter")


@pytest.mark.parametrize(
    ("preset", "numbers"),
    [("recommended", (200, 3.0, 0.25)), ("paper", (1000, 3.0, 0.1)), ("paper_eels", (200, 2.0, 0.1))],
)
def test_presets_give_the_published_numbers(preset, numbers):
    params = METHOD.params(preset=preset)
    assert (params.iterations, params.oversampling_ratio, params.interpolation_radius_px) == numbers


def test_an_engine_that_is_not_genfire_takes_iterations_that_suffice_it():
    assert METHOD.params(engine="sart").iterations == 20
    assert METHOD.params(engine="sart", iterations=7).iterations == 7


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda maps: np.where(np.arange(9)[:, None, None] == 4, 0, maps), "empty-projection"),
        (lambda maps: np.where(np.arange(9)[:, None, None] == 4, np.nan, maps), "non-finite-values"),
        (lambda maps: maps[:, :8], "tilt-count-mismatch"),
        (lambda maps: maps[0, 0], "wrong-shape"),
    ],
)
def test_bad_maps_are_named_problems(example, change, code):
    with pytest.raises(ScienceError) as refused:
        tomogram_maps(**{**example, "projections": change(example["projections"])}, engine="sirt", iterations=1)
    assert refused.value.code == code


def test_an_empty_tilt_is_named_with_its_map(example):
    maps = example["projections"].copy()
    maps[1, 2] = 0
    with pytest.raises(ScienceError, match=r"^map Mn L: tilt 2 \(-30.0 deg\) has no signal"):
        tomogram_maps(**{**example, "projections": maps}, engine="genfire", iterations=1)


@pytest.mark.parametrize("engine", ["genfire", "sirt", "sart", "fbp", "resire"])
def test_fewer_than_three_tilts_and_an_empty_support_are_refused_by_every_engine(example, engine):
    two = {**example, "projections": example["projections"][:, :2], "angles_deg": example["angles_deg"][:2]}
    with pytest.raises(ScienceError, match="at least 3") as refused:
        tomogram_maps(**two, engine=engine, iterations=1)
    assert refused.value.code == "too-few-tilts"
    with pytest.raises(ScienceError) as refused:
        tomogram_maps(**example, engine=engine, iterations=1, support=np.zeros((16, 16, 16), bool))
    assert refused.value.code == "empty-mask"
