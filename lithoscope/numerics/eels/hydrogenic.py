"""Continuum of L shells from hydrogen-like wave functions, as in Egerton's SIGMAL programs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.kinematics import RYDBERG_EV, Beam, barn_per_eV, momentum_range

Float = NDArray[np.float64]
SOURCE = "hydrogenic L shell (SIGMAL type), Egerton 2011, section 3.6.1 and appendix B"
_MOMENTA = 200


@dataclass(frozen=True, slots=True)
class LShell:
    """
    One element's L shell.

    Parameters
    ----------
    atomic_number : int
        Z [1], above 12.
    onset_L3_eV, onset_L1_eV : float
        Edge energies [eV]; the 2s electrons take part above the latter.
    screening_exponent : float
        Egerton's empirical exponent that lowers the strength just above the edge [1].
    """

    atomic_number: int
    onset_L3_eV: float
    onset_L1_eV: float
    screening_exponent: float


def hydrogenic_continuum(shell: LShell, *, beam: Beam, last_eV: float, step_eV: float = 1.0) -> Continuum:
    """
    Compute the continuum of an L shell, white lines not included.

    Parameters
    ----------
    shell : LShell
        The element.
    beam : Beam
        Energy and angles.
    last_eV, step_eV : float
        Losses from the L3 edge to here, by this step [eV].

    Raises
    ------
    InvalidSetting
        The last energy is not above the edge, or the element has no full L shell.

    References
    ----------
    Egerton, Electron Energy-Loss Spectroscopy in the Electron Microscope, 3rd ed. (2011), section 3.6.1 and appendix B,
    doi:10.1007/978-1-4419-9583-4; Choudhury, Leapman, Rez and Egerton's L-shell strengths therein.
    """
    if last_eV <= shell.onset_L3_eV + step_eV or step_eV <= 0:
        raise InvalidSetting("the continuum must end above the L3 edge: raise last_eV")
    if shell.atomic_number <= 12:
        raise InvalidSetting("the hydrogen-like L shell needs an element heavier than magnesium")
    energies = np.arange(shell.onset_L3_eV, last_eV + step_eV, step_eV)
    least, greatest = momentum_range(energies, beam)
    nodes, weights = np.polynomial.legendre.leggauss(_MOMENTA)
    half = np.log(greatest / least)[:, None] / 2
    momenta = np.exp(np.log(least)[:, None] + half * (nodes + 1))
    strength = (oscillator_strength_per_eV(energies[:, None], momenta, shell) * weights * half).sum(axis=1)
    return Continuum(energies, barn_per_eV(energies, beam, strength), SOURCE)


def oscillator_strength_per_eV(energies_eV: Float, momenta: Float, shell: LShell) -> Float:
    """
    Return the generalised oscillator strength per energy and atom [1/eV].

    Parameters
    ----------
    energies_eV, momenta : arrays
        Loss [eV] and squared momentum transfer (q a0)^2 [1]; they broadcast.
    """
    z = shell.atomic_number
    charge = z - 0.35 * 7 - 1.7  # Slater's screened charge of the L shell
    q = momenta / charge**2
    k = energies_eV / (RYDBERG_EV * charge**2) - 0.25
    damping, distance = _coulomb_factor(q, k), (q - k + 0.25) ** 2 + k
    both, only_2p = _both_subshells(q, k) / distance**4, _subshell_2p(q, k) / distance**5
    form = np.where(energies_eV > shell.onset_L1_eV, both, only_2p)
    ratio = np.maximum(energies_eV + 0.1 - shell.onset_L3_eV, 1e-3) / (1.8 * z**2)
    strength = 32 * form * damping * energies_eV / (RYDBERG_EV**2 * charge**4)
    return np.asarray(ratio**shell.screening_exponent * strength)


def _coulomb_factor(q: Float, k: Float) -> Float:
    """Return the attraction of the ejected electron, a free one for k > 0."""
    root = np.sqrt(np.maximum(np.abs(k), 1e-12))
    free = k >= 0
    angle = np.mod(np.arctan2(root, q - k + 0.25), np.pi)
    above = np.exp(-2 / root * angle) / -np.expm1(-2 * np.pi / root)
    ratio = np.where(free, 1.0, (q + 0.25 - k + root) / np.where(free, 1.0, q + 0.25 - k - root))
    return np.where(free, above, np.exp(-np.log(ratio) / root))


def _subshell_2p(q: Float, k: Float) -> Float:
    return np.asarray(
        2.25 * q**4
        - (0.75 + 3 * k) * q**3
        + (0.59375 - 0.75 * k - 0.5 * k**2) * q**2
        + (0.11146 + 0.85417 * k + 1.8833 * k**2 + k**3) * q
        + 0.0035807
        + k / 21.333
        + k**2 / 4.5714
        + k**3 / 2.4
        + k**4 / 4
    )


def _both_subshells(q: Float, k: Float) -> Float:
    return np.asarray(
        q**3
        - (5 * k / 3 + 11 / 12) * q**2
        + (k**2 / 3 + 1.5 * k + 65 / 48) * q
        + k**3 / 3
        + 0.75 * k**2
        + 23 * k / 48
        + 5 / 64
    )
