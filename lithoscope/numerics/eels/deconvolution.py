"""Plural scattering taken out of core-loss spectra by the ratio of Fourier transforms."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.checks import checked_spectra, checked_steps, spectrum_blocks
from lithoscope.numerics.eels.lowpass import NEGLIGIBLE_GAIN, LowPass
from lithoscope.numerics.eels.padding import Padding

#: The low loss is kept above this part of its total: where a transform vanishes, a ratio holds noise only.
SMALLEST_TRANSFORM = 1e-3


@dataclass(frozen=True, slots=True)
class FourierRatio:
    """
    The linear map from a core-loss spectrum to its single scattering.

    ``J = P C I0 / L`` in frequencies, with the low-pass ``P`` in the place of the zero-loss peak: at zero frequency
    the integral falls by the part of electrons that scattered more than once.

    Parameters
    ----------
    axis, low_axis : EnergyAxis
        Axes of core and low loss: one dispersion, zero-loss peak at 0 eV.
    low_pass : LowPass
        What replaces the zero-loss peak.
    zero_loss_half_width_eV : float
        Electrons nearer than this to 0 eV count as having lost nothing [eV].
    tail : int
        Channels over which both ends of the core loss, and the end of the low loss, fall to zero.
    """

    axis: EnergyAxis
    low_axis: EnergyAxis
    low_pass: LowPass
    zero_loss_half_width_eV: float
    tail: int
    padding: Padding
    passed: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        axis: EnergyAxis,
        low_axis: EnergyAxis,
        *,
        low_pass: LowPass,
        zero_loss_half_width_eV: float = 2.5,
        tail: int = 100,
    ) -> Self:
        """
        Lay out the transforms once for all pixels.

        Raises
        ------
        ChannelMismatch, WindowOutsideSpectrum
        """
        checked_steps(axis, low_axis)
        low_axis.window(-zero_loss_half_width_eV, zero_loss_half_width_eV)
        padding = Padding.of(axis.size, tail=tail, longest=low_axis.size + tail)
        passed = low_pass.gain(fft.rfftfreq(padding.padded, axis.step_eV))
        kept = int(np.flatnonzero(passed > NEGLIGIBLE_GAIN)[-1]) + 1
        return cls(axis, low_axis, low_pass, zero_loss_half_width_eV, tail, padding, passed[:kept])

    @property
    def kept(self) -> int:
        """Frequencies that pass at all."""
        return len(self.passed)

    def gains(self, low_loss: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Return what each pixel's frequencies (pixel, kept) are multiplied by; NaN without zero-loss electrons."""
        window = self.low_axis.window(-self.zero_loss_half_width_eV, self.zero_loss_half_width_eV)
        elastic = low_loss[:, window].sum(axis=1)
        elastic = np.where(elastic > 0, elastic, np.nan)
        fall = 0.5 + 0.5 * np.cos(np.pi * (np.arange(self.tail) + 1) / (self.tail + 1))
        end = low_loss[:, -10:].mean(axis=1)[:, None] * fall
        transform = fft.rfft(np.hstack([low_loss, end]), self.padding.padded, axis=1)[:, : self.kept]
        turn = self.low_axis.first_eV * np.arange(self.kept) / (self.padding.padded * self.low_axis.step_eV)
        transform = transform * np.exp(-2j * np.pi * turn)  # counted from the zero-loss peak, to a part of a channel
        floor = SMALLEST_TRANSFORM * transform[:, :1].real
        size = np.abs(transform)
        raised = np.where(size < floor, floor / np.maximum(size, 1e-300), 1.0)
        divisor = np.where(transform == 0, 1, transform * raised)  # no electrons at all: NaN through `elastic`
        return np.asarray(self.passed * elastic[:, None] / divisor)

    def applied(self, core: NDArray[np.float64], gains: NDArray[np.complex128]) -> NDArray[np.float64]:
        """Return the single scattering (pixel, e) of core-loss spectra (pixel, e)."""
        return self.padding.shortened(self.padding.transformed(core, self.kept) * gains)

    def transposed(self, weights: NDArray[np.float64], gains: NDArray[np.complex128]) -> NDArray[np.float64]:
        """Return what each pixel's raw channels contribute to sums with `weights` (k, e): (pixel, k, e)."""
        turned = np.conj(gains)[:, None] * fft.rfft(weights, self.padding.padded, axis=-1)[None, :, : self.kept]
        return self.padding.folded(fft.irfft(turned, self.padding.padded, axis=-1))


@dataclass(frozen=True, slots=True)
class SingleScattering:
    """
    Core-loss spectra without plural scattering.

    Parameters
    ----------
    spectra : (..., e) array of float32
        NaN for invalid pixels.
    invalid_count : int
        Pixels with NaN in core or low loss, or without zero-loss electrons.
    """

    spectra: NDArray[np.float32]
    invalid_count: int


def fourier_ratio(
    core: ArrayLike,
    low_loss: ArrayLike,
    *,
    axis: EnergyAxis,
    low_axis: EnergyAxis,
    low_pass: LowPass,
    zero_loss_half_width_eV: float = 2.5,
    tail: int = 100,
) -> SingleScattering:
    """
    Take plural scattering out of background-subtracted core-loss spectra.

    Parameters
    ----------
    core : (..., e) array
        Core loss after background subtraction.
    low_loss : (..., e) array
        Low loss of the same pixels.
    axis, low_axis : EnergyAxis
        Their axes, with the zero-loss peak at 0 eV.
    low_pass : LowPass
        What replaces the zero-loss peak.
    zero_loss_half_width_eV : float
        Electrons nearer than this to 0 eV count as having lost nothing [eV].
    tail : int
        Channels over which ends fall to zero.

    Raises
    ------
    WrongShape, ChannelMismatch, WindowOutsideSpectrum

    References
    ----------
    Egerton, Electron Energy-Loss Spectroscopy in the Electron Microscope, 3rd ed. (2011), section 4.3.2,
    doi:10.1007/978-1-4419-9583-4.
    """
    cores, lows = checked_spectra(core, axis), checked_spectra(low_loss, low_axis)
    ratio = FourierRatio.of(
        axis, low_axis, low_pass=low_pass, zero_loss_half_width_eV=zero_loss_half_width_eV, tail=tail
    )
    blocks = zip(spectrum_blocks(cores), spectrum_blocks(lows), strict=True)
    result = np.concatenate([_single(ratio, *block) for block in blocks]).reshape(cores.shape)
    return SingleScattering(result, int(np.isnan(result[..., 0]).sum()))


def _single(ratio: FourierRatio, core: NDArray[np.floating], low: NDArray[np.floating]) -> NDArray[np.float32]:
    result = np.full(core.shape, np.nan, np.float32)
    known = np.isfinite(core).all(axis=1) & np.isfinite(low).all(axis=1)
    result[known] = ratio.applied(core[known].astype(np.float64), ratio.gains(low[known].astype(np.float64)))
    return result
