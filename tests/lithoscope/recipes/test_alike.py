"""Inputs of the same scans are refused before anything is computed when their sizes differ."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue as methods
from lithoscope.recipes import BadRecipe, catalogue, check
from lithoscope.recipes.alike import UnlikeInputs, sizes_of, unlike_inputs
from lithoscope.recipes.running import run_local

RECIPE = catalogue()["simultaneous_tomography"]


def sizes(**changes):
    same = {"dark_field": sizes_of("tyx", (15, 64, 64)), "x_rays": sizes_of("tyxe", (15, 64, 64, 4096))}
    return same | {name: sizes_of(axes, shape) for name, (axes, shape) in changes.items()}


def test_spectra_may_have_channels_of_their_own_and_references_any_size():
    assert unlike_inputs(RECIPE, sizes(core_loss=("tyxe", (15, 64, 64, 2048)), mn_4=("e", (900,)))) is None


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("x_rays", ("tyxe", (14, 64, 64, 8)), "x_rays has 14 tilts, dark_field has 15 tilts"),
        ("x_rays", ("tyxe", (15, 32, 64, 8)), "x_rays has 32 rows, dark_field has 64 rows"),
        ("low_loss", ("tyxe", (15, 32, 32, 8)), "low_loss has 32 rows and 32 columns, dark_field has 64 rows and 64"),
        ("live_fraction", ("tyx", (17, 64, 64)), "live_fraction has 17 tilts, dark_field has 15 tilts"),
    ],
)
def test_another_number_of_tilts_rows_or_columns_names_both_inputs(name, changed, words):
    found = unlike_inputs(RECIPE, sizes(**{name: changed}))
    assert (found.name, found.other) == (name, "dark_field")
    assert words in found.words


def test_repeated_scans_are_compared_with_each_other_and_not_with_the_series():
    repeated = {"repeat_dark_field": ("tyx", (3, 64, 64)), "repeat_core_loss": ("tyxe", (2, 64, 64, 8))}
    assert unlike_inputs(RECIPE, sizes(**repeated)).other == "repeat_dark_field"


def test_the_library_alone_refuses_them_before_the_first_step():
    def series(axes, shape, kind):
        return LabelledArray(np.ones(shape, np.uint16), axes, kind=kind)

    inputs = {
        "dark_field": series("tyx", (5, 8, 8), "tilt_series"),
        "x_rays": series("tyxe", (4, 8, 8, 16), "spectra"),
    }
    with pytest.raises(UnlikeInputs, match="x_rays has 4 tilts, dark_field has 5 tilts") as refusal:
        run_local(RECIPE, inputs, RECIPE.params(), methods=methods())
    assert refusal.value.code == "unlike-inputs"


def test_a_recipe_that_compares_what_is_no_input_is_bad():
    with pytest.raises(BadRecipe, match="moon is to be like others"):
        check(replace(RECIPE, alike=(("dark_field", "moon"),)), methods())
