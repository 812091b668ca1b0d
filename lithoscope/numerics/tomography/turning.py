"""Turning a tilt series so that its tilt axis runs along y, and finding where the axis falls."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.tomography.checks import checked_series
from lithoscope.units import Quantity

#: A turn by less leaves the pixels as they are [deg].
SMALLEST_TURN_DEG = 1e-3
FEWEST_TILTS_FOR_AXIS = 4
AXIS_NOTE = "from the centre of mass over all tilts: right only if the object stays in the field and does not drift"


class TurnedSeries(NamedTuple):
    """A tilt series whose tilt axis runs along y, and the detector column where the axis falls."""

    tilt_series: NDArray[np.float32]
    rotation_axis: Quantity


def turn_series(projections: ArrayLike, angles_deg: ArrayLike, *, tilt_axis_deg: float) -> TurnedSeries:
    """
    Turn every image so that the tilt axis runs along y, as reconstructions take it.

    Quarter turns move whole pixels; the rest is interpolated linearly, and pixels from outside the field take the value
    at its edge. Pixels must be square.

    Parameters
    ----------
    projections : (t, y, x) array
        Intensities without background.
    angles_deg : (t,) array
        Tilt angles [deg].
    tilt_axis_deg : float
        From the y axis of the images to the tilt axis, positive from +y towards -x: counter-clockwise where y points
        up, as SerialEM and IMOD state it [deg]. An axis pointing the other way (180 deg more) gives the mirror image of
        the volume, and nothing in the series tells the two apart.

    Returns
    -------
    turned : TurnedSeries
        The axis is unknown where fewer than four directions were taken or the object has no mass.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection
    InvalidSetting
        The angle is beyond half a turn.
    """
    from scipy import ndimage

    images, angles = checked_series(projections, angles_deg)
    if not abs(tilt_axis_deg) <= 180:
        raise InvalidSetting("the tilt axis lies at most half a turn from y: give tilt_axis_deg from -180 to 180")
    quarters = round(tilt_axis_deg / 90)
    rest = tilt_axis_deg - 90 * quarters
    turned = np.ascontiguousarray(np.rot90(images, quarters, axes=(1, 2)))
    if abs(rest) > SMALLEST_TURN_DEG:
        turned = ndimage.rotate(turned, rest, axes=(2, 1), reshape=False, order=1, mode="nearest")
    return TurnedSeries(turned, axis_from_mass(turned, angles))


def axis_from_mass(images: NDArray[np.float32], angles_deg: NDArray[np.float64]) -> Quantity:
    """
    Find the detector column of the tilt axis about which the centre of mass turns.

    The centre of mass of every image lies at ``axis + x cos t + z sin t``; the three are fitted by least squares.

    Returns
    -------
    axis : Quantity
        Column [px] with its standard uncertainty from the scatter about the fit.
    """
    light = images.sum(axis=1, dtype=np.float64)
    turn = np.deg2rad(angles_deg)
    model = np.stack([np.ones_like(turn), np.cos(turn), np.sin(turn)], axis=1)
    if len(np.unique(angles_deg)) < FEWEST_TILTS_FOR_AXIS or np.linalg.matrix_rank(model) < model.shape[1]:
        return Quantity.unknown("px", "too few tilts to see the centre of mass turn")
    if light.sum(axis=1).min() <= 0:
        return Quantity.unknown("px", "an image is no brighter than its background: it has no centre of mass")
    centre = light @ np.arange(images.shape[2]) / light.sum(axis=1)
    fitted = np.linalg.lstsq(model, centre, rcond=None)[0]
    variance = np.sum((centre - model @ fitted) ** 2) / (len(centre) - model.shape[1])
    uncertainty = float(np.sqrt(variance * np.linalg.inv(model.T @ model)[0, 0]))
    return Quantity(float(fitted[0]), "px", "measured", uncertainty=uncertainty, note=AXIS_NOTE)
