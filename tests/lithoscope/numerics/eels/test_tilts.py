"""Series of spectra are read tilt by tilt, and give what they give as a whole."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue
from lithoscope.numerics.common.series import SeriesOfTilts
from lithoscope.numerics.eels.edge_maps import edge_maps
from lithoscope.numerics.eels.examples import low_and_core, with_references
from lithoscope.numerics.eels.low_loss_maps import align_spectra, thickness_map, zero_loss_maps
from lithoscope.numerics.eels.phantoms import mn_phantom, small_low_loss
from lithoscope.numerics.eels.valence_maps import valence_maps
from lithoscope.numerics.eels.zero_loss import shift_spectra

DRIFT_EV = np.array([[0.30, -0.15], [0.45, 0.05]])
SPECTRA = ("low_loss", "core_loss")


class Remembering(SeriesOfTilts):
    """A series that fails when it is read whole."""

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("a series was read as a whole")


def stored(values):
    return Remembering(lambda tilt: values[tilt], shape=values.shape, dtype=values.dtype)


def settings(method, **given):
    return catalogue()[method].params(neighbour_radius_px=0, **given).arguments()


def series(example, factors=(1.0, 0.5, 2.0)):
    """Repeat the example at several tilts, each of another brightness."""
    tilts = {name: np.stack([factor * example[name] for factor in factors]) for name in SPECTRA if name in example}
    return {**example, **tilts}


def drifted(example):
    """Move every pixel's zero-loss peak away from 0 eV, and say where it went."""
    moved = dict(example)
    for name in SPECTRA:
        axis = example[f"{name}_energy"]
        shifted = shift_spectra(example[name], axis=axis, shift_eV=-DRIFT_EV)
        moved[name] = np.nan_to_num(shifted[..., 5:-5])
        moved[f"{name}_energy"] = axis.part(slice(5, axis.size - 5))
    return moved


def test_a_drift_of_a_series_is_mapped_with_its_course_over_the_tilts():
    low = small_low_loss()
    tilts = np.stack([low["low_loss"]] * 3)
    found = zero_loss_maps(stored(tilts), low_loss_energy=low["axis"], angles_deg=[-10.0, 0.0, 10.0])
    alone = align_spectra(low["low_loss"], low_loss_energy=low["axis"])
    np.testing.assert_allclose(found.position, np.stack([alone.position] * 3), atol=1e-6)
    assert found.drift.value == pytest.approx(alone.drift.value)
    assert found.tilts.columns["tilt_deg"] == [-10.0, 0.0, 10.0]
    assert found.tilts.plot.x == "tilt_deg"
    assert zero_loss_maps(low["low_loss"], low_loss_energy=low["axis"]).tilts.columns["tilt"] == [1.0]


def test_an_empty_tilt_is_named():
    low = small_low_loss()
    tilts = np.stack([low["low_loss"], 0 * low["low_loss"]])
    with pytest.raises(ScienceError, match="tilt 2 of 2") as refused:
        zero_loss_maps(tilts, low_loss_energy=low["axis"])
    assert refused.value.code == "missing-zero-loss"


def test_a_stored_series_gives_the_thickness_of_an_array():
    example = series({name: low_and_core()[name] for name in ("low_loss", "low_loss_energy")})
    whole = thickness_map(**example)
    position = zero_loss_maps(example["low_loss"], low_loss_energy=example["low_loss_energy"]).position
    streamed = thickness_map(stored(example["low_loss"]), position=position, low_loss_energy=example["low_loss_energy"])
    np.testing.assert_allclose(streamed.t_over_lambda, whole.t_over_lambda, atol=1e-6)
    np.testing.assert_allclose(whole.t_over_lambda[1], whole.t_over_lambda[0], atol=1e-5)


@pytest.mark.parametrize("model", ["scattered", "deconvolved"])
def test_a_stored_series_gives_the_valences_of_each_tilt(model):
    alone = valence_maps(**with_references(), **settings("eels_valence", model=model))
    example = series(with_references())
    example |= {name: stored(example[name]) for name in SPECTRA}
    streamed = valence_maps(**example, **settings("eels_valence", model=model))
    np.testing.assert_allclose(streamed.fraction_1, np.stack([alone.fraction_1] * 3), atol=2e-4)
    assert streamed.atoms.axes == "ctyx"
    assert streamed.atoms.labels["c"] == ("Mn4+", "Mn3+", "Mn2+")
    np.testing.assert_allclose(streamed.atoms.values[:, 2], 4 * streamed.atoms.values[:, 1], rtol=2e-3)


@pytest.mark.parametrize("model", ["scattered", "deconvolved"])
def test_atoms_are_those_of_all_electrons_whatever_the_thickness_and_the_scale_of_references(model):
    """What is per electron without loss would fall with exp(-t/lambda) in a thick pixel of as many atoms."""
    parts = np.array([[0.6, 0.3, 0.1]]).T
    thin, thick = (mn_phantom(parts, t_over_lambda=each) for each in (0.3, 1.2))
    pixels = {
        "core_loss": np.stack([thin.core, thick.core]),
        "low_loss": np.stack([thin.low_loss, thick.low_loss]),
    }
    found = valence_maps(**(with_references() | pixels), **settings("eels_valence", model=model)).atoms.values[:, :, 0]
    assert found[:, 1].sum() / found[:, 0].sum() == pytest.approx(1.0, abs=0.05)
    for pixel in found.T:
        assert pixel / pixel.sum() == pytest.approx(parts[:, 0], abs=0.06)


@pytest.mark.parametrize("model", ["scattered", "deconvolved"])
def test_a_mean_of_nine_pixels_is_three_times_as_sure(model):
    one = with_references()
    field = one | {name: np.tile(one[name][:1, :1], (3, 3, 1)) for name in SPECTRA}
    alone = valence_maps(**field, **settings("eels_valence", model=model)).uncertainty_1
    params = catalogue()["eels_valence"].params(neighbour_radius_px=1, model=model).arguments()
    assert valence_maps(**field, **params).uncertainty_1[1, 1] == pytest.approx(alone[1, 1] / 3, rel=0.02)


def test_an_edge_of_a_stored_series_is_that_of_each_tilt():
    alone = edge_maps(**low_and_core(), **settings("eels_edge"))
    example = series(low_and_core())
    example |= {name: stored(example[name]) for name in SPECTRA}
    streamed = edge_maps(**example, **settings("eels_edge"))
    np.testing.assert_allclose(streamed.intensity[0], alone.intensity, rtol=1e-6)
    np.testing.assert_allclose(streamed.intensity[1], 0.5 * alone.intensity, rtol=1e-5)
    assert sum(streamed.windows.columns["pixels"]) == 12
    assert edge_maps(**example, **settings("eels_edge", keep_spectra=False)).spectra is None


def test_drift_is_taken_off_while_a_tilt_is_read():
    example = drifted(with_references())
    position = zero_loss_maps(example["low_loss"], low_loss_energy=example["low_loss_energy"]).position
    np.testing.assert_allclose(position, DRIFT_EV, atol=0.01)
    straight = valence_maps(**with_references(), **settings("eels_valence"))
    found = valence_maps(**example, position=position, **settings("eels_valence"))
    np.testing.assert_allclose(found.fraction_1, straight.fraction_1, atol=0.02)


def test_pixels_outside_the_mask_hold_none_of_the_element_and_are_not_counted():
    masks = np.array([[1, 1], [0, 1]])
    found = valence_maps(**with_references(), masks=masks, **settings("eels_valence"))
    assert (found.atoms.values[:, 1, 0] == 0).all()
    assert np.isnan(found.fraction_1[1, 0])
    assert found.undefined.value == 0
    assert found.undefined.note == "of 3 pixels"
    with pytest.raises(ScienceError, match="selects no pixel") as refused:
        valence_maps(**with_references(), masks=0 * masks, **settings("eels_valence"))
    assert refused.value.code == "empty-mask"


@pytest.mark.parametrize("model", ["scattered", "deconvolved"])
def test_pixels_without_a_peak_hold_nothing_and_are_counted_by_tilt(model):
    example = series(with_references())
    position = np.zeros((3, 2, 2))
    position[1, 0, 1] = np.nan
    found = valence_maps(**example, position=position, **settings("eels_valence", model=model))
    assert (found.atoms.values[:, 1, 0, 1] == 0).all()
    assert np.isfinite(found.atoms.values).all()
    assert found.undefined.value == 1
    told = next(note for note in found.notes if note.startswith("empty-pixels"))
    assert "1 of 12 pixels" in told
    assert told.endswith("(by tilt: 0, 1, 0)")


def test_an_early_finish_leaves_the_rest_empty():
    example = series(with_references())
    found = valence_maps(**example, progress=lambda *_, **__: False, **settings("eels_valence"))
    assert np.isfinite(found.fraction_1[0]).all()
    assert np.isnan(found.fraction_1[1:]).all()
