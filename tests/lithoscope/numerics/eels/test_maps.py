"""Maps of spectrum images: what is planted in each pixel comes back at its place."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.methods import catalogue
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.edge_maps import edge_maps
from lithoscope.numerics.eels.examples import low_and_core, with_references
from lithoscope.numerics.eels.low_loss_maps import align_spectra, thickness_map
from lithoscope.numerics.eels.phantoms import small_low_loss
from lithoscope.numerics.eels.valence_maps import valence_maps

PLANTED = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]]).T.reshape(3, 2, 2)


def settings(method, **given):
    return catalogue()[method].params(neighbour_radius_px=0, **given).arguments()


def test_drift_is_mapped_and_taken_off_both_spectra():
    low = small_low_loss()
    found = align_spectra(low["low_loss"], low["low_loss"], low_loss_energy=low["axis"], core_loss_energy=low["axis"])
    np.testing.assert_allclose(found.position, np.repeat(0.05 * np.arange(4)[:, None], 4, axis=1), atol=0.01)
    assert found.drift.value == pytest.approx(0.075, abs=0.01)
    np.testing.assert_array_equal(found.low_loss.values, found.core_loss.values)
    assert np.isfinite(found.low_loss.values).all()
    assert len(found.low_loss.coordinates["e"]) == found.low_loss.values.shape[-1]


def test_pixels_without_a_peak_are_left_empty_and_counted():
    example = low_and_core()
    low = example["low_loss"].copy()
    low[1, 0] = 0
    aligned = align_spectra(low, low_loss_energy=example["low_loss_energy"])
    thickness = thickness_map(low, low_loss_energy=example["low_loss_energy"])
    assert aligned.rejected.value == thickness.invalid.value == 1
    assert aligned.core_loss is None
    assert np.isnan(aligned.low_loss.values[1, 0]).all()
    assert aligned.notes[0].startswith("rejected-pixels: 1 of 4")


def test_thickness_is_that_planted():
    example = low_and_core()
    found = thickness_map(example["low_loss"], low_loss_energy=example["low_loss_energy"])
    np.testing.assert_allclose(found.t_over_lambda, 0.7, atol=0.02)
    assert found.notes == ()
    short = EnergyAxis(-30.0, 0.15, 700)
    cut = thickness_map(example["low_loss"][..., :700], low_loss_energy=short)
    assert cut.notes[0].startswith("short-low-loss")


def test_an_edge_stands_on_nothing_and_tells_its_windows():
    found = edge_maps(**low_and_core(), **settings("eels_edge"))
    energies, edge = (np.array(found.mean.columns[name]) for name in ("energy_eV", "edge"))
    before = edge[(energies > 610) & (energies < 632)]
    assert np.abs(before).mean() < 0.01 * edge.max()
    assert sum(found.windows.columns["pixels"]) == 4
    assert found.rejected.value == found.invalid.value == 0
    assert (found.intensity > 0).all()


def test_planted_valences_come_back_at_their_pixels():
    found = valence_maps(**with_references(), **settings("eels_valence"))
    fractions = np.stack([found.fraction_1, found.fraction_2, found.fraction_3])
    np.testing.assert_allclose(fractions, PLANTED, atol=0.03)
    np.testing.assert_allclose(found.mean_valence, np.tensordot([4, 3, 2], PLANTED, axes=1), atol=0.04)
    assert (found.uncertainty_1 > 0).all()
    assert abs(found.shift.value) < 0.05
    np.testing.assert_allclose(
        found.fit.columns["fitted"], sum(np.array(found.fit.columns[f"reference_{n}"]) for n in (1, 2, 3))
    )


def test_the_scale_of_a_reference_changes_no_map():
    example = with_references()
    scaled = example | {"reference_2": 7 * example["reference_2"], "reference_3": 1e-3 * example["reference_3"]}
    one, other = (valence_maps(**given, **settings("eels_valence")) for given in (example, scaled))
    for name in ("fraction_1", "fraction_2", "fraction_3", "mean_valence", "uncertainty_1"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-6)


def test_settings_of_the_other_model_are_refused():
    example = with_references()
    with pytest.raises(ScienceError, match="solved exactly"):
        valence_maps(**example, **(settings("eels_valence") | {"solver": "multiplicative"}))
    found = valence_maps(**example, **settings("eels_valence", model="deconvolved", foreign_onset_eV=700.0))
    assert any(note.startswith("foreign-edge-unread") for note in found.notes)
    assert catalogue()["eels_valence"].params(preset="mn_paper", model="scattered").solver == "nnls"
    for given in ({"solver": "multiplicative"}, {"theory": "table"}):
        with pytest.raises(ValueError, match="the model 'scattered'"):
            catalogue()["eels_valence"].params(**given)


def test_references_on_other_axes_and_two_of_them_serve_as_well():
    example = with_references()
    for name in ("reference_3", "reference_3_energy"):
        del example[name]
    example["reference_2"], example["reference_2_energy"] = (
        example["reference_2"][20:],
        EnergyAxis(622.0, 0.10, 1381),
    )
    found = valence_maps(**example, **settings("eels_valence"))
    assert found.fraction_3 is None
    np.testing.assert_allclose(found.fraction_1 + found.fraction_2, 1, atol=1e-6)


def test_references_that_end_early_are_refused_or_told():
    example = with_references()
    for number in (1, 2, 3):
        example[f"reference_{number}"] = example[f"reference_{number}"][:851]
        example[f"reference_{number}_energy"] = EnergyAxis(620.0, 0.10, 851)
    with pytest.raises(ScienceError, match="705-755 eV") as refused:
        valence_maps(**example, **settings("eels_valence"))
    assert refused.value.code == "reference-not-covering"
    found = valence_maps(**example, **settings("eels_valence", beyond="extrapolate", fit_stop_eV=682.0))
    assert any(note.startswith("extrapolated-continuum") for note in found.notes)
