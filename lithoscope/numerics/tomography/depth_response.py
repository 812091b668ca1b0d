"""How sharply a reconstruction shows a surface: a step is planted, projected and reconstructed like the data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import EmptyMask, InvalidSetting, WrongShape
from lithoscope.numerics.tomography.engines import Engine, volume_of
from lithoscope.numerics.tomography.projector import project
from lithoscope.numerics.tomography.wedge import covers
from lithoscope.units import Quantity

#: Width of the depth bins [voxel].
BIN_VOXELS = 0.5
#: Depths shown outside the step [voxel].
OUTSIDE_VOXELS = 12
#: Smoothing of the mask whose slope is the surface's direction [voxel].
SMOOTHING_VOXELS = 2.0

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DepthResponse:
    """
    What becomes of a planted step.

    Attributes
    ----------
    depth_nm : (depth,) array
        From the step, positive inwards [nm].
    response : (depth,) array
        Mean of the reconstruction at each depth, of a step from 0 to 1 [1].
    width_nm : Quantity
        From 10 to 90 % of the height inside [nm], over all directions of the surface.
    width_covered_nm, width_wedge_nm : Quantity
        The same where the surface faces directions of the tilt range, and of the missing wedge [nm].
    """

    depth_nm: Float
    response: Float
    width_nm: Quantity
    width_covered_nm: Quantity
    width_wedge_nm: Quantity


def depth_response(
    mask: ArrayLike,
    angles_deg: ArrayLike,
    *,
    engine: Engine,
    voxel_nm: float,
    below_surface_nm: float = 0.0,
    rotation_axis_px: float | None = None,
) -> DepthResponse:
    """
    Plant a step at or below the surface of a particle, and measure how wide the reconstruction makes it.

    The step passes through the same tilts and engine as the data, without noise: what is found limits any depth
    profile taken from them. Drawn on voxels it is 0.8 voxels wide itself.

    Parameters
    ----------
    mask : (z, y, x) array of bool
        The particle, as deep as wide.
    angles_deg : (t,) array
        Tilt angles [deg].
    engine : callable
        Reconstructs as ``engine(projections, angles_deg, rotation_axis_px=...)``, with the settings of the data.
    voxel_nm : float
        Edge of a voxel [nm].
    below_surface_nm : float
        How deep the step lies [nm].
    rotation_axis_px : float, optional
        Where the tilt axis falls on the detector [px].

    Returns
    -------
    response : DepthResponse
        Widths are unknown where the particle is too small to reach its height inside.

    Raises
    ------
    WrongShape, EmptyMask, TooFewTilts, AxisOutsideDetector
    InvalidSetting
        The voxel has no size, or the step lies outside the particle.
    """
    inside = _checked_particle(mask)
    if not (voxel_nm > 0 and below_surface_nm >= 0):
        raise InvalidSetting("give a positive voxel_nm, and below_surface_nm of 0 or more")
    depth = signed_depth(inside) - below_surface_nm / voxel_nm
    step = np.clip(depth + 0.5, 0, 1).astype(np.float32)
    if not step.any():
        raise InvalidSetting("the step lies deeper than the particle is thick: lower below_surface_nm")
    series = project(step, angles_deg, rotation_axis_px=rotation_axis_px)
    volume = volume_of(engine(series, np.asarray(angles_deg, np.float64), rotation_axis_px=rotation_axis_px))
    covered = _faces_covered(inside, angles_deg)
    curves = [edge_profile(volume, depth, where=where) for where in (np.ones_like(covered), covered, ~covered)]
    widths = [rise_width(curve[0] * voxel_nm, curve[1]) for curve in curves]
    return DepthResponse(curves[0][0] * voxel_nm, curves[0][1], *widths)


def signed_depth(mask: NDArray[np.bool_]) -> Float:
    """Return the distance of each voxel from the surface, positive inside [voxel]; the field's edge is outside."""
    padded = np.pad(mask, 1)
    inwards = ndimage.distance_transform_edt(padded)[1:-1, 1:-1, 1:-1]
    outwards = ndimage.distance_transform_edt(~mask)
    return np.asarray(np.where(mask, inwards - 0.5, 0.5 - outwards))


def edge_profile(values: NDArray[np.float32], depth_voxels: Float, *, where: NDArray[np.bool_]) -> tuple[Float, Float]:
    """
    Average a volume in bins of depth.

    Parameters
    ----------
    values, depth_voxels : (z, y, x) arrays
    where : (z, y, x) array of bool
        Voxels that count.

    Returns
    -------
    depth : (bin,) array
        Mean depth of each bin that has voxels, from 12 voxels outside inwards [voxel].
    mean : (bin,) array
    """
    used = where & (depth_voxels > -OUTSIDE_VOXELS)
    places = np.floor((depth_voxels[used] + OUTSIDE_VOXELS) / BIN_VOXELS).astype(np.int64)
    count = np.bincount(places)
    filled = count > 0
    sums = (np.bincount(places, weights)[filled] for weights in (depth_voxels[used], values[used].astype(np.float64)))
    depth, mean = (total / count[filled] for total in sums)
    return depth, mean


def rise_width(depth: Float, response: Float) -> Quantity:
    """
    Measure the depth over which a curve rises from a tenth to nine tenths of its height inside.

    The height is the median over the deeper half of the inside; the crossings are those nearest the step.

    Parameters
    ----------
    depth : (n,) array
        Rising, 0 at the step [nm].
    response : (n,) array

    Returns
    -------
    width : Quantity
        [nm]
    """
    deep = depth > depth[-1] / 2 if depth.size and depth[-1] > 0 else np.zeros(depth.shape, bool)
    height = float(np.median(response[deep])) if deep.sum() >= 2 else 0.0
    if height <= 0:
        return Quantity.unknown("nm", "too few voxels inside to tell the height of the step")
    high, low = np.flatnonzero(response >= 0.9 * height), np.flatnonzero(response <= 0.1 * height)
    if not (high.size and low.size and (low < high[0]).any()):
        return Quantity.unknown("nm", "the curve does not rise from a tenth to nine tenths of its height")
    end = int(high[high > low[low < high[0]][0]][0])
    start = int(low[low < end][-1])
    places = [
        np.interp(part * height, np.maximum.accumulate(response[start : end + 1]), depth[start : end + 1])
        for part in (0.1, 0.9)
    ]
    return Quantity(float(places[1] - places[0]), "nm", "measured", note="planted step, without noise, 10 to 90 %")


def _checked_particle(mask: ArrayLike) -> NDArray[np.bool_]:
    """Return the mask as bool."""
    inside: NDArray[np.bool_] = np.asarray(mask).astype(bool, copy=False)
    if inside.ndim != 3 or inside.shape[0] != inside.shape[2] or 0 in inside.shape:
        raise WrongShape(f"a mask of shape {inside.shape}: give (z, y, x), as deep as wide")
    if not inside.any():
        raise EmptyMask("the mask selects no voxel: a step needs a particle to be planted in")
    return inside


def _faces_covered(mask: NDArray[np.bool_], angles_deg: ArrayLike) -> NDArray[np.bool_]:
    """Say for each voxel whether the nearest surface faces a direction that the tilts measure."""
    soft = ndimage.gaussian_filter(signed_depth(mask), SMOOTHING_VOXELS)
    slope_z, _, slope_x = np.gradient(soft)
    return covers(angles_deg, np.rad2deg(np.arctan2(slope_z, slope_x)))
