"""Finding the tilt axis: its direction from the common lines, its place from what a volume leaves unexplained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, silent
from lithoscope.numerics.tomography.alignment import isolated, reaches_border, refuse_empty
from lithoscope.numerics.tomography.checks import checked_axis, checked_series
from lithoscope.numerics.tomography.common_lines import common_lines, match_lines
from lithoscope.numerics.tomography.engines import Engine, volume_of
from lithoscope.numerics.tomography.masks import checked_masks
from lithoscope.numerics.tomography.projector import project
from lithoscope.units import Quantity

Float = NDArray[np.float64]

#: Tried values on either side of the best that the parabola through the minimum is fitted to.
PARABOLA_HALF_WIDTH = 3
#: Slices of the volume that a search of the axis' place reconstructs: it is the same in all.
ROWS = 8
DIRECTION_NOTE = "direction about which the common lines agree best"
LEAVES_FIELD = "; the mask reaches the edge of the field, so this may be wrong by more than its uncertainty"


@dataclass(frozen=True, slots=True, eq=False)
class AxisSearch:
    """
    What was tried and what disagreed least.

    Attributes
    ----------
    best : Quantity
        The lowest point of a parabola about the best of the tried [deg or px]; its uncertainty from how much the tilts
        differ. Unknown where the lowest is at the end of the range, or nothing tells the tried apart.
    tried : (n,) array
        In the unit of `best`.
    disagreement : (n,) array
        Part of the summed squares that is left unexplained at each [1].
    """

    best: Quantity
    tried: Float
    disagreement: Float


def find_tilt_axis(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    masks: ArrayLike | None = None,
    around_deg: float = 0.0,
    half_range_deg: float = 5.0,
    step_deg: float = 0.25,
    progress: Progress | None = None,
) -> AxisSearch:
    """
    Find the direction of the tilt axis in the images: about it, the sums across are alike at all tilts.

    The sums tell little of an object that its turn about the beam leaves nearly as it is (the uncertainty then grows
    to a degree and more), and they mislead where the object leaves the field or the masks cut it.

    Parameters
    ----------
    projections : (t, y, x) array
        Raw intensities; they need not be aligned [counts].
    angles_deg : (t,) array
        Tilt angles [deg].
    masks : (t, y, x) array of bool, optional
        Where the whole object is; the median outside is taken off.
    around_deg, half_range_deg, step_deg : float
        Directions tried: `around_deg` and so far to either side of it [deg].
    progress : callable, optional
        Called as ``progress(done, total, disagreement=...)``.

    Returns
    -------
    search : AxisSearch
        Its `best` is the `tilt_axis_deg` of `turn_series` [deg]: from +y of the images towards -x.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask, InvalidSetting
    """
    images, angles = checked_series(projections, angles_deg)
    inside = checked_masks(masks, images.shape)
    _, objects = isolated(images, inside, measured=masks is not None)
    refuse_empty(images, objects, angles)
    tried = _range(around_deg, half_range_deg, step_deg)
    reference, period_px = int(np.argmin(abs(angles))), 2 * max(images.shape[1:])
    spreads, report = np.full((len(tried), len(angles)), np.nan), progress or silent
    for place, direction in enumerate(tried):
        lines = common_lines(objects, tilt_axis_deg=float(direction))
        spreads[place] = match_lines(lines, reference=reference, period_px=period_px).spread
        if not report(place + 1, len(tried), disagreement=float(spreads[place].mean())):
            break
    done = np.isfinite(spreads[:, 0])
    note = DIRECTION_NOTE + LEAVES_FIELD * bool(reaches_border(inside).any())
    best = lowest(tried[done], spreads[done], unit="deg", note=note)
    return AxisSearch(best, tried[done], spreads[done].mean(axis=1))


def find_axis_position(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    engine: Engine,
    around_px: float | None = None,
    half_range_px: float = 3.0,
    step_px: float = 0.5,
    progress: Progress | None = None,
) -> AxisSearch:
    """
    Find where the tilt axis falls on the detector: there, a volume explains most of the series.

    Needed where the centre of mass cannot tell, because the object leaves the field or the images must not be moved.

    Parameters
    ----------
    projections : (t, y, x) array
        Aligned series without background, the axis along y.
    angles_deg : (t,) array
        Tilt angles [deg].
    engine : callable
        Reconstructs as ``engine(projections, angles_deg, rotation_axis_px=...)``.
    around_px : float, optional
        Middle of the range [px]; ``(n - 1) / 2`` by default.
    half_range_px, step_px : float
        Places tried, to either side [px].
    progress : callable, optional
        Called as ``progress(done, total, disagreement=...)``.

    Returns
    -------
    search : AxisSearch
        Its `best` is the `rotation_axis_px` of the engines [px].

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, AxisOutsideDetector, InvalidSetting
    """
    images, angles = checked_series(projections, angles_deg)
    tried = _range(checked_axis(around_px, images.shape[2]), half_range_px, step_px)
    for end in (tried[0], tried[-1]):
        checked_axis(float(end), images.shape[2])
    left, report = np.full((len(tried), len(angles)), np.nan), progress or silent
    for place, axis_px in enumerate(tried):
        left[place] = _unexplained(images, angles, engine, rotation_axis_px=float(axis_px))
        if not report(place + 1, len(tried), disagreement=float(left[place].mean())):
            break
    done = np.isfinite(left[:, 0])
    best = lowest(tried[done], left[done], unit="px", note="place from which a volume explains most of the series")
    return AxisSearch(best, tried[done], left[done].mean(axis=1))


def lowest(tried: Float, costs: Float, *, unit: str, note: str) -> Quantity:
    """
    Find the lowest point of a cost that is a mean over tilts.

    Parameters
    ----------
    tried : (n,) array
        Evenly spaced, rising.
    costs : (n, t) array
        Cost of each tilt at each.
    unit : str
    note : str
        What the lowest point means.

    Returns
    -------
    best : Quantity
        With the standard uncertainty from the scatter of the tilts' own slopes.
    """
    mean = costs.mean(axis=1)
    middle = int(np.argmin(mean))
    if not 0 < middle < len(tried) - 1:
        return Quantity.unknown(unit, "the best lies at the end of the range: move or widen the range")
    near = slice(max(0, middle - PARABOLA_HALF_WIDTH), middle + PARABOLA_HALF_WIDTH + 1)
    slope, curvature = np.polynomial.polynomial.polyfit(tried[near] - tried[middle], costs[near], 2)[1:]
    if curvature.mean() <= 0:
        return Quantity.unknown(unit, "nothing tells the tried values apart: the object looks alike at all of them")
    offset = -slope.mean() / (2 * curvature.mean())
    own = slope + 2 * curvature * offset
    tilts = costs.shape[1]
    uncertainty = float(np.std(own, ddof=1) / np.sqrt(tilts) / (2 * curvature.mean()))
    if abs(offset) > tried[near][-1] - tried[near][0] or uncertainty > (tried[-1] - tried[0]) / 4:
        return Quantity.unknown(unit, "nothing tells the tried values apart: the object looks alike at all of them")
    return Quantity(float(tried[middle] + offset), unit, "measured", uncertainty=uncertainty, note=note)


def _unexplained(images: NDArray[np.float32], angles_deg: Float, engine: Engine, *, rotation_axis_px: float) -> Float:
    """Return the squares that a volume of few slices leaves unexplained of each tilt, relative to the mean tilt's."""
    parts = np.array_split(images, min(ROWS, images.shape[1]), axis=1)
    rows = np.stack([part.sum(axis=1) for part in parts], axis=1)
    volume = volume_of(engine(rows, angles_deg, rotation_axis_px=rotation_axis_px))
    left = (project(volume, angles_deg, rotation_axis_px=rotation_axis_px) - rows).astype(np.float64)
    return np.asarray(np.sum(left**2, axis=(1, 2)) / np.mean(np.sum(rows.astype(np.float64) ** 2, axis=(1, 2))))


def _range(around: float, half_range: float, step: float) -> Float:
    """
    Return values to either side of one, itself included.

    Raises
    ------
    InvalidSetting
    """
    if not 0 < step <= half_range:
        raise InvalidSetting("a search needs a positive step not longer than half its range: correct the two")
    reach = int(half_range / step + 1e-9)
    return np.asarray(around + step * np.arange(-reach, reach + 1), np.float64)
