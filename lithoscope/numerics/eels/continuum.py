"""Theory of the continuum behind an edge: where its slope comes from is part of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting, NonFiniteValues, WindowOutsideSpectrum, WrongShape
from lithoscope.numerics.eels.kinematics import Beam, characteristic_angle_rad
from lithoscope.numerics.eels.slopes import relative_slope


@dataclass(frozen=True, slots=True)
class Continuum:
    """
    Energy-differential cross section of one shell of one atom.

    Parameters
    ----------
    energies_eV : (e,) array
        Rising [eV].
    barn_per_eV : (e,) array
        Cross section [barn/eV], or in any other unit if `is_absolute` is False.
    source : str
        Model or file, with citation.
    is_absolute : bool
        Whether the values are in barn/eV.
    """

    energies_eV: NDArray[np.float64]
    barn_per_eV: NDArray[np.float64]
    source: str
    is_absolute: bool = True

    def on(self, axis: EnergyAxis) -> NDArray[np.float64]:
        """Return the values at an axis' channels, zero below the first energy and NaN beyond the last."""
        return np.interp(axis.energies_eV, self.energies_eV, self.barn_per_eV, left=0.0, right=np.nan)

    def relative_slope_per_eV(self, axis: EnergyAxis, window_eV: tuple[float, float]) -> float:
        """
        Return the slope within a window over the mean there [1/eV].

        Raises
        ------
        WindowOutsideSpectrum
        """
        self._checked(window_eV)
        return relative_slope(self.on(axis), axis, axis.window(*window_eV))

    def mean(self, axis: EnergyAxis, window_eV: tuple[float, float]) -> float:
        """
        Return the mean within a window: what slopes in a program's own units were multiplied by.

        Raises
        ------
        WindowOutsideSpectrum
        """
        self._checked(window_eV)
        return float(self.on(axis)[axis.window(*window_eV)].mean())

    def _checked(self, window_eV: tuple[float, float]) -> None:
        low, high = self.energies_eV[0], self.energies_eV[-1]
        if window_eV[0] < low or window_eV[1] > high:
            raise WindowOutsideSpectrum(
                f"the theory reaches from {low:g} to {high:g} eV, not over {window_eV[0]:g}-{window_eV[1]:g} eV: "
                "compute it further or move the window"
            )


def photoabsorption_continuum(
    energies_eV: ArrayLike, photoabsorption: ArrayLike, *, beam: Beam, source: str
) -> Continuum:
    """
    Turn a photo-absorption cross section into the shape of an energy-loss continuum.

    A dipole oscillator strength at loss E scatters into a Lorentzian of angles, hence the factor
    ``ln(1 + beta^2 / theta_E^2) / E``.

    Parameters
    ----------
    energies_eV : (e,) array
        Rising [eV].
    photoabsorption : (e,) array
        Cross section of the shell in any unit.
    beam : Beam
        Energy and angles.
    source : str
        Where the cross section comes from.

    Raises
    ------
    WrongShape, NonFiniteValues, InvalidSetting

    References
    ----------
    Egerton, Electron Energy-Loss Spectroscopy in the Electron Microscope, 3rd ed. (2011), section 3.6,
    doi:10.1007/978-1-4419-9583-4.
    """
    energies, values = np.asarray(energies_eV, np.float64), np.asarray(photoabsorption, np.float64)
    if energies.ndim != 1 or energies.shape != values.shape or energies.size < 2:
        raise WrongShape("give a photo-absorption cross section for each of at least two energies")
    if not (np.isfinite(energies).all() and np.isfinite(values).all()):
        raise NonFiniteValues("the photo-absorption cross section holds NaN or infinite values: leave them out")
    if not (np.diff(energies) > 0).all() or energies[0] <= 0:
        raise InvalidSetting("the energies of a photo-absorption cross section must rise from above zero: sort them")
    angles = np.log1p((beam.effective_angle_rad / characteristic_angle_rad(energies, beam)) ** 2)
    return Continuum(energies, values * angles / energies, f"photo-absorption x Bethe: {source}", is_absolute=False)
