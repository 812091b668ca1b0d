"""Zero-loss peaks are found to a hundredth of a channel, and what has none is named."""

import numpy as np
import pytest

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import (
    EmptyMask,
    NegativeCounts,
    NonFiniteValues,
    ReversedEnergyAxis,
    WindowOutsideSpectrum,
    WrongShape,
)
from lithoscope.numerics.eels import covered_axis, find_zero_loss, log_ratio_thickness, neighbour_mean, shift_spectra
from lithoscope.numerics.eels.errors import ChannelMismatch, MissingZeroLoss
from lithoscope.numerics.eels.phantoms import CORE_AXIS, LOW_AXIS, mn_phantom, planted_fractions

ENERGIES = LOW_AXIS.energies_eV


def peak(place_eV, counts=1e5):
    shape = np.exp(-((ENERGIES - place_eV) ** 2) / (2 * 0.38**2))
    return counts * shape / shape.sum()


def test_drift_of_a_part_of_a_channel_is_recovered():
    rng = np.random.default_rng(0)
    moved = rng.poisson(np.tile(peak(0.37 * LOW_AXIS.step_eV), (200, 1)))
    channels = find_zero_loss(moved, axis=LOW_AXIS).position_eV / LOW_AXIS.step_eV
    assert np.sqrt(np.mean((channels - 0.37) ** 2)) < 0.02
    assert abs(channels.mean() - 0.37) < 0.002


def test_core_and_low_loss_take_the_same_shift_and_keep_their_counts():
    phantom = mn_phantom(planted_fractions(2))
    shift = 3.2 + 0.37 * LOW_AXIS.step_eV
    raw = EnergyAxis(LOW_AXIS.first_eV + shift, LOW_AXIS.step_eV, LOW_AXIS.size)
    found = find_zero_loss(phantom.low_loss, axis=raw)
    assert found.position_eV == pytest.approx(shift, abs=2e-3)
    core_raw = EnergyAxis(CORE_AXIS.first_eV + shift, CORE_AXIS.step_eV, CORE_AXIS.size)
    target = covered_axis(core_raw, found.position_eV)
    core = shift_spectra(phantom.core, axis=core_raw, shift_eV=found.position_eV, onto=target)
    truth = np.interp(target.energies_eV, CORE_AXIS.energies_eV, phantom.core[0])
    assert np.isfinite(core).all()
    np.testing.assert_allclose(core[0], truth, rtol=1e-3)


def test_peaks_on_the_edge_are_rejected_and_counted():
    spectra = np.array([peak(0.0), peak(-10.0), np.zeros(LOW_AXIS.size), 1e3 * np.exp(-ENERGIES / 50)])
    found = find_zero_loss(spectra, axis=LOW_AXIS)
    assert found.rejected.tolist() == [False, True, True, True]
    assert found.rejected_count == 3
    shifted = shift_spectra(spectra, axis=LOW_AXIS, shift_eV=found.position_eV)
    assert np.isnan(shifted[1:]).all()


def test_noise_around_a_dark_level_is_no_zero_loss_peak():
    noise = np.random.default_rng(0).normal(100.0, 4.2, (16, 20, LOW_AXIS.size))
    with pytest.raises(MissingZeroLoss, match="as noise does"):
        find_zero_loss(noise, axis=LOW_AXIS)
    faint = noise + 20.0 * peak(0.4, counts=10.0)
    assert find_zero_loss(faint, axis=LOW_AXIS).rejected_count < 16 * 20 / 4


def test_spectra_without_a_zero_loss_peak_are_refused():
    with pytest.raises(MissingZeroLoss):
        find_zero_loss(np.ones((2, CORE_AXIS.size)), axis=CORE_AXIS)
    with pytest.raises(MissingZeroLoss):
        find_zero_loss(np.zeros((2, LOW_AXIS.size)), axis=LOW_AXIS)


def test_bad_spectra_are_named():
    good = peak(0.0)
    with pytest.raises(NegativeCounts):
        find_zero_loss(good - 1, axis=LOW_AXIS)
    with pytest.raises(NonFiniteValues):
        find_zero_loss(np.where(ENERGIES > 200, np.nan, good), axis=LOW_AXIS)
    with pytest.raises(ChannelMismatch):
        find_zero_loss(good[1:], axis=LOW_AXIS)
    with pytest.raises(ReversedEnergyAxis):
        EnergyAxis.from_energies(ENERGIES[::-1])
    with pytest.raises(ReversedEnergyAxis):
        EnergyAxis(0.0, -0.15, 2048)
    with pytest.raises(WrongShape):
        shift_spectra(np.tile(good, (2, 1)), axis=LOW_AXIS, shift_eV=[0.0])
    with pytest.raises(WindowOutsideSpectrum):
        covered_axis(LOW_AXIS, [-200.0, 200.0])


def test_axis_knows_its_windows():
    axis = EnergyAxis.from_energies(np.float32(600 + 0.15 * np.arange(100)))
    assert axis.step_eV == pytest.approx(0.15, abs=1e-5)
    channels = EnergyAxis(600.0, 0.5, 100).window(601.0, 603.0)
    assert (channels.start, channels.stop) == (2, 7)
    with pytest.raises(WindowOutsideSpectrum):
        axis.window(610.0, 640.0)


def test_mean_of_neighbours_skips_what_is_not_valid():
    spectra = np.ones((5, 6, 4), np.float32)
    spectra[2, 2] = np.nan
    mask = np.ones((5, 6), bool)
    mask[:, 5] = False
    spectra[:, 5] = 100
    found = neighbour_mean(spectra, mask=mask)
    valid = np.isfinite(found.spectra[..., 0])
    assert not valid[2, 2]
    assert not valid[:, 5].any()
    np.testing.assert_allclose(found.spectra[valid], 1, rtol=1e-6)
    assert found.variance_factor[3, 3] == pytest.approx(1 / 8)
    with pytest.raises(EmptyMask):
        neighbour_mean(spectra, mask=np.zeros((5, 6), bool))


def test_mean_of_neighbours_states_the_variance_it_leaves():
    noise = np.random.default_rng(0).normal(size=(4, 5, 20_000)).astype(np.float32)
    found = neighbour_mean(noise)
    np.testing.assert_allclose(found.spectra.var(axis=2), found.variance_factor, rtol=0.06)
    assert found.variance_factor[1, 1] == pytest.approx(1 / 9)


def test_thickness_is_the_planted_one_with_its_noise():
    phantom = mn_phantom(planted_fractions(1), t_over_lambda=0.7)
    counts = np.random.default_rng(0).poisson(phantom.low_loss / 100, (500, LOW_AXIS.size)).astype(float)
    counts[3] = np.nan
    found = log_ratio_thickness(counts, axis=LOW_AXIS)
    assert found.invalid_count == 1
    assert np.nanmean(found.t_over_lambda) == pytest.approx(0.7, abs=2e-3)
    assert np.nanstd(found.t_over_lambda) == pytest.approx(np.nanmean(found.uncertainty), rel=0.1)
