"""Choosing tilts of a series, and taking its background off."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.otsu import GreyHistogram, otsu_thresholds
from lithoscope.numerics.tomography.checks import checked_pixels, checked_tilts
from lithoscope.numerics.tomography.errors import MissingTilt
from lithoscope.tables import Table

#: The threshold bites into the soft rim of an object; so wide a rim is not counted as background.
RIM_PX = 3

BackgroundLevel = Literal["outside_object", "lowest", "value"]


class BackgroundRemoved(NamedTuple):
    """A tilt series without background, and what was taken off each tilt."""

    tilt_series: NDArray[np.float32]
    levels: Table


def pick_tilts(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    first_deg: float,
    last_deg: float,
    step_deg: float,
    tolerance_deg: float,
) -> LabelledArray:
    """
    Take evenly spaced tilts out of a series.

    Parameters
    ----------
    projections : (t, y, x) array
    angles_deg : (t,) array
        Tilt angles [deg] in any order.
    first_deg, last_deg, step_deg : float
        The wanted angles: first, first + step, ... up to and including last [deg].
    tolerance_deg : float
        How far a tilt may be from the wanted angle [deg]; the nearest is taken, the first of equals.

    Returns
    -------
    tilt_series : LabelledArray
        (t, y, x) of the given values, with the angles the tilts really have.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues
    MissingTilt
        Names the wanted angle.
    InvalidSetting
        The last angle is below the first, or the tolerance reaches the next wanted angle.
    """
    images, angles = checked_tilts(projections, angles_deg)
    if last_deg < first_deg or step_deg <= 0:
        raise InvalidSetting("the wanted tilts run from first_deg up to last_deg by a positive step_deg: correct them")
    if 2 * tolerance_deg >= step_deg:
        raise InvalidSetting("tolerance_deg must stay below half of step_deg, or one tilt would be taken twice")
    wanted = first_deg + step_deg * np.arange(int((last_deg - first_deg) / step_deg + 1e-9) + 1)
    distance = abs(angles[None, :] - wanted[:, None])
    picked = np.argmin(distance, axis=1)
    missing = distance[np.arange(len(wanted)), picked] > tolerance_deg
    if missing.any():
        raise MissingTilt(
            f"the series has no tilt at {wanted[missing][0]:.2f} deg: widen tolerance_deg or choose angles it has"
        )
    return LabelledArray(
        images[picked], "tyx", coordinates={"t": angles[picked]}, kind="tilt_series", name="tilt_series"
    )


def subtract_background(
    projections: ArrayLike, angles_deg: ArrayLike, *, level: BackgroundLevel, value_counts: float = 0.0
) -> BackgroundRemoved:
    """
    Take the level of the empty field off every tilt.

    A detector's dark level is not the projection of any object: left in, it becomes a shell at the edge of the volume.

    Parameters
    ----------
    projections : (t, y, x) array
        Intensities [counts].
    angles_deg : (t,) array
        Tilt angles [deg].
    level : {"outside_object", "lowest", "value"}
        Median away from what each tilt's Otsu threshold selects, lowest pixel of each tilt, or `value_counts`.
    value_counts : float
        The level if it is known [counts].

    Returns
    -------
    tilt_series : (t, y, x) array of float32
        Noise around zero stays, negative values included: clipping it would raise the mean.
    levels : Table
        What was taken off each tilt [counts].

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues
    """
    images, angles = checked_pixels(projections, angles_deg)
    if level == "value":
        levels = np.full(len(images), value_counts)
    elif level == "lowest":
        levels = images.min(axis=(1, 2)).astype(np.float64)
    else:
        levels = np.array([_median_outside(image) for image in images])
    removed = images - levels.astype(np.float32)[:, None, None]
    columns = {"tilt": list(range(len(images))), "angle_deg": angles.tolist(), "level_counts": levels.tolist()}
    return BackgroundRemoved(removed, Table(columns, {"tilt": "1", "angle_deg": "deg", "level_counts": "counts"}))


def _median_outside(image: NDArray[np.float32]) -> float:
    """Return the median of an image away from what its Otsu threshold selects."""
    from scipy import ndimage

    if image.min() == image.max():
        return float(image.min())
    bright = image > otsu_thresholds(GreyHistogram.of(image), 2)[0]
    outside = ~ndimage.binary_dilation(bright, iterations=RIM_PX)
    return float(np.median(image[outside if outside.any() else ~bright]))
