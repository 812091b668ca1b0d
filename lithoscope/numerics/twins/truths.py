"""Figures of a planted particle, in the terms a study reports."""

from dataclasses import dataclass

import numpy as np

from lithoscope.numerics.twins.crystal import LAYERED_NM3, METALS, ROCK_SALT_NM3, SHOWN
from lithoscope.numerics.twins.particle import NcmParticle

#: Atomic fraction above which a metal counts as rich: rock salt with equal shares.
RICH_ABOVE = 1 / 6


@dataclass(frozen=True, slots=True)
class PlantedFigures:
    """
    What a perfect measurement of a particle would report.

    Parameters
    ----------
    composition : dict of str to float
        Atomic fractions of O, Mn, Co and Ni in the whole particle [1].
    rock_salt_atoms, rock_salt_units, rock_salt_volume : float
        Part of the shown atoms, of the formula units and of the volume that is rock salt [1].
    mn_states, co_states : tuple of float
        Parts of all atoms in Mn4+, Mn3+, Mn2+ and in Co3+, Co2+ [1].
    rich : dict of str to float
        Part of the voxels, half filled or more, above one sixth of Mn, Co or Ni [1].
    """

    composition: dict[str, float]
    rock_salt_atoms: float
    rock_salt_units: float
    rock_salt_volume: float
    mn_states: tuple[float, ...]
    co_states: tuple[float, ...]
    rich: dict[str, float]


def planted_figures(particle: NcmParticle) -> PlantedFigures:
    """Sum a particle's truth up."""
    shown = particle.atoms_per_nm3[1:].sum(axis=(1, 2, 3), dtype=np.float64)
    salt_nm3 = float((particle.rock_salt * particle.occupancy).sum(dtype=np.float64))
    layered_nm3 = float(particle.occupancy.sum(dtype=np.float64)) - salt_nm3
    salt, layered = salt_nm3 / ROCK_SALT_NM3, layered_nm3 / LAYERED_NM3
    inside = particle.occupancy >= 0.5
    metals = particle.composition[1:][:, inside]
    return PlantedFigures(
        dict(zip(SHOWN, (shown / shown.sum()).tolist(), strict=True)),
        2 * salt / (2 * salt + 3 * layered),
        salt / (salt + layered),
        salt_nm3 / (salt_nm3 + layered_nm3),
        _parts(particle, "Mn"),
        _parts(particle, "Co"),
        dict(zip(METALS, (metals > RICH_ABOVE).mean(axis=1).tolist(), strict=True)),
    )


def _parts(particle: NcmParticle, element: str) -> tuple[float, ...]:
    """Average the states of one metal over its atoms."""
    states = {"Mn": particle.mn_states, "Co": particle.co_states}[element]
    weight = particle.atoms(element)
    return tuple(float((state * weight).sum(dtype=np.float64) / weight.sum(dtype=np.float64)) for state in states)
