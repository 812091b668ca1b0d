"""What a fast electron can hand over to an atom: momentum within the angles of probe and detector."""

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from lithoscope.numerics.common.errors import InvalidSetting

RYDBERG_EV = constants.value("Rydberg constant times hc in eV")
BOHR_RADIUS_M = constants.value("Bohr radius")
_REST_EV = constants.value("electron mass energy equivalent in MeV") * 1e6


@dataclass(frozen=True, slots=True)
class Beam:
    """
    Energy and angles of an energy-loss experiment.

    Parameters
    ----------
    energy_keV : float
        Kinetic energy [keV].
    convergence_mrad, collection_mrad : float
        Semi-angles [mrad].
    """

    energy_keV: float
    convergence_mrad: float
    collection_mrad: float

    def __post_init__(self) -> None:
        if not (self.energy_keV > 0 and self.collection_mrad > 0 and self.convergence_mrad >= 0):
            raise InvalidSetting("beam energy and collection angle must be above zero: correct them")

    @property
    def effective_angle_rad(self) -> float:
        """Collection angle widened by the convergence of the probe, in quadrature [rad]."""
        return hypot(self.convergence_mrad, self.collection_mrad) * 1e-3

    @property
    def gamma(self) -> float:
        """Relativistic mass ratio [1]."""
        return float(1 + self.energy_keV * 1e3 / _REST_EV)

    @property
    def half_mv2_eV(self) -> float:
        """Kinetic energy that an electron of this speed would have without relativity [eV]."""
        return float(_REST_EV * (1 - self.gamma**-2) / 2)


def characteristic_angle_rad(energies_eV: NDArray[np.float64], beam: Beam) -> NDArray[np.float64]:
    """Return the half width of the angular distribution at each loss [rad]."""
    return np.asarray(energies_eV / (2 * beam.gamma * beam.half_mv2_eV))


def momentum_range(energies_eV: NDArray[np.float64], beam: Beam) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return the least and greatest momentum transfer, as (q a0)^2, at each loss.

    References
    ----------
    Egerton, Electron Energy-Loss Spectroscopy in the Electron Microscope, 3rd ed. (2011), equations 3.144 and 3.145
    and appendix B, doi:10.1007/978-1-4419-9583-4.
    """
    t, gamma = beam.half_mv2_eV, beam.gamma
    least = energies_eV**2 / (4 * RYDBERG_EV * t) + energies_eV**3 / (8 * gamma**3 * RYDBERG_EV * t**2)
    before = t / (RYDBERG_EV * (1 - 2 * t / _REST_EV))
    after = before - energies_eV / RYDBERG_EV * (gamma - energies_eV / (2 * _REST_EV))
    greatest = least + 4 * np.sqrt(before * after) * np.sin(beam.effective_angle_rad / 2) ** 2
    return least, greatest


def barn_per_eV(
    energies_eV: NDArray[np.float64], beam: Beam, strength_per_eV: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Turn oscillator strengths integrated over ln (q a0)^2 into cross sections [barn/eV].

    Parameters
    ----------
    strength_per_eV : (e,) array
        Integral of df/dE over the logarithm of the squared momentum transfer [1/eV].
    """
    factor = 4 * np.pi * BOHR_RADIUS_M**2 * 1e28 * RYDBERG_EV**2 / (energies_eV * beam.half_mv2_eV)
    return np.asarray(factor * strength_per_eV)
