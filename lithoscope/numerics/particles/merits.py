"""Figures that tell cycling states apart: surface, core and whole particle of each map, and how much is rock salt."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.particles.comparison_reading import Particle
from lithoscope.numerics.particles.profiles import DepthProfile
from lithoscope.numerics.particles.rock_salt import rock_salt_fraction

Float = NDArray[np.float64]
OXYGEN, METALS = "O", ("Mn", "Co", "Ni")
#: The core begins at this share of the radius.
CORE = 0.5
#: For each figure its unit, and its value in each particle.
Merits = dict[str, tuple[str, list[float]]]


def merits_of(state: Sequence[Particle]) -> Merits:
    """
    Take surface, core and whole particle of each map, and the rock salt that the oxygen tells.

    Parameters
    ----------
    state : sequence of Particle
        Of one state, all with the same maps.

    Returns
    -------
    merits : mapping of str to (unit, list of float)
        A value for each particle, NaN where it has none.
    """
    found: Merits = {}
    for place, name in enumerate(state[0].profile.names):
        unit = state[0].units[name]
        found[f"{name}_whole"] = (unit, [float(each.profile.whole_mean[place]) for each in state])
        found[f"{name}_surface"] = (unit, [float(each.profile.surface_mean[place]) for each in state])
        found[f"{name}_core"] = (unit, [core_mean(each.profile, place) for each in state])
    if OXYGEN not in state[0].profile.names or not set(METALS) & set(state[0].profile.names):
        return found
    whole = [_rock_salt(each.profile, each.profile.whole_mean) for each in state]
    surface = [_rock_salt(each.profile, each.profile.surface_mean) for each in state]
    for number, kind in enumerate(("atoms", "formula_units", "volume")):
        found[f"rock_salt_of_{kind}_percent"] = ("%", [parts[number] for parts in whole])
    found["rock_salt_of_atoms_surface_percent"] = ("%", [parts[0] for parts in surface])
    return found


def core_mean(profile: DepthProfile, place: int) -> float:
    """Return the mean of a map over the voxels deeper than half the radius; NaN where there is none."""
    deep = (profile.relative_depth >= CORE) & np.isfinite(profile.mean[place])
    n = profile.n[place][deep]
    return float(profile.mean[place][deep] @ n / n.sum()) if n.sum() else float("nan")


def _rock_salt(profile: DepthProfile, means: Float) -> tuple[float, float, float]:
    """Return the share of atoms, formula units and volume that is rock salt [%]."""
    amounts = {name: float(mean) for name, mean in zip(profile.names, means, strict=True)}
    metals = sum(amounts[name] for name in METALS if name in amounts)
    oxygen = amounts[OXYGEN] / (amounts[OXYGEN] + metals)
    if not np.isfinite(oxygen):
        return float("nan"), float("nan"), float("nan")
    told = rock_salt_fraction(oxygen)
    return 100 * told.of_atoms, 100 * told.of_formula_units, 100 * told.of_volume
