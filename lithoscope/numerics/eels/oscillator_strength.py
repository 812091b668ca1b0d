"""Continuum from tabulated generalised oscillator strengths, such as Hartree-Slater ones."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.errors import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.errors import OtherStrengths
from lithoscope.numerics.eels.kinematics import BOHR_RADIUS_M, Beam, barn_per_eV, momentum_range

Float = NDArray[np.float64]
_MOMENTA = 400
_PER_M = 1e9


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
    """

    above_onset_eV: Float
    momenta_per_m: Float
    strength_per_eV: Float
    onset_eV: float
    source: str

    def __post_init__(self) -> None:
        if self.strength_per_eV.shape != (self.above_onset_eV.size, self.momenta_per_m.size):
            raise WrongShape("a table of oscillator strengths has one row a loss and one column a momentum")
        if not np.isfinite(self.strength_per_eV).all():
            raise NonFiniteValues("the table of oscillator strengths holds NaN or infinite values: take another file")
        rising = (np.diff(self.above_onset_eV) > 0).all() and (np.diff(self.momenta_per_m) > 0).all()
        if not rising or self.momenta_per_m[0] <= 0 or self.onset_eV <= 0:
            raise InvalidSetting("losses and momenta of a table of oscillator strengths must rise from above zero")

    @classmethod
    def of(cls, table: LabelledArray, *, onset_eV: float) -> Self:
        """
        Take the table of a subshell as readers give it: momentum by loss, with both as coordinates.

        Raises
        ------
        OtherStrengths
            It is no such table.
        """
        if table.axes != "ce" or not {"c", "e"} <= set(table.coordinates) or table.unit != "eV^-1":
            raise OtherStrengths("this is no table of oscillator strengths: choose a subshell of a GOSH file")
        losses, momenta = table.coordinates["e"], table.coordinates["c"] * _PER_M
        source = f"table of {table.name} ({table.source})" if table.source else f"table of {table.name}"
        return cls(losses, momenta, np.asarray(table.values, np.float64).T, onset_eV, source)


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
    return Continuum(energies, barn_per_eV(energies, beam, strength), table.source)


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
