"""What a tilt series must be before anything is computed from it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.errors import ScienceError
from lithoscope.numerics.common import EmptyMask, NonFiniteValues, WrongShape
from lithoscope.numerics.tomography.errors import (
    AxisOutsideDetector,
    EmptyProjection,
    TiltCountMismatch,
    TooFewTilts,
)

#: Two tilts nearer than this are one direction [deg].
SAME_TILT_DEG = 1e-3
FEWEST_TILTS = 3


def checked_tilts(projections: ArrayLike, angles_deg: ArrayLike) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """
    Return a series with its angles as float64, or say what is wrong with its shape or angles.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues
    """
    images, angles = np.asarray(projections), np.asarray(angles_deg, np.float64)
    if images.ndim != 3 or 0 in images.shape:
        raise WrongShape(f"projections have shape {images.shape}: give a series (tilt, y, x) with at least one pixel")
    if angles.shape != (len(images),):
        raise TiltCountMismatch(
            f"{len(images)} projections came with {angles.size} angles: give one tilt angle per projection"
        )
    if not np.isfinite(angles).all():
        tilt = int(np.flatnonzero(~np.isfinite(angles))[0])
        raise NonFiniteValues(f"the angle of tilt {tilt} is not a finite number: correct it or exclude the tilt")
    return images, angles


def checked_pixels(projections: ArrayLike, angles_deg: ArrayLike) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """
    Return a series as float32 whose every pixel is a number.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues
    """
    images, angles = checked_tilts(projections, angles_deg)
    with np.errstate(over="ignore"):
        images = images.astype(np.float32, copy=False)
    bad = np.array([not np.isfinite(image).all() for image in images])
    if bad.any():
        raise NonFiniteValues(
            f"{tilt_name(angles, bad)} holds NaN or infinite values: repair dead pixels or exclude the tilt"
        )
    return images, angles


def checked_series(projections: ArrayLike, angles_deg: ArrayLike) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """
    Return a series fit for reconstruction.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection
    """
    images, angles = checked_pixels(projections, angles_deg)
    distinct = len(np.unique(same_direction(angles)))
    if distinct < FEWEST_TILTS:
        raise TooFewTilts(
            f"the series has {distinct} distinct tilts: a reconstruction needs at least {FEWEST_TILTS} directions"
        )
    empty = np.array([not image.any() for image in images])
    if empty.any():
        raise EmptyProjection(f"{tilt_name(angles, empty)} has no signal at all: exclude this tilt from the series")
    return images, angles


def checked_maps(
    projections: Sequence[ArrayLike] | NDArray[Any], angles_deg: ArrayLike, *, names: Sequence[str] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """
    Return several series of one geometry as one array (map, t, y, x), or say which map is unfit and why.

    Parameters
    ----------
    projections : (map, t, y, x) array, or one series (t, y, x) per map
    angles_deg : (t,) array
        Tilt angles [deg].
    names : sequence of str, optional
        What the maps are called; they are numbered otherwise.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection
    """
    if len(projections) == 0:
        raise WrongShape("there is no map to reconstruct: give at least one series (tilt, y, x)")
    series, angles = [], np.empty(0)
    for number, each in enumerate(projections):
        try:
            images, angles = checked_series(each, angles_deg)
        except ScienceError as refusal:
            if len(projections) == 1:
                raise
            name = f"map {number}" if names is None else f"map {names[number]}"
            raise type(refusal)(f"{name}: {refusal}") from refusal
        series.append(images)
    if len({images.shape for images in series}) > 1:
        raise WrongShape("the maps of a series differ in shape: give images of one size, tilt by tilt")
    return np.stack(series), angles


def tilt_name(angles_deg: NDArray[np.float64], which: NDArray[np.bool_]) -> str:
    """Name the first tilt that `which` marks."""
    tilt = int(np.flatnonzero(which)[0])
    return f"tilt {tilt} ({angles_deg[tilt]:.1f} deg)"


def same_direction(angles_deg: NDArray[np.float64]) -> NDArray[np.intp]:
    """
    Number the distinct beam directions of a series.

    Opposite tilts (180 degrees apart) are mirror images of one direction.

    Returns
    -------
    direction : (tilt,) array of int
        Equal for tilts that look along the same line, rising with the angle modulo 180 degrees.
    """
    folded = np.mod(angles_deg + SAME_TILT_DEG / 2, 180.0)
    order = np.argsort(folded, kind="stable")
    direction = np.empty(len(folded), np.intp)
    direction[order] = np.cumsum(np.diff(folded[order], prepend=folded[order[0]]) > SAME_TILT_DEG)
    return direction


def checked_axis(rotation_axis_px: float | None, n_x: int) -> float:
    """
    Return the detector place of the tilt axis [px], the middle of the field if none is given.

    Raises
    ------
    AxisOutsideDetector
    """
    if rotation_axis_px is None:
        return (n_x - 1) / 2
    if not 0 <= rotation_axis_px <= n_x - 1:
        raise AxisOutsideDetector(
            f"the tilt axis misses the detector of {n_x} pixels: give rotation_axis_px between 0 and {n_x - 1}"
        )
    return float(rotation_axis_px)


def checked_mask(mask: ArrayLike | None, shape: tuple[int, int, int]) -> NDArray[np.bool_] | None:
    """
    Return the mask as (z, y, x) bool.

    Raises
    ------
    WrongShape, EmptyMask
    """
    if mask is None:
        return None
    inside: NDArray[Any] = np.asarray(mask).astype(bool, copy=False)
    if inside.shape != shape:
        raise WrongShape(f"the mask has shape {inside.shape}, the volume {shape} (z, y, x): give a mask of the volume")
    if not inside.any():
        raise EmptyMask("the mask selects no voxel: lower its threshold or leave it out")
    return inside


def checked_start(start: ArrayLike | None, shape: tuple[int, int, int]) -> NDArray[np.float32] | None:
    """
    Return the volume to go on from as (z, y, x) float32.

    Raises
    ------
    WrongShape, NonFiniteValues
    """
    if start is None:
        return None
    volume: NDArray[np.float32] = np.asarray(start, np.float32)
    if volume.shape != shape:
        raise WrongShape(
            f"the volume to go on from has shape {volume.shape}, the new one {shape} (z, y, x): leave it out"
        )
    if not np.isfinite(volume).all():
        raise NonFiniteValues("the volume to go on from holds values that are not finite: leave it out")
    return volume
