"""Where a particle is: the mask of a tomogram."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.otsu import GreyHistogram, otsu_thresholds
from lithoscope.numerics.volumes.errors import ConstantImage

#: Neighbours of a voxel across faces, also edges, also corners: scipy's squared distance of each.
RANKS = {6: 1, 18: 2, 26: 3}


@dataclass(frozen=True, slots=True)
class ParticleMask:
    """
    A particle in a tomogram, and what making its mask changed.

    Parameters
    ----------
    mask : (z, y, x) array of bool
    threshold : float
        Values above it are particle, in units of the tomogram.
    components : int
        Separate bodies above the threshold; the largest is the particle.
    dropped_fraction : float
        Share of the voxels above the threshold that belong to the other bodies [1].
    filled_voxels : int
        Enclosed voxels below the threshold that were given to the particle: closed pores, if it has any.
    touches_border : bool
        The particle reaches the end of the field, so that a part of it may be missing.
    """

    mask: NDArray[np.bool_]
    threshold: float
    components: int
    dropped_fraction: float
    filled_voxels: int
    touches_border: bool


def particle_mask(
    tomogram: ArrayLike,
    *,
    threshold: float | None = None,
    connectivity: int = 26,
    largest: bool = True,
    fill_holes: bool = True,
) -> ParticleMask:
    """
    Separate a particle from vacuum by Otsu's threshold of the whole volume.

    Parameters
    ----------
    tomogram : (z, y, x) array
        Dark-field intensity.
    threshold : float, optional
        Use this value instead of Otsu's.
    connectivity : {6, 18, 26}
        Voxels that touch by faces, also edges, also corners are one body.
    largest : bool
        Keep the largest body only.
    fill_holes : bool
        Give enclosed voxels to the particle. A pore that opens to the field is not enclosed.

    Returns
    -------
    particle : ParticleMask

    Raises
    ------
    WrongShape, NonFiniteValues, EmptyMask, InvalidSetting
    ConstantImage
        The tomogram has one value everywhere.

    References
    ----------
    Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62, doi:10.1109/TSMC.1979.4310076; Oh et al., Simultaneous
    ADF-EDS-EELS tomography, Methods, "Surface analysis and depth profiling".
    """
    values = np.asarray(tomogram, np.float32)
    structure = _structure(connectivity)
    if values.ndim != 3 or 0 in values.shape:
        raise WrongShape(f"a tomogram of shape {values.shape} is no volume: give (z, y, x)")
    if not np.isfinite(values).all():
        raise NonFiniteValues("the tomogram holds NaN or infinite values: repair the reconstruction first")
    if threshold is None:
        if values.min() == values.max():
            raise ConstantImage("the tomogram has one value everywhere: there is no particle to find, check the input")
        threshold = float(otsu_thresholds(GreyHistogram.of(values), 2)[0])
    above = values > threshold
    if not above.any():
        raise EmptyMask("no voxel of the tomogram lies above the threshold: lower it")
    labels, components = ndimage.label(above, structure)
    sizes = np.bincount(labels.ravel())[1:]
    mask = labels == 1 + int(np.argmax(sizes)) if largest else above
    kept = int(mask.sum())
    if fill_holes:
        mask = ndimage.binary_fill_holes(mask)
    return ParticleMask(
        mask,
        float(threshold),
        int(components),
        1 - kept / int(sizes.sum()),
        int(mask.sum()) - kept,
        any(bool(face.any()) for axis in range(3) for face in (mask.take(0, axis), mask.take(-1, axis))),
    )


def _structure(connectivity: int) -> NDArray[np.bool_]:
    """Return the neighbourhood of a voxel."""
    if connectivity not in RANKS:
        raise InvalidSetting("voxels touch by 6 faces, 18 faces and edges, or 26 with corners: choose a connectivity")
    return np.asarray(ndimage.generate_binary_structure(3, RANKS[connectivity]))
