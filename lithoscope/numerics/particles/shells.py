"""Concentric shells of a particle, one voxel thick, counted inward from its surface."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles.checks import checked_mask
from lithoscope.numerics.particles.masks import RANKS


def depth_shells(mask: ArrayLike, *, connectivity: int = 6) -> NDArray[np.int32]:
    """
    Number the shells of a particle from 1 at its surface to the core.

    Peeling the particle by erosion gives each voxel its distance to the outside in the metric of the structuring
    element, so one distance transform replaces the loop. The ends of the field count as outside.

    Parameters
    ----------
    mask : (z, y, x) array of bool
        True inside the particle.
    connectivity : {6, 18, 26}
        A voxel is on the surface if a neighbour across a face, also an edge, also a corner is outside.

    Returns
    -------
    shells : (z, y, x) array of int32
        0 outside, 1 on the surface, rising inward.

    Raises
    ------
    WrongShape, EmptyMask, InvalidSetting

    References
    ----------
    Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods, "Surface analysis and depth profiling".
    """
    inside = checked_mask(mask)
    if connectivity not in RANKS:
        raise InvalidSetting("shells are peeled across 6, 18 or 26 neighbours: choose a connectivity")
    metric = ndimage.generate_binary_structure(3, RANKS[connectivity])
    depth = ndimage.distance_transform_cdt(np.pad(inside, 1), metric=metric)
    return np.ascontiguousarray(depth[1:-1, 1:-1, 1:-1], np.int32)
