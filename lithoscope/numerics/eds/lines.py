"""Families of X-ray lines: their energies and the share of photons in each."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.eds.errors import UnknownLine

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LineFamily:
    """
    Lines that one element emits after one shell was ionised; their ratios do not depend on its amount.

    Parameters
    ----------
    name : str
        Element and shell: ``"Mn L"``.
    element : str
    energies_eV : tuple of float
        Strongest line first [eV].
    shares : tuple of float
        Part of the family's photons in each line; they sum to 1 [1].
    source : str
        Where the numbers are from.
    """

    name: str
    element: str
    energies_eV: tuple[float, ...]
    shares: tuple[float, ...]
    source: str

    @property
    def strongest_eV(self) -> float:
        """Energy of the strongest line [eV]."""
        return self.energies_eV[0]


@cache
def line_families() -> dict[str, LineFamily]:
    """Read the table of families, by name."""
    return {name: _family(name, row) for name, row in _table("lines").items()}


def _family(name: str, row: dict[str, Any]) -> LineFamily:
    lines = row["lines"]
    total = sum(line["share"] for line in lines)
    energies = tuple(float(line["energy_eV"]) for line in lines)
    shares = tuple(line["share"] / total for line in lines)
    return LineFamily(name, name.partition(" ")[0], energies, shares, row["source"])


def line_family(name: str) -> LineFamily:
    """
    Return one family by name, ``"O K"`` or ``"Mn L"``.

    Raises
    ------
    UnknownLine
    """
    known = line_families().get(name)
    if known is None:
        raise UnknownLine("no such family of lines is in the table: name element and shell, as in 'O K' or 'Mn L'")
    return known


def mass_absorption_cm2_g(family: str, elements: Sequence[str]) -> Float:
    """
    Return how strongly elements absorb the lines of a family, on average over its photons.

    Parameters
    ----------
    family : str
        Whose X-rays: ``"O K"``.
    elements : sequence of str
        What absorbs them.

    Returns
    -------
    coefficients : (element,) array of float64
        Mass absorption coefficients [cm2/g].

    Raises
    ------
    UnknownLine
    """
    row = _table("mass_absorption").get(line_family(family).name)
    missing = [element for element in elements if row is None or element not in row["cm2_g"]]
    if row is None or missing:
        raise UnknownLine("the table has no absorption coefficient of one of the elements: leave that element out")
    return np.array([float(row["cm2_g"][element]) for element in elements])


def atomic_masses_g_mol(elements: Sequence[str]) -> Float:
    """
    Return the masses of elements [g/mol].

    Raises
    ------
    UnknownLine
    """
    known = _table("atomic_masses")["g_mol"]
    if any(element not in known for element in elements):
        raise UnknownLine("the table has no mass of one of the elements: give symbols such as 'Mn'")
    return np.array([known[element] for element in elements])


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("lithoscope.numerics.eds") / f"tables/{name}.toml").read_text("utf-8"))
