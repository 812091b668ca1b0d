"""Finer alignment as tables and figures: images moved to where a volume projects, and the tilt axis searched."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress
from lithoscope.numerics.tomography.alignment import Alignment, isolated, reaches_border
from lithoscope.numerics.tomography.alignment_report import (
    ANGLE,
    SHIFT_X,
    SHIFT_Y,
    SHIFTS_PLOT,
    cleaned,
    shifts_of,
)
from lithoscope.numerics.tomography.axis_search import AxisSearch, find_axis_position, find_tilt_axis
from lithoscope.numerics.tomography.checks import checked_axis, checked_pixels
from lithoscope.numerics.tomography.map_engines import EngineName, map_engine
from lithoscope.numerics.tomography.masks import checked_masks
from lithoscope.numerics.tomography.matching import match_projections
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.numerics.tomography.turning import turn_series
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

Searched = Literal["direction", "position", "both"]
#: Bins that matching goes through from the coarsest down.
BINS = (8, 4, 2, 1)
#: Refinement that moves an image further than this is told [px].
LARGE_MOVE_PX = 1.0


class MatchedSeries(NamedTuple):
    """
    A series whose images lie where a volume of all of them projects.

    Attributes
    ----------
    tilt_series : (t, y, x) array of float32
        The raw series, background included, each image moved once.
    clean : (t, y, x) array of float32
        The same without background, zero outside the moved masks.
    moved_masks : (t, y, x) array of uint8 or None
    shifts : Table
        As an alignment's: shift of each raw image, to be applied verbatim to all other channels.
    steps : Table
        Longest step and what was left unexplained at every iteration.
    residual : Quantity
        What the last volume left unexplained, as root of sums of squares [1].
    notes : tuple of str
    """

    tilt_series: NDArray[np.float32]
    clean: NDArray[np.float32]
    moved_masks: NDArray[np.uint8] | None
    shifts: Table
    steps: Table
    residual: Quantity
    notes: tuple[str, ...]


def match_series(
    projections: ArrayLike,
    shifts: Table,
    angles_deg: ArrayLike,
    *,
    masks: ArrayLike | None = None,
    engine: EngineName,
    engine_iterations: int,
    coarsest_bin: int,
    iterations: int,
    largest_step_px: float,
    tolerance_px: float,
    rotation_axis_px: float | None = None,
    progress: Progress | None = None,
) -> MatchedSeries:
    """
    Refine the shifts of an alignment as `match_projections` does, and move the raw series by them.

    Parameters
    ----------
    projections : (t, y, x) array
        Raw intensities [counts].
    shifts : Table
        Of the alignment to start from.
    angles_deg : (t,) array
        Tilt angles [deg].
    masks : (t, y, x) array of bool, optional
        Where the object is in the raw images.
    engine : {"genfire", "sirt", "sart", "fbp", "resire"}
    engine_iterations : int
        Of each reconstruction.
    coarsest_bin : {1, 2, 4, 8}
        Pixels summed along each edge at the first level; halved level by level.
    iterations, largest_step_px, tolerance_px
        As for `match_projections`, which also says what is refused.
    rotation_axis_px : float, optional
        Where the alignment put the tilt axis [px].

    Returns
    -------
    MatchedSeries
    """
    if coarsest_bin not in BINS:
        raise InvalidSetting("levels halve down to single pixels: coarsest_bin is 1, 2, 4 or 8")
    images, angles = checked_pixels(projections, angles_deg)
    axis_px = checked_axis(rotation_axis_px, images.shape[2])
    levels, _ = isolated(images, checked_masks(masks, images.shape), measured=masks is not None)
    before = shifts_of(shifts, angles)
    start = Alignment(before, axis_px, levels, np.full(len(angles), np.nan), np.nan, ())
    found = match_projections(
        images,
        angles,
        start,
        engine=map_engine(engine, iterations=engine_iterations).of_series(),
        masks=masks,
        bins=[each for each in BINS if each <= coarsest_bin],
        iterations=iterations,
        largest_step_px=largest_step_px,
        tolerance_px=tolerance_px,
        progress=progress,
    )
    moved = apply_shifts(images, found.alignment.shifts_px)
    clean, moved_masks = cleaned(moved, found.alignment, masks)
    return MatchedSeries(
        tilt_series=moved,
        clean=clean,
        moved_masks=moved_masks,
        shifts=_shift_table(angles, before, found.alignment),
        steps=_step_table(found.longest_step_px, found.residual),
        residual=Quantity(float(found.residual[-1]), "1", "measured", note="of the last volume, over the series"),
        notes=_notes(angles, found.alignment.shifts_px - before),
    )


def _shift_table(angles: NDArray[np.float64], before: NDArray[np.float64], found: Alignment) -> Table:
    columns: dict[str, list[Any]] = {
        "tilt": list(range(len(angles))),
        ANGLE: angles.tolist(),
        SHIFT_Y: found.shifts_px[:, 0].tolist(),
        SHIFT_X: found.shifts_px[:, 1].tolist(),
        "refined_by_y_px": (found.shifts_px - before)[:, 0].tolist(),
        "refined_by_x_px": (found.shifts_px - before)[:, 1].tolist(),
        "background_counts": found.background_counts.tolist(),
    }
    units = dict(zip(columns, ("1", "deg", "px", "px", "px", "px", ""), strict=True))
    return Table(columns, units, SHIFTS_PLOT)


def _step_table(longest_px: NDArray[np.float64], residual: NDArray[np.float64]) -> Table:
    columns: dict[str, list[Any]] = {
        "iteration": list(range(1, len(residual) + 1)),
        "residual": residual.tolist(),
        "longest_step_px": longest_px.tolist(),
    }
    plot = Plot(
        "iteration",
        (Line("residual", title="left unexplained"),),
        title="Projection matching",
        x_title="iteration",
        y_title="residual",
    )
    return Table(columns, {"iteration": "1", "residual": "1", "longest_step_px": "px"}, plot)


def _notes(angles: NDArray[np.float64], moved_px: NDArray[np.float64]) -> tuple[str, ...]:
    far = np.linalg.norm(moved_px, axis=1)
    worst = int(np.argmax(far))
    if far[worst] <= LARGE_MOVE_PX:
        return ()
    words = f"tilt {worst} ({angles[worst]:.1f} deg) moved by {far[worst]:.1f} px from where its alignment had put it"
    return (f"matching: {words}: see whether the object leaves the field there, or keep the alignment",)


class SearchedAxis(NamedTuple):
    """
    The tilt axis as a search found it.

    Attributes
    ----------
    direction : Quantity or None
        From +y of the images towards -x [deg]; None if it was not searched.
    position : Quantity or None
        Where the axis falls on the detector, after a turn about the direction found [px]; None if not searched.
    directions, positions : Table or None
        What was tried and how much disagreed.
    notes : tuple of str
    """

    direction: Quantity | None
    position: Quantity | None
    directions: Table | None
    positions: Table | None
    notes: tuple[str, ...]


def search_axis(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    masks: ArrayLike | None = None,
    searched: Searched,
    around_deg: float,
    half_range_deg: float,
    step_deg: float,
    around_px: float | None,
    half_range_px: float,
    step_px: float,
    engine: EngineName,
    engine_iterations: int,
    progress: Progress | None = None,
) -> SearchedAxis:
    """
    Search direction and position of the tilt axis as `find_tilt_axis` and `find_axis_position` do.

    The position is searched after the images are turned about the direction found, if one is known.

    Parameters
    ----------
    projections : (t, y, x) array
        For the direction, raw images suffice; the position needs them aligned along the axis [counts].
    angles_deg : (t,) array
        Tilt angles [deg].
    masks : (t, y, x) array of bool, optional
        Where the object is; the median outside is taken off, and everything else.
    searched : {"direction", "position", "both"}
    around_deg, half_range_deg, step_deg
        As for `find_tilt_axis`.
    around_px, half_range_px, step_px
        As for `find_axis_position`.
    engine : {"genfire", "sirt", "sart", "fbp", "resire"}
    engine_iterations : int
        Of each reconstruction that tells the position.

    Returns
    -------
    SearchedAxis
    """
    if searched not in {"direction", "position", "both"}:
        raise InvalidSetting("the axis has a direction and a position: search direction, position or both")
    images, angles = checked_pixels(projections, angles_deg)
    direction = position = None
    if searched != "position":
        direction = find_tilt_axis(
            images,
            angles,
            masks=masks,
            around_deg=around_deg,
            half_range_deg=half_range_deg,
            step_deg=step_deg,
            progress=progress,
        )
    if searched != "direction":
        inside = checked_masks(masks, images.shape)
        _, objects = isolated(images, inside, measured=masks is not None)
        turn_deg = direction.best.value if direction is not None else None
        position = find_axis_position(
            objects if turn_deg is None else turn_series(objects, angles, tilt_axis_deg=turn_deg).tilt_series,
            angles,
            engine=map_engine(engine, iterations=engine_iterations).of_series(),
            around_px=around_px,
            half_range_px=half_range_px,
            step_px=step_px,
            progress=progress,
        )
    leaves = masks is not None and bool(reaches_border(checked_masks(masks, images.shape)).any())
    return SearchedAxis(
        direction=None if direction is None else direction.best,
        position=None if position is None else position.best,
        directions=None if direction is None else _tried(direction, "tilt_axis_deg", "deg", "direction of the axis"),
        positions=None if position is None else _tried(position, "rotation_axis_px", "px", "position of the axis"),
        notes=_axis_notes(direction, position, leaves=leaves),
    )


def _tried(search: AxisSearch, name: str, unit: str, words: str) -> Table:
    columns: dict[str, list[Any]] = {name: search.tried.tolist(), "disagreement": search.disagreement.tolist()}
    line = Line("disagreement", title="left unexplained", kind="points")
    plot = Plot(name, (line,), title=f"Search of the {words}", x_title=words, y_title="part of the squares")
    return Table(columns, {name: unit, "disagreement": "1"}, plot)


def _axis_notes(direction: AxisSearch | None, position: AxisSearch | None, *, leaves: bool) -> tuple[str, ...]:
    found = {"direction": direction, "position": position}
    notes = [
        f"tilt-axis-unknown: {search.best.note}"
        for search in found.values()
        if search is not None and search.best.value is None
    ]
    if leaves:
        notes.append(
            "tilt-axis: a mask reaches the edge of the field, so the object may leave it and mislead the search"
        )
    return tuple(notes)
