"""Continuum of K shells from hydrogen-like wave functions, as in Egerton's SIGMAK programs."""

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.kinematics import RYDBERG_EV, Beam, barn_per_eV, momentum_range

Float = NDArray[np.float64]
SOURCE = "hydrogenic K shell (SIGMAK type), Egerton 2011, section 3.6.1 and appendix B"
_MOMENTA = 200


def hydrogenic_k_continuum(
    atomic_number: int, *, onset_eV: float, beam: Beam, last_eV: float, step_eV: float = 1.0
) -> Continuum:
    """
    Compute the continuum of a K shell, near-edge structure not included.

    Parameters
    ----------
    atomic_number : int
        Z [1], above 1.
    onset_eV : float
        Its edge [eV].
    beam : Beam
        Energy and angles.
    last_eV, step_eV : float
        Losses from the edge to here, by this step [eV].

    Raises
    ------
    InvalidSetting
        The last energy is not above the edge, or the element is hydrogen.

    References
    ----------
    Egerton, Electron Energy-Loss Spectroscopy in the Electron Microscope, 3rd ed. (2011), section 3.6.1 and appendix B,
    doi:10.1007/978-1-4419-9583-4.
    """
    if last_eV <= onset_eV + step_eV or step_eV <= 0:
        raise InvalidSetting("the continuum must end above the K edge: raise last_eV")
    if atomic_number < 2:
        raise InvalidSetting("the screened K shell needs two electrons: choose an element heavier than hydrogen")
    energies = np.arange(onset_eV, last_eV + step_eV, step_eV)
    least, greatest = momentum_range(energies, beam)
    nodes, weights = np.polynomial.legendre.leggauss(_MOMENTA)
    half = np.log(greatest / least)[:, None] / 2
    momenta = np.exp(np.log(least)[:, None] + half * (nodes + 1))
    strength = (k_strength_per_eV(energies[:, None], momenta, atomic_number) * weights * half).sum(axis=1)
    return Continuum(energies, barn_per_eV(energies, beam, strength), SOURCE)


def k_strength_per_eV(energies_eV: Float, momenta: Float, atomic_number: int) -> Float:
    """
    Return the generalised oscillator strength of both K electrons per energy and atom [1/eV].

    Parameters
    ----------
    energies_eV, momenta : arrays
        Loss [eV] and squared momentum transfer (q a0)^2 [1]; they broadcast.
    atomic_number : int
        Z [1].
    """
    charge = atomic_number - 0.5  # each electron screens half a charge from the other
    q, k = momenta / charge**2, energies_eV / (RYDBERG_EV * charge**2) - 1
    root = np.sqrt(np.maximum(np.abs(k), 1e-4))
    free = k >= 0
    angle = np.mod(np.arctan2(2 * root, q - k + 1), np.pi)
    above = np.exp(-2 / root * angle) / -np.expm1(-2 * np.pi / root)
    ratio = np.where(free, 1.0, (q + 1 - k + 2 * root) / np.where(free, 1.0, q + 1 - k - 2 * root))
    attraction = np.where(free, above, ratio ** (-1 / root))
    distance = ((q - k + 1) ** 2 + 4 * k) ** 3
    strength = 256 * energies_eV / (RYDBERG_EV**2 * charge**4) * attraction * (q + k / 3 + 1 / 3) / distance
    return np.asarray(strength)
