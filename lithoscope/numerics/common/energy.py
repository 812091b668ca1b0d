"""Energy axes of spectra: where channels lie, and which of them a window holds."""

from dataclasses import dataclass
from math import ceil, floor, isfinite
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.errors import ReversedEnergyAxis, WindowOutsideSpectrum, WrongShape

#: Channels may stray from equal steps by this part of a step: files store energies in single precision.
EVEN_WITHIN_STEPS = 0.02
#: A window may end this part of a channel outside the channels' centres and still count as covered.
ROUNDING_CHANNELS = 0.51


@dataclass(frozen=True, slots=True)
class EnergyAxis:
    """
    Equal channels of a spectrum.

    Parameters
    ----------
    first_eV : float
        Centre of the first channel [eV].
    step_eV : float
        Width of a channel [eV], above zero.
    size : int
        Number of channels.
    """

    first_eV: float
    step_eV: float
    size: int

    def __post_init__(self) -> None:
        if not (isfinite(self.first_eV) and isfinite(self.step_eV) and self.step_eV > 0):
            raise ReversedEnergyAxis("the energy axis does not rise by a finite step: turn the spectra and the axis")
        if self.size < 2:
            raise WrongShape("an energy axis needs at least two channels: give whole spectra")

    @classmethod
    def from_energies(cls, energies_eV: ArrayLike) -> Self:
        """
        Read the axis off the energies of its channels.

        Raises
        ------
        WrongShape, ReversedEnergyAxis
        """
        energies = np.asarray(energies_eV, np.float64)
        if energies.ndim != 1 or energies.size < 2:
            raise WrongShape("an energy axis is one row of at least two energies")
        step = float(energies[-1] - energies[0]) / (energies.size - 1)
        stray = np.abs(energies - (energies[0] + step * np.arange(energies.size)))
        if not step > 0 or not (stray <= EVEN_WITHIN_STEPS * step).all():
            raise ReversedEnergyAxis("the energies do not rise by equal steps: turn or resample the spectra first")
        return cls(float(energies[0]), step, int(energies.size))

    @property
    def last_eV(self) -> float:
        """Centre of the last channel [eV]."""
        return self.first_eV + self.step_eV * (self.size - 1)

    @property
    def energies_eV(self) -> NDArray[np.float64]:
        """Centres of all channels [eV]."""
        return np.asarray(self.first_eV + self.step_eV * np.arange(self.size), np.float64)

    @property
    def edges_eV(self) -> NDArray[np.float64]:
        """Borders of all channels [eV], one more than channels."""
        return np.asarray(self.first_eV + self.step_eV * (np.arange(self.size + 1) - 0.5), np.float64)

    def covers(self, start_eV: float, stop_eV: float) -> bool:
        """Say whether the channels reach from one energy to the other."""
        margin = ROUNDING_CHANNELS * self.step_eV
        return self.first_eV - margin <= start_eV and stop_eV <= self.last_eV + margin

    def window(self, start_eV: float, stop_eV: float) -> slice:
        """
        Return the channels whose centres lie in a window, both ends included.

        Raises
        ------
        WindowOutsideSpectrum
            The channels do not reach over the whole window, or fewer than two lie in it.
        """
        if not self.covers(start_eV, stop_eV):
            raise WindowOutsideSpectrum(
                f"the window {start_eV:g}-{stop_eV:g} eV leaves the spectrum ({self.first_eV:g}-{self.last_eV:g} eV): "
                "move it inside or give spectra that cover it"
            )
        begin = max(ceil((start_eV - self.first_eV) / self.step_eV - 1e-6), 0)
        end = min(floor((stop_eV - self.first_eV) / self.step_eV + 1e-6) + 1, self.size)
        if end - begin < 2:
            raise WindowOutsideSpectrum(
                f"the window {start_eV:g}-{stop_eV:g} eV holds fewer than two channels: widen it"
            )
        return slice(begin, end)

    def part(self, channels: slice) -> Self:
        """Return the axis of a run of channels."""
        begin, end, _ = channels.indices(self.size)
        return type(self)(self.first_eV + begin * self.step_eV, self.step_eV, end - begin)
