"""The mask of a particle as labels and figures."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues
from lithoscope.numerics.particles.masks import ParticleMask, particle_mask
from lithoscope.units import Quantity

#: Bodies beside the particle that hold more than this share of what lies above the threshold are worth a note.
MUCH_DROPPED = 0.01


class PlacedParticle(NamedTuple):
    """
    Where a particle is.

    Attributes
    ----------
    labels : (z, y, x) array of uint8
        1 inside the particle.
    volume_nm3 : Quantity
        With the interval that follows from half a voxel of the surface [nm^3].
    voxels : Quantity
    threshold : Quantity
        In units of the volume.
    notes : tuple of str
    """

    labels: NDArray[np.uint8]
    volume_nm3: Quantity
    voxels: Quantity
    threshold: Quantity
    notes: tuple[str, ...]


def mask_volume(
    volume: ArrayLike,
    spacing_nm: tuple[float, float, float],
    *,
    threshold: float | None = None,
    smoothing_px: float = 0.0,
    connectivity: int = 26,
    largest: bool = True,
    fill_holes: bool = True,
) -> PlacedParticle:
    """
    Find a particle in a tomogram as `particle_mask` does, which describes parameters and refusals.

    Parameters
    ----------
    volume : (z, y, x) array
        Dark-field intensity.
    spacing_nm : (float, float, float)
        Steps along z, y and x [nm].
    smoothing_px : float
        Standard deviation of a Gaussian applied before the threshold; 0 for none [px].

    Returns
    -------
    PlacedParticle
    """
    if smoothing_px < 0:
        raise InvalidSetting("smoothing_px is not negative: correct it")
    values = np.asarray(volume, np.float32)
    if not np.isfinite(values).all():
        raise NonFiniteValues("the tomogram holds NaN or infinite values: repair the reconstruction first")
    smooth = ndimage.gaussian_filter(values, smoothing_px) if smoothing_px else values
    found = particle_mask(
        smooth, threshold=threshold, connectivity=connectivity, largest=largest, fill_holes=fill_holes
    )
    return PlacedParticle(
        found.mask.astype(np.uint8),
        _volume(found.mask, float(np.prod(spacing_nm))),
        Quantity(float(found.mask.sum()), "1", "measured"),
        Quantity(found.threshold, "1", "measured" if threshold is None else "user", note="in units of the volume"),
        _notes(found),
    )


def _volume(mask: NDArray[np.bool_], voxel_nm3: float) -> Quantity:
    """Return the volume, and how it would change if the surface lay half a voxel further in or out."""
    inside = int(mask.sum())
    padded = np.pad(mask, 1)
    lost = inside - int(ndimage.binary_erosion(padded).sum())
    won = int(ndimage.binary_dilation(padded).sum()) - inside
    low, high = inside - lost / 2, inside + won / 2
    note = "voxels counted; the interval is that of a surface half a voxel further in or out"
    return Quantity(inside * voxel_nm3, "nm^3", "measured", interval=(low * voxel_nm3, high * voxel_nm3), note=note)


def _notes(found: ParticleMask) -> tuple[str, ...]:
    """Say what a person should look at."""
    notes = []
    if found.touches_border:
        notes.append("particle-at-border: the particle reaches the end of the field; a part of it may be missing")
    if found.dropped_fraction > MUCH_DROPPED:
        notes.append(
            f"more-than-one-body: {found.components} bodies lie above the threshold, and {found.dropped_fraction:.1%} "
            "of it is not in the particle; look at the mask, or smooth before the threshold"
        )
    if found.filled_voxels:
        notes.append(f"holes-filled: {found.filled_voxels} enclosed voxels were given to the particle")
    return tuple(notes)
