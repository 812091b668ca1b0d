"""A lab's own table of oscillator strengths judges backgrounds, and says which it was; others are refused by name."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.analysis import perform
from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue, resolve
from lithoscope.numerics.eels.edge_maps import edge_maps
from lithoscope.numerics.eels.examples import low_and_core, with_references
from lithoscope.numerics.eels.valence_maps import valence_maps
from lithoscope.readers import read
from tests.lithoscope.gosh_file import write_gosh


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    path = write_gosh(tmp_path_factory.mktemp("gosh") / "ours.gosh", elements=("O", "Mn"))
    return {array.name: array for array in read(path).arrays}


def settings(method="eels_edge", **given):
    return catalogue()[method].params(neighbour_radius_px=0, **given).arguments()


def refused(strengths, **given):
    with pytest.raises(ScienceError) as problem:
        edge_maps(**low_and_core(), strengths=strengths, **settings(**given))
    return problem.value


@pytest.mark.parametrize("theory", ["table", None])
def test_a_table_judges_the_background_and_is_named_with_its_file(tables, theory):
    found = edge_maps(**low_and_core(), strengths=(tables["Mn L2"], tables["Mn L3"]), **settings(theory=theory))
    assert "table of Mn L3 (ours.gosh, doi:10.5281/zenodo.7645765)" in found.notes[0]
    assert "Mn L2" in found.notes[0]
    assert found.rejected.value == 0
    assert not np.array_equal(found.score, edge_maps(**low_and_core(), **settings()).score)


def test_a_table_serves_the_published_valence_too(tables):
    given = settings("eels_valence", model="deconvolved", solver="nnls")
    found = valence_maps(**with_references(), strengths=(tables["Mn L3"],), **given)
    assert "table of Mn L3" in found.notes[0]
    assert found.fraction_1.ravel() == pytest.approx([0.7, 0.5, 0.3, 0.1], abs=0.05)


def test_a_table_that_does_not_fit_is_refused_by_name(tables):
    assert refused((tables["O K1"],), theory="table").code == "other-strengths"
    assert refused((tables["Mn K1"],), theory="table").code == "other-strengths"
    assert refused((tables["Mn L2"],)).code == "missing-strengths"
    assert refused(None, theory="table").code == "missing-strengths"
    assert refused((tables["Mn L3"],), theory="hydrogenic").code == "invalid-setting"
    detectors = LabelledArray(np.ones((4, 9)), "ce", kind="spectra", name="Mn L3")
    assert refused((detectors,)).code == "other-strengths"


def test_a_table_that_ends_too_early_says_how_far_it_reaches(tables):
    table = tables["Mn L3"]
    losses = table.coordinates["e"][:8]
    short = replace(table, values=table.values[:, :8], coordinates={**table.coordinates, "e": losses})
    problem = refused((short,))
    assert problem.code == "window-outside-spectrum"
    assert "reaches from 640 to 709.982 eV, not over 705-764 eV" in str(problem)


def test_the_model_without_a_theory_refuses_one(tables):
    with pytest.raises(ScienceError, match="needs no theory"):
        valence_maps(**with_references(), strengths=(tables["Mn L3"],), **settings("eels_valence"))


def test_a_run_takes_tables_with_their_coordinates(tables):
    method = catalogue()["eels_edge"]
    example = resolve(method.example)()
    inputs = {
        name: LabelledArray(
            example[name], "yxe", {}, "counts", {"e": example[f"{name}_energy"].energies_eV}, "spectra", name
        )
        for name in ("core_loss", "low_loss")
    }
    performed = perform(method, inputs | {"strengths": [tables["Mn L3"]]}, method.params(neighbour_radius_px=0))
    assert "table of Mn L3" in performed.notes[0]
