"""Planted valences come back, whatever the scale of the references."""

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import NonFiniteValues
from lithoscope.numerics.eels import (
    atoms_per_weight,
    multiplicative_weights,
    nonnegative_weights,
    prepare_references,
    search_background,
    valence_fractions,
    weight_covariance,
    white_lines,
)
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.errors import DependentReferences, ReferenceNotCovering
from lithoscope.numerics.eels.lowpass import LowPass, filter_spectra
from lithoscope.numerics.eels.phantoms import (
    CORE_AXIS,
    LOW_AXIS,
    MN_HOLES,
    MN_ONSETS_EV,
    REFERENCE_AXIS,
    mn_phantom,
    planted_fractions,
)
from lithoscope.numerics.eels.references import resample_reference
from lithoscope.numerics.eels.window_search import SlopeScore, WindowGrid

LOW_PASS = LowPass(0.36, "gaussian")
FIT_EV = (632.0, 684.0)
RATIO = FourierRatio.of(CORE_AXIS, LOW_AXIS, low_pass=LOW_PASS)
THEORY = Continuum(np.array([700.0, 780.0]), 1 - 2.8e-3 * (np.array([700.0, 780.0]) - 730), "drawn", is_absolute=False)
GRID = WindowGrid((600.0, 610.0), (630.0, 635.0), (705.0, 715.0), (755.0, 766.0), (0.3, 1.0))


def prepared(references, **settings):
    return prepare_references(
        references, axis=REFERENCE_AXIS, onto=CORE_AXIS, fit_window_eV=FIT_EV, low_pass=LOW_PASS, **settings
    )


def factors(references):
    lines = white_lines(
        references, axis=REFERENCE_AXIS, line_window_eV=(630, 670), continuum_window_eV=(705, 755),
        fit_window_eV=(700, 758), onsets_eV=MN_ONSETS_EV,
    )  # fmt: skip
    return atoms_per_weight(lines, holes=MN_HOLES)


def chain(counts, pixels, seed=1):
    """Go from Poisson counts to fractions; return fractions, truth and what led there."""
    phantom = mn_phantom(planted_fractions(pixels), counts_at_edge=counts)
    rng = np.random.default_rng(seed)
    core, low = rng.poisson(phantom.core), rng.poisson(phantom.low_loss)
    search = search_background(core, low, ratio=RATIO, grid=GRID, score=SlopeScore(THEORY, 1.0, 1.0))
    seen = prepared(phantom.references)
    weights = nonnegative_weights(search.spectra[:, seen.channels], seen.spectra)
    return valence_fractions(weights.weights, atoms_per_weight=factors(phantom.references)).fractions, phantom, search


@pytest.mark.parametrize(("counts", "rms", "bias"), [(1e4, 0.035, 0.005), (1e3, 0.10, 0.02)])
def test_noisy_spectra_give_the_planted_fractions(counts, rms, bias):
    found, phantom, _ = chain(counts, 400)
    error = found - phantom.fractions
    assert np.sqrt(np.nanmean(error**2)) <= rms
    assert np.abs(np.nanmean(error, axis=1)).max() <= bias


def test_exact_mixtures_are_recovered():
    references = np.abs(np.random.default_rng(0).normal(size=(3, 80))) + 0.1
    weights = np.random.default_rng(1).uniform(0, 5, (3, 6, 4))
    weights[0, 0] = 0
    found = nonnegative_weights(np.einsum("vyx,ve->yxe", weights, references), references)
    np.testing.assert_allclose(found.weights, weights, atol=1e-6)


def test_multiplicative_updates_agree_with_the_exact_solution():
    found, phantom, search = chain(1e3, 150)
    seen = prepared(phantom.references)
    updated = multiplicative_weights(search.spectra[:, seen.channels], seen.spectra)
    fractions = valence_fractions(updated.weights, atoms_per_weight=factors(phantom.references)).fractions
    assert np.sqrt(np.nanmean((fractions - found) ** 2)) < 0.003 * 3
    assert np.nanmedian(np.abs(fractions - found)) < 0.003


def test_scale_of_a_reference_changes_no_fraction():
    phantom = mn_phantom(planted_fractions(5))
    edge = filter_spectra(phantom.edge, axis=CORE_AXIS, low_pass=LOW_PASS)
    results = []
    for scale in (1.0, 7.3):
        references = phantom.references * np.array([scale, 1 / scale, 1.0])[:, None]
        seen = prepared(references)
        weights = nonnegative_weights(edge[:, seen.channels], seen.spectra).weights
        results.append(valence_fractions(weights, atoms_per_weight=factors(references)).fractions)
    np.testing.assert_allclose(results[0], results[1], atol=1e-6)
    np.testing.assert_allclose(results[0], phantom.fractions, atol=2e-3)


def test_continuum_out_of_proportion_to_the_holes_changes_no_fraction():
    """White lines over continuum differ from the holes here, as in 7:6:5 they never are exactly; atoms still come."""
    phantom = mn_phantom(planted_fractions(5), continuum=0.25)
    lines = white_lines(
        phantom.references, axis=REFERENCE_AXIS, line_window_eV=(630, 670), continuum_window_eV=(705, 755),
        fit_window_eV=(700, 758), onsets_eV=MN_ONSETS_EV,
    )  # fmt: skip
    edge = filter_spectra(phantom.edge, axis=CORE_AXIS, low_pass=LOW_PASS)
    seen = prepared(phantom.references)
    weights = nonnegative_weights(edge[:, seen.channels], seen.spectra).weights
    found = valence_fractions(weights, atoms_per_weight=atoms_per_weight(lines, holes=MN_HOLES), valences=(4, 3, 2))
    np.testing.assert_allclose(found.fractions, phantom.fractions, atol=2e-3)
    np.testing.assert_allclose(found.mean_valence, np.array([4, 3, 2]) @ phantom.fractions, atol=5e-3)


def test_uncertainty_is_the_scatter_of_repeated_counts():
    """One pixel counted 300 times: the propagated uncertainty meets the scatter of a bootstrap."""
    phantom = mn_phantom(np.array([[0.4], [0.35], [0.25]]), counts_at_edge=1e4)
    rng = np.random.default_rng(3)
    core = rng.poisson(phantom.core[0], (300, CORE_AXIS.size))
    low = np.tile(phantom.low_loss[0], (300, 1))
    one = WindowGrid((600.0,), (635.0,), (705.0,), (766.0,), (1.0,), functions=("power_law",))
    search = search_background(
        core, low, ratio=RATIO, grid=one, score=SlopeScore(THEORY, 1.0, 1.0), exponents=(2.9, 3.0)
    )
    seen = prepared(phantom.references)
    weights = nonnegative_weights(search.spectra[:, seen.channels], seen.spectra)
    covariance = weight_covariance(core, low, ratio=RATIO, search=search, references=seen, weights=weights)
    found = valence_fractions(weights.weights, atoms_per_weight=factors(phantom.references), covariance=covariance)
    np.testing.assert_allclose(np.median(found.uncertainty, axis=1), found.fractions.std(axis=1, ddof=1), rtol=0.2)
    halved = weight_covariance(
        core, low, ratio=RATIO, search=search, references=seen, weights=weights, variance_factor=0.25
    )
    np.testing.assert_allclose(halved, 0.25 * covariance)


def test_resampling_sums_bins_and_extends_nothing():
    fine, coarse = EnergyAxis(600.0, 0.1, 300), EnergyAxis(600.0, 0.15, 300)
    counts = np.random.default_rng(0).poisson(50, fine.size).astype(float)
    found = resample_reference(counts, axis=fine, onto=coarse)
    covered = np.isfinite(found)
    assert not covered[0]
    assert covered.sum() == pytest.approx(fine.size / 1.5, abs=2)
    assert found[1:3].sum() == pytest.approx(0.25 * counts[0] + counts[1:3].sum() + 0.75 * counts[3], rel=0.2)
    ramp = resample_reference(fine.energies_eV, axis=fine, onto=coarse)
    np.testing.assert_allclose(ramp[covered], 1.5 * coarse.energies_eV[covered], rtol=1e-3)


def test_common_shift_of_the_references_is_found():
    phantom = mn_phantom(planted_fractions(3))
    moved = EnergyAxis(REFERENCE_AXIS.first_eV - 0.43, REFERENCE_AXIS.step_eV, REFERENCE_AXIS.size)
    mean = filter_spectra(phantom.edge.mean(axis=0), axis=CORE_AXIS, low_pass=LOW_PASS)
    found = prepare_references(
        phantom.references, axis=moved, onto=CORE_AXIS, fit_window_eV=FIT_EV, low_pass=LOW_PASS, align_to=mean
    )
    assert found.shift_eV == pytest.approx(0.43, abs=0.02)


def test_windows_beyond_a_reference_are_refused_or_flagged():
    """The published references end before the published continuum window begins."""
    references = mn_phantom(planted_fractions(1)).references[:, :648]
    short = EnergyAxis(REFERENCE_AXIS.first_eV, REFERENCE_AXIS.step_eV, 648)
    windows = {"line_window_eV": (635, 666), "continuum_window_eV": (705, 755), "fit_window_eV": (668, 684)}
    with pytest.raises(ReferenceNotCovering):
        white_lines(references, axis=short, **windows)
    found = white_lines(references, axis=short, beyond="extrapolate", **windows)
    assert found.is_extrapolated
    assert (found.continuum > 0).all()
    with pytest.raises(ReferenceNotCovering):
        prepare_references(references, axis=short, onto=CORE_AXIS, fit_window_eV=(632, 700), low_pass=LOW_PASS)


def test_bad_references_are_named():
    spectra = np.ones((2, 50))
    with pytest.raises(DependentReferences):
        nonnegative_weights(spectra, np.ones((2, 50)))
    with pytest.raises(NonFiniteValues):
        nonnegative_weights(spectra, np.full((1, 50), np.nan))
    with pytest.raises(InvalidSetting):
        valence_fractions(np.ones((2, 3)), atoms_per_weight=[1.0, 0.0])


def test_empty_and_broken_pixels_stay_undefined():
    references = np.random.default_rng(0).uniform(1, 2, (2, 30))
    spectra = np.array([references[0], np.zeros(30), np.full(30, np.nan)])
    for fit in (nonnegative_weights, multiplicative_weights):
        weights = fit(spectra, references)
        assert weights.invalid_count == 1
        found = valence_fractions(weights.weights, atoms_per_weight=[1.0, 1.0], floor=1e-6)
        assert found.undefined_count == 2
        assert found.fractions[:, 0] == pytest.approx([1, 0], abs=5e-3)
