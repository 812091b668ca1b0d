"""What a particle keeps of its own X-rays along each ray of a projection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from lithoscope.numerics.common import EmptyMask, InvalidSetting, WrongShape
from lithoscope.numerics.eds.absorption import SUPER_X, Detector, attenuation_per_voxel, mean_transmission
from lithoscope.numerics.eds.lines import atomic_masses_g_mol, line_family
from lithoscope.numerics.tomography.projector import as_columns, back_projection_matrix

Maps = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Absorber:
    """
    The particle as an absorber.

    Parameters
    ----------
    density_g_cm3 : (z, y, x) array
        Mass of everything per volume [g/cm3], see `density_from_adf`.
    voxel_nm : float
        Edge of a voxel [nm].
    unseen : mapping of str to float
        Atoms of elements without a map for each atom of the elements with one, as 1/3 lithium in LiMO2 [1].
    detectors : sequence of Detector
        Whose counts are summed.
    detector_weights : (t, d) array, optional
        Solid angle each detector keeps at each tilt [1]; equal by default.
    """

    density_g_cm3: NDArray[np.floating]
    voxel_nm: float
    unseen: Mapping[str, float]
    detectors: Sequence[Detector] = SUPER_X
    detector_weights: NDArray[np.float64] | None = None


def density_from_adf(adf: ArrayLike, mask: ArrayLike, *, density_g_cm3: float, median: float | None = None) -> Maps:
    """
    Scale a dark-field volume to mass: its median inside the particle is the material's density.

    Parameters
    ----------
    adf : (z, y, x) array
        Reconstructed intensity.
    mask : (z, y, x) array of bool
        Where the particle is.
    density_g_cm3 : float
        Density of the material [g/cm3]; 4.7 for LiNi1/3Co1/3Mn1/3O2.
    median : float, optional
        Intensity of the material of that density, from a particle recorded alike; this particle's own by default.

    Returns
    -------
    density : (z, y, x) array of float32
        Never below zero; zero outside the mask and the voxels that touch it, which hold a part of the surface [g/cm3].

    Raises
    ------
    WrongShape, EmptyMask, InvalidSetting
    """
    from scipy import ndimage

    values, inside = np.asarray(adf, np.float32), np.asarray(mask, np.bool_)
    if values.ndim != 3 or values.shape != inside.shape:
        raise WrongShape(f"volume {values.shape} and mask {inside.shape}: give a volume (z, y, x) and its mask")
    if not inside.any():
        raise EmptyMask("the mask of the particle selects no voxel: lower its threshold")
    level = float(np.median(values[inside])) if median is None else median
    if not (density_g_cm3 > 0 and level > 0):
        raise InvalidSetting("the density and the median of the dark-field volume are above zero: check both")
    near = ndimage.binary_dilation(inside, iterations=1)
    return np.where(near, np.maximum(values, 0) * np.float32(density_g_cm3 / level), np.float32(0))


def partial_densities(
    fractions: ArrayLike, elements: Sequence[str], *, density_g_cm3: ArrayLike, unseen: Mapping[str, float]
) -> dict[str, Maps]:
    """
    Share the mass of each voxel among the elements.

    Parameters
    ----------
    fractions : (f, z, y, x) array
        Atomic fractions of the elements with maps, summing to 1; where unknown (NaN), the mean is taken [1].
    elements : sequence of str
    density_g_cm3 : (z, y, x) array
        Mass of everything per volume [g/cm3].
    unseen : mapping of str to float
        Atoms of other elements for each of these [1].

    Returns
    -------
    densities : dict of str to (z, y, x) array of float32
        [g/cm3]
    """
    parts, density = np.asarray(fractions, np.float32), np.asarray(density_g_cm3, np.float32)
    known = np.isfinite(parts).all(axis=0)
    if not known.any():
        raise EmptyMask("no voxel has a composition: lower the floor or check the maps")
    mean = parts[:, known].mean(axis=1)
    parts = np.clip(np.where(known, parts, mean[:, None, None, None]), 0, 1)
    seen, others = atomic_masses_g_mol(elements), atomic_masses_g_mol(tuple(unseen))
    rest = float(others @ np.array(list(unseen.values()), np.float64)) if unseen else 0.0
    per_mass = density / (np.tensordot(seen.astype(np.float32), parts, axes=1) + np.float32(rest))
    densities = {
        element: np.float32(mass) * part * per_mass for element, mass, part in zip(elements, seen, parts, strict=True)
    }
    for (element, amount), mass in zip(unseen.items(), others, strict=True):
        densities[element] = np.float32(mass * amount) * per_mass + densities.get(element, np.float32(0))
    return densities


def ray_transmission(
    fractions: ArrayLike,
    families: Sequence[str],
    angles_deg: ArrayLike,
    *,
    absorber: Absorber,
    rotation_axis_px: float | None = None,
) -> Maps:
    """
    Return which part of each family's X-rays leaves the particle, along every ray of every tilt.

    Projections divided by it are those of a particle that does not absorb, whatever the engine that reconstructs them.

    Parameters
    ----------
    fractions : (f, z, y, x) array
        Atomic fractions of the families' elements [1].
    families : sequence of str
        One family for each element.
    angles_deg : (t,) array
        Tilt angles [deg].
    absorber : Absorber
    rotation_axis_px : float, optional
        As in the reconstruction [px].

    Returns
    -------
    transmission : (f, t, y, x) array of float32
        1 along rays that miss the particle.

    Raises
    ------
    WrongShape, UnknownLine, EmptyMask, InvalidSetting
    """
    elements = [line_family(name).element for name in families]
    densities = partial_densities(fractions, elements, density_g_cm3=absorber.density_g_cm3, unseen=absorber.unseen)
    n_z, n_y, n_x = np.shape(absorber.density_g_cm3)
    if n_z != n_x:
        raise WrongShape(f"the volume {(n_z, n_y, n_x)} is not as deep as wide: give one of a reconstruction")
    angles = np.asarray(angles_deg, np.float64)
    weights = absorber.detector_weights
    if weights is not None and np.shape(weights) != (len(angles), len(absorber.detectors)):
        raise WrongShape(f"detector weights {np.shape(weights)}: give one for each tilt and detector")
    box = bounding_box(np.asarray(absorber.density_g_cm3) > 0)
    attenuation = attenuation_per_voxel(
        {element: density[box] for element, density in densities.items()}, families, absorber.voxel_nm
    )
    emitted = np.stack([densities[element] for element in elements])
    found = np.ones((len(families), len(angles), n_y, n_x), np.float32)
    centre = (n_x - 1) / 2 if rotation_axis_px is None else rotation_axis_px
    for tilt, angle in enumerate(angles):
        share = None if weights is None else weights[tilt]
        seen = mean_transmission(attenuation, angle_deg=float(angle), detectors=absorber.detectors, weights=share)
        leaving = emitted.copy()
        leaving[:, *box] *= seen
        project = back_projection_matrix(angles[tilt : tilt + 1], n_x=n_x, rotation_axis_px=centre).T
        found[:, tilt] = [_ratio(project, out, made) for out, made in zip(leaving, emitted, strict=True)]
    return found


def _ratio(project: sparse.csr_array, leaving: Maps, made: Maps) -> Maps:
    """Return what leaves over what is made along each ray (y, x)."""
    below, above = project @ as_columns(made), project @ as_columns(leaving)
    ratio = np.divide(above, below, out=np.ones_like(below), where=below > 1e-6 * max(float(below.max()), 1e-30))
    return np.asarray(ratio.T)


def bounding_box(inside: NDArray[np.bool_]) -> tuple[slice, slice, slice]:
    """
    Return the smallest box that holds all of a mask.

    Raises
    ------
    EmptyMask
    """
    if not inside.any():
        raise EmptyMask("the density is zero everywhere: check the dark-field volume and its mask")
    ends = [np.flatnonzero(inside.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    z, y, x = (slice(int(places[0]), int(places[-1]) + 1) for places in ends)
    return z, y, x
