"""Low-pass filters of spectra; data and references must see the same one."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.checks import checked_spectra
from lithoscope.numerics.eels.padding import Padding

Shape = Literal["raised_cosine", "gaussian"]
#: Frequencies passed by less than this are not computed at all.
NEGLIGIBLE_GAIN = 1e-8


@dataclass(frozen=True, slots=True)
class LowPass:
    """
    A low-pass filter along energy.

    Parameters
    ----------
    cutoff_per_eV : float or None
        Raised cosine: nothing passes from here on [1/eV]. Gaussian of sixth power: half passes here. None: all passes.
    shape : {"raised_cosine", "gaussian"}
        The raised cosine does not ring; the Gaussian keeps more of narrow lines and rings a little.
    """

    cutoff_per_eV: float | None = None
    shape: Shape = "raised_cosine"

    def __post_init__(self) -> None:
        if self.cutoff_per_eV is not None and not self.cutoff_per_eV > 0:
            raise InvalidSetting("the cutoff of a low-pass must be above zero: raise cutoff_per_eV or leave it out")

    def gain(self, frequency_per_eV: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return which part of each frequency passes: 1 at zero, so integrals stay."""
        if self.cutoff_per_eV is None:
            return np.ones(frequency_per_eV.shape)
        relative = np.abs(frequency_per_eV) / self.cutoff_per_eV
        if self.shape == "gaussian":
            return np.asarray(np.exp(-np.log(2) * relative**6))
        return np.where(relative < 1, 0.5 + 0.5 * np.cos(np.pi * np.minimum(relative, 1)), 0.0)


def filter_spectra(spectra: ArrayLike, *, axis: EnergyAxis, low_pass: LowPass, tail: int = 100) -> NDArray[np.float64]:
    """
    Filter spectra (..., e) along energy.

    Both ends are continued by half a cosine over `tail` channels, as in the deconvolution: references filtered here
    match data filtered there.

    Raises
    ------
    WrongShape, ChannelMismatch
    """
    values = checked_spectra(spectra, axis)
    padding = Padding.of(axis.size, tail=tail)
    gain = low_pass.gain(fft.rfftfreq(padding.padded, axis.step_eV))
    return padding.shortened(padding.transformed(np.asarray(values, np.float64), len(gain)) * gain)
