"""
Turning and shifting at once, for series whose tilt axis does not run along y.

A turn is three shears, and a shear shifts every row or column by its own amount: by Fourier interpolation like any
shift, which the shift of the alignment joins. So the pixels are interpolated by nothing that blurs them.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues
from lithoscope.numerics.tomography.shifting import apply_shifts, checked_shifts, shift_matrix
from lithoscope.numerics.tomography.turning import SMALLEST_TURN_DEG

Float = NDArray[np.float64]


def turn_and_shift(
    images: Iterable[ArrayLike], shifts_px: ArrayLike, *, tilt_axis_deg: float, variances: bool = False
) -> Iterator[NDArray[np.float32]]:
    """
    Turn raw images as `turn_series` does, and shift them by what `align` found on the turned ones, one after the other.

    Parameters
    ----------
    images : iterable of (y, x, ...) arrays
        Raw images, with whatever their pixels carry; one per shift.
    shifts_px : (t, 2) array
        Where each turned image goes, (y, x), positive towards higher index [px].
    tilt_axis_deg : float
        From the y axis of the images to the tilt axis, positive from +y towards -x [deg].
    variances : bool
        The values are variances of uncorrelated pixels: the squared weights apply.

    Yields
    ------
    image : (y, x, ...) array of float32
        Values from outside the field are those at its edge.

    Raises
    ------
    WrongShape
    NonFiniteValues
        The image is named.
    InvalidSetting
        The angle is beyond half a turn.
    """
    if not abs(tilt_axis_deg) <= 180:
        raise InvalidSetting("the tilt axis lies at most half a turn from y: give tilt_axis_deg from -180 to 180")
    quarters = round(tilt_axis_deg / 90)
    rest = np.deg2rad(tilt_axis_deg - 90 * quarters)
    for tilt, (image, shift) in enumerate(zip(images, checked_shifts(shifts_px), strict=True)):
        values = np.rot90(np.asarray(image, np.float32), quarters)
        if not np.isfinite(values).all():
            raise NonFiniteValues(f"tilt {tilt} holds NaN or infinite values, which a turn would spread: repair it")
        if abs(rest) <= np.deg2rad(SMALLEST_TURN_DEG):
            yield apply_shifts(values[None], shift[None], variances=variances)[0]
        else:
            yield _sheared(values, shift, float(rest), squared=variances)


def _sheared(image: NDArray[np.float32], shift: Float, turn: float, *, squared: bool) -> NDArray[np.float32]:
    """Turn about the middle of the field by three shears, in a field wide enough for what leaves it on the way."""
    n_y, n_x = image.shape[:2]
    lean = float(np.tan(turn / 2))
    margin_x = int(np.ceil(abs(lean) * n_y / 2 + abs(shift[1]))) + 1
    margin_y = int(np.ceil(abs(np.sin(turn)) * (n_x / 2 + margin_x) + abs(shift[0]))) + 1
    margins = ((margin_y, margin_y), (margin_x, margin_x), *[(0, 0)] * (image.ndim - 2))
    values = np.pad(image, margins, mode="edge")
    y = np.arange(values.shape[0]) - (values.shape[0] - 1) / 2
    x = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    values = _rows_moved(values, lean * y, squared=squared)
    values = _rows_moved(values.swapaxes(0, 1), shift[0] - np.sin(turn) * x, squared=squared).swapaxes(0, 1)
    values = _rows_moved(values, shift[1] + lean * (y - shift[0]), squared=squared)
    return np.ascontiguousarray(values[margin_y : margin_y + n_y, margin_x : margin_x + n_x])


def _rows_moved(values: NDArray[np.float32], shifts_px: Float, *, squared: bool) -> NDArray[np.float32]:
    """Shift each row of (row, pixel, ...) along its pixels by its own amount."""
    moved = np.empty(values.shape, np.float32)
    for row, shift_px in enumerate(shifts_px):
        matrix = shift_matrix(values.shape[1], float(shift_px))
        moved[row] = np.tensordot(matrix**2 if squared else matrix, values[row], axes=1)
    return moved
