"""What methods of energy loss refuse, each by a name of its own."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.analysis import perform
from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue, resolve

METHODS = ("eels_zero_loss", "eels_thickness", "eels_edge", "eels_valence")
WITH_CORE = ("eels_edge", "eels_valence")


def inputs(method):
    """Label the method's example."""
    example = resolve(catalogue()[method].example)()
    names = [port.name for port in catalogue()[method].inputs if port.name in example]
    return {
        name: LabelledArray(
            example[name], "yxe"[-example[name].ndim :], {}, "counts", {"e": example[f"{name}_energy"].energies_eV},
            "spectra", name,
        )
        for name in names
    }  # fmt: skip


def refused(method, given, **params):
    """Return the code with which a method refuses what it is given."""
    declared = catalogue()[method]
    with pytest.raises(ScienceError) as problem:
        perform(declared, given, declared.params(**params))
    return problem.value.code


def part(array, channels):
    """Leave channels of spectra out."""
    return replace(array, values=array.values[..., channels], coordinates={"e": array.coordinates["e"][channels]})


def changed(array, value):
    """Put a value into one channel of the last pixel."""
    values = array.values.copy()
    values[-1, -1, 40] = value
    return replace(array, values=values)


def position(value=0.0, shape=(2, 2)):
    return LabelledArray(np.full(shape, value), "yx", {}, "eV", {}, "image", "position")


@pytest.mark.parametrize("method", METHODS)
def test_a_reversed_energy_axis_is_refused(method):
    given = inputs(method)
    assert refused(method, given | {"low_loss": part(given["low_loss"], slice(None, None, -1))}) == (
        "reversed-energy-axis"
    )


@pytest.mark.parametrize("method", METHODS)
def test_spectra_without_a_zero_loss_peak_are_refused(method):
    given = inputs(method)
    assert refused(method, given | {"low_loss": part(given["low_loss"], slice(400, None))}) == "missing-zero-loss"


@pytest.mark.parametrize("method", WITH_CORE)
def test_an_empty_map_of_zero_loss_positions_is_refused(method):
    assert refused(method, inputs(method) | {"position": position(np.nan)}) == "missing-zero-loss"


@pytest.mark.parametrize(("value", "code"), [(np.nan, "non-finite-values"), (-1.0, "negative-counts")])
@pytest.mark.parametrize("method", ["eels_zero_loss", "eels_thickness"])
def test_low_loss_that_no_detector_counts_is_refused(method, value, code):
    given = inputs(method)
    assert refused(method, given | {"low_loss": changed(given["low_loss"], value)}) == code


@pytest.mark.parametrize(("value", "code"), [(np.nan, "non-finite-values"), (-1.0, "negative-counts")])
@pytest.mark.parametrize("spectra", ["core_loss", "low_loss"])
@pytest.mark.parametrize("method", WITH_CORE)
def test_spectra_that_no_detector_counts_are_refused(method, spectra, value, code):
    given = inputs(method) | {"position": position()}
    assert refused(method, given | {spectra: changed(given[spectra], value)}) == code
    del given["position"]
    assert refused(method, given | {spectra: changed(given[spectra], value)}) == code


@pytest.mark.parametrize("method", WITH_CORE)
def test_spectra_masks_and_positions_of_other_pixels_are_refused(method):
    given = inputs(method)
    fewer = replace(given["core_loss"], values=given["core_loss"].values[:1])
    assert refused(method, given | {"core_loss": fewer}) == "wrong-shape"
    masks = LabelledArray(np.ones((3, 3), int), "yx", {}, "1", {}, "labels", "masks")
    assert refused(method, given | {"masks": masks}) == "wrong-shape"
    assert refused(method, given | {"position": position(shape=(1, 2))}) == "wrong-shape"


@pytest.mark.parametrize("method", WITH_CORE)
def test_core_and_low_loss_of_other_dispersion_are_refused(method):
    given = inputs(method)
    wider = {"e": -30 + 0.3 * np.arange(given["low_loss"].values.shape[-1])}
    assert refused(method, given | {"low_loss": replace(given["low_loss"], coordinates=wider)}) == "channel-mismatch"


@pytest.mark.parametrize("method", WITH_CORE)
def test_a_core_loss_that_does_not_reach_the_edge_is_refused(method):
    given = inputs(method)
    assert refused(method, given | {"core_loss": part(given["core_loss"], slice(0, 300))}) == (
        "window-outside-spectrum"
    )


@pytest.mark.parametrize("model", ["scattered", "deconvolved"])
def test_references_that_end_within_the_fit_are_refused_and_longer_ones_are_extrapolated_only_if_told(model):
    given = inputs("eels_valence")
    names = [name for name in given if name.startswith("reference")]

    def shortened(channels):
        return given | {name: part(given[name], slice(0, channels)) for name in names}

    assert refused("eels_valence", shortened(500), model=model, beyond="extrapolate") == "reference-not-covering"
    assert refused("eels_valence", shortened(851), model=model) == "reference-not-covering"
    method = catalogue()["eels_valence"]
    told = method.params(model=model, beyond="extrapolate", fit_stop_eV=682.0)
    notes = perform(method, shortened(851), told).notes
    assert any(note.startswith("extrapolated-continuum") for note in notes)


@pytest.mark.parametrize("model", ["scattered", "deconvolved"])
def test_references_that_are_one_another_are_refused(model):
    given = inputs("eels_valence")
    double = replace(given["reference_1"], values=2 * given["reference_1"].values)
    assert refused("eels_valence", given | {"reference_2": double}, model=model) == "dependent-references"


def test_volumes_without_charge_or_of_other_shape_are_refused():
    method = catalogue()["valence_volumes"]
    example = resolve(method.example)()
    volumes = LabelledArray(example["volumes"], "czyx", kind="volume", name="atoms")
    particle = LabelledArray(example["particle"], "zyx", kind="labels", name="particle")
    assert refused("valence_volumes", {"volumes": volumes, "particle": particle}) == "invalid-setting"
    smaller = replace(particle, values=particle.values[1:])
    assert refused("valence_volumes", {"volumes": volumes, "particle": smaller}) == "wrong-shape"
    empty = replace(particle, values=0 * particle.values)
    assert refused("valence_volumes", {"volumes": volumes, "particle": empty}) == "empty-mask"
    broken = replace(volumes, values=volumes.values * np.nan)
    assert refused("valence_volumes", {"volumes": broken, "particle": particle}) == "non-finite-values"
    charges = {"valence_1": 4.0, "valence_2": 3.0, "valence_3": 2.0}
    made = perform(method, {"volumes": volumes, "particle": particle}, method.params(**charges)).outputs
    assert made["mean_valence"].values.max() == pytest.approx(3.825, abs=0.001)
    assert made["fractions"].labels["c"] == ("atoms 1", "atoms 2", "atoms 3")
    assert made["mean_valence"].labels["c"] == ("mean valence",)
    manganese = {"volumes": replace(volumes, labels={"c": ("Mn4+", "Mn3+", "Mn2+")}), "particle": particle}
    assert perform(method, manganese, method.params()).outputs["mean_valence"].labels["c"] == ("mean Mn valence",)
