"""Counts as sums of power laws and scattered references: exact where the model is, and unbiased by noise."""

import numpy as np
import pytest

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.errors import DependentReferences, ReferenceNotCovering, TooManyReferences
from lithoscope.numerics.eels.phantoms import CORE_AXIS, LOW_AXIS, REFERENCE_AXIS, mn_phantom, planted_fractions
from lithoscope.numerics.eels.references import atoms_per_weight, white_lines
from lithoscope.numerics.eels.scattered_fit import POWERS, ScatteredModel, foreign_edge
from lithoscope.numerics.eels.valence import valence_fractions

WINDOWS = {"fit_eV": (632.0, 684.0), "front_eV": 602.0}


def model_of(references, *, axis=REFERENCE_AXIS, **given):
    return ScatteredModel.of(references, axis=axis, onto=(CORE_AXIS, LOW_AXIS), **{**WINDOWS, **given})


def atoms_of(references):
    lines = white_lines(
        references, axis=REFERENCE_AXIS, line_window_eV=(635, 666), continuum_window_eV=(705, 755),
        fit_window_eV=(705, 755), onsets_eV=(641.0, 652.5),
    )  # fmt: skip
    return atoms_per_weight(lines, holes=(7, 6, 5))


def fractions_of(weights, references):
    return valence_fractions(weights, atoms_per_weight=atoms_of(references)).fractions


def test_exact_mixtures_upon_power_laws_come_back_exactly():
    phantom = mn_phantom(np.ones((3, 1)) / 3)
    model = model_of(phantom.references)
    weights = np.array([[3.0, 0.5, 1.0], [0.0, 2.0, 1.0]])
    low = np.repeat(phantom.low_loss, 2, axis=0)
    core = np.zeros((2, CORE_AXIS.size))
    scattered = np.einsum("pv,pve->pe", weights, model.scattered(low))
    energies = CORE_AXIS.energies_eV[model.channels]
    core[:, model.channels] = scattered + sum((energies / 640) ** -power for power in POWERS)
    found = model.fit(core, low)
    np.testing.assert_allclose(found.free.T, weights, atol=1e-6)
    np.testing.assert_allclose(found.bound.T, weights, atol=1e-6)
    np.testing.assert_allclose(found.core_sum, found.background_sum + found.share_sums.sum(axis=0), rtol=1e-6)


def test_the_scale_of_a_reference_changes_no_fraction():
    one, other = (mn_phantom(planted_fractions(5), reference_scales=scales) for scales in ((1, 1, 1), (1, 7, 0.01)))
    found = [fractions_of(model_of(p.references).fit(p.core, p.low_loss).bound, p.references) for p in (one, other)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)


@pytest.mark.parametrize(("counts", "rms", "bias"), [(1e4, 0.035, 0.005), (1e3, 0.10, 0.015)])
def test_planted_fractions_come_back_within_their_noise(counts, rms, bias):
    planted = planted_fractions(400, seed=1)
    phantom = mn_phantom(planted, counts_at_edge=counts)
    rng = np.random.default_rng(2)
    core, low = rng.poisson(phantom.core).astype(float), rng.poisson(phantom.low_loss).astype(float)
    found = model_of(phantom.references).fit(core, low)
    error = fractions_of(found.free, phantom.references) - planted
    assert np.sqrt((error**2).mean()) < rms
    assert np.abs(error.mean(axis=1)).max() < bias


def test_weights_without_a_bound_are_right_in_the_mean_where_bound_ones_are_not():
    """A state that is not there stays nothing in the mean; bound weights make something of its noise."""
    planted = np.tile([[0.9], [0.1], [0.0]], (1, 400))
    phantom = mn_phantom(planted, counts_at_edge=1e3)
    core = np.random.default_rng(3).poisson(phantom.core).astype(float)
    found = model_of(phantom.references).fit(core, phantom.low_loss)
    atoms = atoms_of(phantom.references)[:, None]
    free, bound = ((atoms * weights).mean(axis=1) for weights in (found.free, found.bound))
    assert abs(free[2] / free.sum()) < 0.005
    assert bound[2] / bound.sum() > 0.01


def test_the_uncertainty_is_that_of_repeated_counting():
    phantom = mn_phantom(np.tile([[0.5], [0.3], [0.2]], (1, 500)), counts_at_edge=1e4)
    core = np.random.default_rng(4).poisson(phantom.core).astype(float)
    found = model_of(phantom.references).fit(core, phantom.low_loss)
    stated = np.sqrt(np.diagonal(found.covariance.mean(axis=0)))
    np.testing.assert_allclose(found.free.std(axis=1), stated, rtol=0.12)


def test_thickness_moves_no_fraction():
    """Plural scattering is in the model, so thick and thin pixels of one mixture agree."""
    planted = np.array([[0.6], [0.3], [0.1]])
    found = []
    for thickness in (0.2, 1.8):
        phantom = mn_phantom(planted, t_over_lambda=thickness)
        fit = model_of(phantom.references).fit(phantom.core, phantom.low_loss)
        found.append(fractions_of(fit.free, phantom.references))
    np.testing.assert_allclose(found[0], found[1], atol=0.004)


def test_a_foreign_edge_under_the_white_lines_is_part_of_the_background():
    phantom = mn_phantom(np.array([[0.6], [0.3], [0.1]]), t_over_lambda=0.01)
    step = 0.05 * phantom.core.max() * foreign_edge(CORE_AXIS, 636.0)
    plain, aware = model_of(phantom.references), model_of(phantom.references, foreign_eV=(636.0,))
    for core, model, off in ((phantom.core, plain, 0.004), (phantom.core + step, aware, 0.02)):
        found = fractions_of(model.fit(core, phantom.low_loss).free, phantom.references)
        np.testing.assert_allclose(found[:, 0], [0.6, 0.3, 0.1], atol=off)
    misled = fractions_of(plain.fit(phantom.core + step, phantom.low_loss).free, phantom.references)
    assert np.abs(misled[:, 0] - [0.6, 0.3, 0.1]).max() > 0.05


def test_pixels_without_spectra_stay_empty():
    phantom = mn_phantom(planted_fractions(3))
    core, low = phantom.core.copy(), phantom.low_loss.copy()
    core[0, 5] = np.nan
    low[1] = 0
    found = model_of(phantom.references).fit(core, low)
    assert np.isnan(found.free[:, :2]).all()
    assert np.isfinite(found.free[:, 2]).all()
    assert found.known == 1


def test_references_that_cannot_serve_are_refused():
    references = mn_phantom(np.ones((3, 1)) / 3).references
    with pytest.raises(ReferenceNotCovering, match="632-684 eV"):
        model_of(references[:, :500], axis=EnergyAxis(620.0, 0.1, 500))
    with pytest.raises(DependentReferences):
        model_of(np.vstack([references, references[0] + references[1]]))
    with pytest.raises(TooManyReferences):
        model_of(np.ones((7, REFERENCE_AXIS.size)))
