"""Continuum from tabulated generalised oscillator strengths, such as Hartree-Slater ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.errors import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.kinematics import BOHR_RADIUS_M, Beam, barn_per_eV, momentum_range

Float = NDArray[np.float64]
_MOMENTA = 400


@dataclass(frozen=True, slots=True)
class OscillatorStrengths:
    """
    Strengths of one subshell on a grid of losses and momenta.

    Parameters
    ----------
    above_onset_eV : (e,) array
        Rising losses above the onset [eV].
    momenta_per_m : (q,) array
        Rising momentum transfers [1/m].
    strength_per_eV : (e, q) array
        df/dE of the subshell [1/eV].
    onset_eV : float
        Its edge [eV].
    source : str
        File and citation.
    occupancy_ratio : float
        Part of the tabulated shell's electrons that this subshell holds [1].
    """

    above_onset_eV: Float
    momenta_per_m: Float
    strength_per_eV: Float
    onset_eV: float
    source: str
    occupancy_ratio: float = 1.0

    def __post_init__(self) -> None:
        if self.strength_per_eV.shape != (self.above_onset_eV.size, self.momenta_per_m.size):
            raise WrongShape("a table of oscillator strengths has one row a loss and one column a momentum")
        if not np.isfinite(self.strength_per_eV).all():
            raise NonFiniteValues("the table of oscillator strengths holds NaN or infinite values: take another file")
        rising = (np.diff(self.above_onset_eV) > 0).all() and (np.diff(self.momenta_per_m) > 0).all()
        if not rising or self.momenta_per_m[0] <= 0 or self.onset_eV <= 0 or self.occupancy_ratio <= 0:
            raise InvalidSetting("losses and momenta of a table of oscillator strengths must rise from above zero")


def tabulated_continuum(table: OscillatorStrengths, *, beam: Beam) -> Continuum:
    """
    Integrate tabulated oscillator strengths over the momenta that beam and angles allow.

    Beyond the greatest tabulated momentum the strength counts as zero, below the least as constant (dipole limit).

    References
    ----------
    Segger, Guzzinati and Kohl, Zenodo (2023), doi:10.5281/zenodo.7645765; Leapman, Rez and Mayers, J. Chem. Phys. 72
    (1980) 1232, doi:10.1063/1.439184.
    """
    energies = table.onset_eV + table.above_onset_eV
    least, greatest = momentum_range(energies, beam)
    logs = np.log((table.momenta_per_m * BOHR_RADIUS_M) ** 2)
    strength = np.empty(energies.size)
    for row, values in enumerate(table.strength_per_eV):
        places = np.linspace(np.log(least[row]), np.log(greatest[row]), _MOMENTA)
        strength[row] = np.trapezoid(np.interp(places, logs, np.maximum(values, 0), right=0.0), places)
    return Continuum(energies, table.occupancy_ratio * barn_per_eV(energies, beam, strength), table.source)


def joined_continua(first: Continuum, second: Continuum) -> Continuum:
    """Add two subshells, such as L3 and L2, on the energies of the first."""
    more = np.interp(first.energies_eV, second.energies_eV, second.barn_per_eV, left=0.0, right=np.nan)
    known = np.isfinite(more)
    return Continuum(
        first.energies_eV[known],
        (first.barn_per_eV + more)[known],
        f"{first.source}; {second.source}",
        is_absolute=first.is_absolute and second.is_absolute,
    )
