"""How near a measurement of a twin comes to what was planted: means, depth profiles, gradients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lithoscope.numerics.particles.shells import depth_shells

Float = NDArray[np.float64]

#: Shells of a surface, and how far from the surface the core begins [shell].
SURFACE_SHELLS, CORE_FROM = 2, 8
#: Shells with a smaller part of the particle are not judged: few voxels average no noise.
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Recovery:
    """
    One map of a particle, found and planted.

    Parameters
    ----------
    name : str
    found, planted : float
        Means over the particle.
    found_profile, planted_profile : (d,) arrays
        Means of the shells from the surface inward, as many as both have with enough voxels.
    """

    name: str
    found: float
    planted: float
    found_profile: Float
    planted_profile: Float

    @property
    def steps(self) -> tuple[float, float]:
        """Return how far the surface lies above the core, found and planted."""
        return _step(self.found_profile), _step(self.planted_profile)

    @property
    def largest_inside(self) -> float:
        """Return the largest error of a shell that is not of the surface."""
        return float(np.abs(self.found_profile - self.planted_profile)[SURFACE_SHELLS + 1 :].max(initial=0.0))

    def has_right_sign(self, least: float) -> bool | None:
        """Say whether a planted gradient was found to go the same way; None where it is smaller than `least`."""
        found, planted = self.steps
        return None if abs(planted) < least else bool(np.sign(found) == np.sign(planted))


def recoveries(
    found: NDArray[np.floating],
    planted: NDArray[np.floating],
    *,
    particle: NDArray[np.bool_],
    occupancy: NDArray[np.floating],
    names: Sequence[str],
) -> list[Recovery]:
    """
    Compare the maps of a particle with what was planted, each peeled by its own mask.

    A measurement may lie off the truth by what the alignment moved it; shells of each mask do not mind.

    Parameters
    ----------
    found, planted : (c, z, y, x) arrays
        Maps; NaN where there is nothing to compare.
    particle : (z, y, x) array of bool
        Mask that was found.
    occupancy : (z, y, x) array
        Planted part of each voxel that is filled [1].
    names : sequence of str
        Of the maps.
    """
    true = ndimage.binary_fill_holes(occupancy > 0.5)
    ours, theirs = depth_shells(particle), depth_shells(true)
    last = min(_deepest(ours), _deepest(theirs))
    solid = occupancy > 0.5
    return [
        Recovery(
            name,
            float(np.nanmean(volume[particle])),
            float(np.nanmean(truth[solid])),
            _profile(volume, ours, last),
            _profile(truth, theirs, last),
        )
        for name, volume, truth in zip(names, found, planted, strict=True)
    ]


def _deepest(shells: NDArray[np.int32]) -> int:
    """Return the deepest shell that holds enough of the particle."""
    counts = np.bincount(shells.ravel())
    return int(np.flatnonzero(counts >= LEAST_SHARE * counts[1:].sum()).max())


def _profile(volume: NDArray[np.floating], shells: NDArray[np.int32], last: int) -> Float:
    return np.array([np.nanmean(volume[shells == shell], dtype=np.float64) for shell in range(1, last + 1)])


def _step(profile: Float) -> float:
    core = profile[min(CORE_FROM, len(profile) - 1) :]
    return float(profile[:SURFACE_SHELLS].mean() - core.mean())
