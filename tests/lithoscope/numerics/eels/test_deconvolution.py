"""Plural scattering is taken out, and nothing else."""

import numpy as np
import pytest
from scipy import fft, special

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels import fourier_ratio
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.errors import ChannelMismatch
from lithoscope.numerics.eels.lowpass import LowPass, filter_spectra
from lithoscope.numerics.eels.phantoms import CORE_AXIS, LOW_AXIS, mn_phantom, planted_fractions, scattering

ENERGIES = CORE_AXIS.energies_eV
#: A smooth edge that has fallen to nothing at both ends, so that all of it is on the axis.
CORE = special.ndtr((ENERGIES - 642) / 1.2) * np.exp(-(((ENERGIES - 640) / 40) ** 2)) + 2 * np.exp(
    -((ENERGIES - 643) ** 2) / 3
)


def scattered(t_over_lambda):
    transform, padded = scattering(t_over_lambda)
    core = fft.irfft(fft.rfft(CORE, padded) * transform, padded)[: CORE_AXIS.size]
    return core, mn_phantom(planted_fractions(1), t_over_lambda=t_over_lambda).low_loss[0]


@pytest.mark.parametrize("t_over_lambda", [0.2, 0.7, 1.5])
def test_core_convolved_with_low_loss_comes_back(t_over_lambda):
    core, low = scattered(t_over_lambda)
    found = fourier_ratio(core, low, axis=CORE_AXIS, low_axis=LOW_AXIS, low_pass=LowPass(1.2, "gaussian"))
    inside = slice(CORE_AXIS.size // 10, 9 * CORE_AXIS.size // 10)
    single = CORE * np.exp(-t_over_lambda)
    assert np.abs(found.spectra - single)[inside].max() < 1e-3 * single.max()
    assert found.spectra.sum() == pytest.approx(single.sum(), rel=1e-3)


def test_low_pass_of_the_data_is_that_of_the_references():
    core, low = scattered(0.7)
    for low_pass in (LowPass(0.36), LowPass(0.36, "gaussian")):
        found = fourier_ratio(core, low, axis=CORE_AXIS, low_axis=LOW_AXIS, low_pass=low_pass)
        truth = filter_spectra(CORE * np.exp(-0.7), axis=CORE_AXIS, low_pass=low_pass)
        np.testing.assert_allclose(found.spectra, truth, atol=2e-3 * truth.max())


def test_zero_loss_between_two_channels_shifts_nothing():
    core, low = scattered(0.7)
    moved = np.interp(LOW_AXIS.energies_eV + 0.06, LOW_AXIS.energies_eV, low)
    between = EnergyAxis(LOW_AXIS.first_eV + 0.06, LOW_AXIS.step_eV, LOW_AXIS.size)
    straight = fourier_ratio(core, low, axis=CORE_AXIS, low_axis=LOW_AXIS, low_pass=LowPass(0.36))
    turned = fourier_ratio(core, moved, axis=CORE_AXIS, low_axis=between, low_pass=LowPass(0.36))
    np.testing.assert_allclose(turned.spectra, straight.spectra, atol=2e-3 * straight.spectra.max())


def test_transposed_map_is_the_transpose():
    rng = np.random.default_rng(0)
    ratio = FourierRatio.of(CORE_AXIS, LOW_AXIS, low_pass=LowPass(0.36))
    gains = ratio.gains(mn_phantom(planted_fractions(2)).low_loss)
    spectra, weights = rng.normal(size=(2, CORE_AXIS.size)), rng.normal(size=(3, CORE_AXIS.size))
    forward = ratio.applied(spectra, gains) @ weights.T
    backward = np.einsum("pke,pe->pk", ratio.transposed(weights, gains), spectra)
    np.testing.assert_allclose(backward, forward, rtol=1e-9)


def test_pixels_without_electrons_are_counted():
    core, low = scattered(0.7)
    cores, lows = np.tile(core, (3, 1)), np.tile(low, (3, 1))
    cores[0, 7], lows[1] = np.nan, 0
    found = fourier_ratio(cores, lows, axis=CORE_AXIS, low_axis=LOW_AXIS, low_pass=LowPass(0.36))
    assert found.invalid_count == 2
    assert np.isfinite(found.spectra[2]).all()


def test_different_dispersions_are_refused():
    with pytest.raises(ChannelMismatch):
        FourierRatio.of(CORE_AXIS, EnergyAxis(-30.0, 0.3, 1024), low_pass=LowPass(0.36))
    with pytest.raises(InvalidSetting):
        LowPass(0.0)
