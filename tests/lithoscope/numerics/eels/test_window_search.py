"""The search of background windows: what is tried at once is what one fit after another would find."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.common.errors import WindowOutsideSpectrum
from lithoscope.numerics.eels.background import Windows, fit_background
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.deconvolution import FourierRatio, fourier_ratio
from lithoscope.numerics.eels.errors import NoWindowCombination
from lithoscope.numerics.eels.lowpass import LowPass, filter_spectra
from lithoscope.numerics.eels.phantoms import CORE_AXIS, LOW_AXIS, mn_phantom, planted_fractions
from lithoscope.numerics.eels.slopes import relative_slope, slope_weights
from lithoscope.numerics.eels.window_search import SlopeScore, WindowGrid, search_background

LOW_PASS = LowPass(0.36)
RATIO = FourierRatio.of(CORE_AXIS, LOW_AXIS, low_pass=LOW_PASS)
GRID = WindowGrid((600.0, 610.0), (630.0, 634.0), (710.0,), (745.0, 766.0), (0.3, 1.0))
THEORY = Continuum(np.array([700.0, 780.0]), 1 - 2.8e-3 * (np.array([700.0, 780.0]) - 730), "drawn", is_absolute=False)
SCORE = SlopeScore(THEORY, 20.0, 0.05)
EXPONENTS = (2.0, 3.0, 4.0)


@pytest.fixture(scope="module")
def spectra():
    phantom = mn_phantom(planted_fractions(5), counts_at_edge=1e4)
    rng = np.random.default_rng(1)
    return rng.poisson(phantom.core), rng.poisson(phantom.low_loss)


def straightforward(core, low, *, score, offset):
    """Fit, subtract, deconvolve and judge every combination of every spectrum, one after another."""
    tried = []
    for function, windows in GRID.combinations():
        fitted = fit_background(
            core, axis=CORE_AXIS, windows=windows, function=function, exponents=EXPONENTS, continuum_offset=offset
        )
        left = fourier_ratio(
            core - fitted.values(CORE_AXIS), low, axis=CORE_AXIS, low_axis=LOW_AXIS, low_pass=LOW_PASS
        ).spectra.astype(np.float64)
        pre, post = CORE_AXIS.window(*windows.pre_eV), CORE_AXIS.window(*windows.post_eV)
        theory = THEORY.relative_slope_per_eV(CORE_AXIS, windows.post_eV)
        for pixel, spectrum in enumerate(left):
            height = spectrum[post].mean()
            before = slope_weights(CORE_AXIS, pre) @ spectrum / height
            behind = relative_slope(spectrum, CORE_AXIS, post)
            kept = height > 0 and abs(before) <= score.largest_pre_slope_per_eV
            judged = abs(before) + score.post_weight * abs(behind - theory) if kept else np.inf
            tried.append((judged, pixel, spectrum))
    best = [min((t for t in tried if t[1] == pixel), key=lambda t: t[0]) for pixel in range(len(core))]
    return np.array([t[0] for t in best]), np.array([t[2] for t in best])


@pytest.mark.parametrize("offset", [True, False])
def test_search_equals_the_straightforward_evaluation(spectra, offset):
    core, low = spectra
    score, left = straightforward(core, low, score=SCORE, offset=offset)
    found = search_background(
        core, low, ratio=RATIO, grid=GRID, score=SCORE, exponents=EXPONENTS, continuum_offset=offset
    )
    assert found.score == pytest.approx(score, rel=1e-4)
    assert np.abs(found.spectra - left).max() < 1e-4 * left.max()


def test_background_it_reports_is_what_it_took_off(spectra):
    core, low = spectra
    found = search_background(core, low, ratio=RATIO, grid=GRID, score=SCORE)
    left = fourier_ratio(
        core - found.background.values(CORE_AXIS), low, axis=CORE_AXIS, low_axis=LOW_AXIS, low_pass=LOW_PASS
    )
    assert np.abs(found.spectra - left.spectra).max() < 1e-4 * left.spectra.max()


def test_noise_free_edge_is_recovered():
    phantom = mn_phantom(planted_fractions(4))
    found = search_background(phantom.core, phantom.low_loss, ratio=RATIO, grid=GRID, score=SCORE)
    truth = filter_spectra(phantom.edge, axis=CORE_AXIS, low_pass=LOW_PASS)
    assert np.abs(found.spectra - truth)[:, 100:1000].max() < 5e-3 * truth.max()


def test_pixels_without_a_flat_pre_edge_are_rejected_and_counted(spectra):
    core, low = spectra
    strict = replace(SCORE, largest_pre_slope_per_eV=1e-12)
    found = search_background(core, low, ratio=RATIO, grid=GRID, score=strict)
    assert (found.rejected_count, found.invalid_count) == (len(core), 0)
    assert np.isnan(found.spectra).all()
    assert (found.choice == -1).all()


def test_pixels_with_nan_are_counted_and_leave_the_others_alone(spectra):
    core, low = spectra[0].astype(float), spectra[1]
    whole = search_background(core, low, ratio=RATIO, grid=GRID, score=SCORE)
    broken = core.copy()
    broken[2, 5] = np.nan
    found = search_background(broken, low, ratio=RATIO, grid=GRID, score=SCORE)
    assert found.invalid_count == 1
    assert np.isnan(found.spectra[2]).all()
    np.testing.assert_allclose(np.delete(found.spectra, 2, 0), np.delete(whole.spectra, 2, 0), rtol=1e-4, atol=1e-2)


def test_threshold_on_a_programs_scale_is_the_same_threshold(spectra):
    core, low = spectra
    scaled = replace(SCORE, largest_pre_slope_per_eV=0.05 * 29.9, slope_scale=29.9)
    ours = search_background(core, low, ratio=RATIO, grid=GRID, score=SCORE)
    theirs = search_background(core, low, ratio=RATIO, grid=GRID, score=scaled)
    assert (ours.choice == theirs.choice).all()
    assert theirs.score == pytest.approx(29.9 * ours.score)


def test_slopes_can_be_judged_in_one_pair_of_windows(spectra):
    core, low = spectra
    found = search_background(core, low, ratio=RATIO, grid=GRID, score=replace(SCORE, judged_on="widest"))
    behind = [relative_slope(s.astype(float), CORE_AXIS, CORE_AXIS.window(710.0, 766.0)) for s in found.spectra]
    assert found.post_slope == pytest.approx(behind, rel=1e-3)


def test_search_stops_when_asked(spectra):
    core, low = (np.repeat(part, 300, axis=0) for part in spectra)
    few = WindowGrid((600.0,), (634.0,), (710.0,), (766.0,), functions=("power_law",))
    found = search_background(core, low, ratio=RATIO, grid=few, score=SCORE, progress=lambda *_: False)
    assert np.isnan(found.spectra[1024:]).all()
    assert not np.isnan(found.spectra[:1024]).all()


def test_impossible_searches_are_refused(spectra):
    core, low = spectra
    with pytest.raises(NoWindowCombination):
        search_background(core, low, ratio=RATIO, grid=replace(GRID, pre_ends_eV=(590.0,)), score=SCORE)
    with pytest.raises(WindowOutsideSpectrum):
        search_background(core, low, ratio=RATIO, grid=replace(GRID, post_ends_eV=(790.0,)), score=SCORE)
    with pytest.raises(WrongShape):
        search_background(core, low[:3], ratio=RATIO, grid=GRID, score=SCORE)
    with pytest.raises(InvalidSetting):
        search_background(core, low, ratio=RATIO, grid=GRID, score=SCORE, exponents=(3.0, 2.0))


def test_published_double_power_law_has_no_constant_behind_the_edge():
    """A background of exactly the published form comes back; a falling continuum needs the offset."""
    energies = CORE_AXIS.energies_eV
    scaled = energies / ((CORE_AXIS.first_eV + CORE_AXIS.last_eV) / 2)
    background = 500 * scaled**-4 + 300 * scaled**-2 + 40
    behind = energies >= 700
    windows = Windows((600.0, 635.0), (710.0, 766.0))
    for offset, continuum in ((False, 90 * scaled), (True, 200 - 110 * scaled)):
        spectrum = background + np.where(behind, continuum, 0)
        fitted = fit_background(
            spectrum, axis=CORE_AXIS, windows=windows, function="double_power_law", exponents=(2.0, 4.0),
            continuum_offset=offset,
        )  # fmt: skip
        np.testing.assert_allclose(fitted.values(CORE_AXIS), background, rtol=1e-6)


def test_single_power_law_comes_back():
    scaled = CORE_AXIS.energies_eV / ((CORE_AXIS.first_eV + CORE_AXIS.last_eV) / 2)
    fitted = fit_background(
        700 * scaled**-3 + 20, axis=CORE_AXIS, windows=Windows((600.0, 635.0), (710.0, 766.0)), function="power_law"
    )
    np.testing.assert_allclose(fitted.amplitudes, [700, 0, 20], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(fitted.exponents, [3.0, np.nan])
