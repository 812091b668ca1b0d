"""Masks and alignment of a tilt series as tables and figures, and shifts given by a table."""

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.series import SeriesOfTilts, StoredSeries, is_stored
from lithoscope.numerics.tomography.alignment import Alignment, align
from lithoscope.numerics.tomography.checks import SAME_TILT_DEG
from lithoscope.numerics.tomography.errors import TiltCountMismatch, WrongShiftTable
from lithoscope.numerics.tomography.masks import SeriesMasks, otsu_masks
from lithoscope.numerics.tomography.masks import masked_off_fraction as cut_off_by
from lithoscope.numerics.tomography.shifting import apply_shifts, shift_masks, shifted_tilts
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

#: Columns of a table of shifts that `shift_series` reads.
SHIFT_Y, SHIFT_X, ANGLE = "shift_y_px", "shift_x_px", "angle_deg"
SHIFTS_PLOT = Plot(
    ANGLE,
    (Line(SHIFT_Y, title="along the tilt axis (y)"), Line(SHIFT_X, title="across it (x)")),
    title="Shift of every tilt",
    x_title="tilt angle",
    y_title="shift",
)
MASKED_OFF_PLOT = Plot(
    ANGLE,
    (Line("masked_off_fraction", title="masked off", kind="points"),),
    title="Intensity outside the masks",
    x_title="tilt angle",
    y_title="part of the intensity",
)


class MaskedSeries(NamedTuple):
    """
    Masks of a tilt series.

    Attributes
    ----------
    masks : (t, y, x) array of uint8
        1 on the object.
    tilts : Table
        Threshold, background and masked-off fraction of each tilt.
    masked_off : Quantity
        Largest masked-off fraction of all tilts [1].
    notes : tuple of str
    """

    masks: NDArray[np.uint8]
    tilts: Table
    masked_off: Quantity
    notes: tuple[str, ...]


def mask_series(
    projections: ArrayLike, angles_deg: ArrayLike, *, dilate_px: float, largest: bool = True, fill_holes: bool = True
) -> MaskedSeries:
    """
    Mask the object in each tilt as `otsu_masks` does, which describes parameters and refusals.

    Returns
    -------
    MaskedSeries
    """
    found = otsu_masks(projections, angles_deg=angles_deg, dilate_px=dilate_px, largest=largest, fill_holes=fill_holes)
    columns: dict[str, list[Any]] = {
        "tilt": list(range(len(found.masks))),
        ANGLE: _numbers(np.asarray(angles_deg)),
        "threshold_counts": _numbers(found.threshold_counts),
        "background_counts": _numbers(found.background_counts),
        "masked_off_fraction": _numbers(found.masked_off_fraction),
    }
    units = dict(zip(columns, ("1", "deg", "", "", "1"), strict=True))
    notes = _coded("mask", found.notes)
    return MaskedSeries(
        found.masks.astype(np.uint8), Table(columns, units, MASKED_OFF_PLOT), _largest(found.masked_off_fraction), notes
    )


class AlignedSeries(NamedTuple):
    """
    An aligned tilt series and how it was moved.

    Attributes
    ----------
    tilt_series : (t, y, x) array of float32
        The series as it was given, background included, each image moved once.
    clean : (t, y, x) array of float32
        The same without background, zero outside the moved masks: what a tomogram is made of.
    moved_masks : (t, y, x) array of uint8 or None
        Where the object is in the moved images; None if nothing was masked.
    shifts : Table
        Shift of each tilt, to be applied verbatim to all other channels, with what it was found from.
    rotation_axis : Quantity
        Where the tilt axis, along y, falls on the moved images [px].
    line_spread : Quantity
        What is left of the common lines' difference from their mean, over that mean, as squares [1].
    masked_off : Quantity
        Largest masked-off fraction of all tilts [1].
    notes : tuple of str
    """

    tilt_series: NDArray[np.float32]
    clean: NDArray[np.float32]
    moved_masks: NDArray[np.uint8] | None
    shifts: Table
    rotation_axis: Quantity
    line_spread: Quantity
    masked_off: Quantity
    notes: tuple[str, ...]


def align_series(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    masks: ArrayLike | None = None,
    masking: Literal["otsu", "whole_field"] = "otsu",
    dilate_px: float = 3.0,
    rotation_axis_px: float | None = None,
    mean_updates: int = 2,
) -> AlignedSeries:
    """
    Align a tilt series as `align` does and move it.

    Parameters
    ----------
    masks : (t, y, x) array of bool, optional
        Where the object is; else `masking` says what is measured.
    masking : {"otsu", "whole_field"}
        Masks by Otsu's threshold, or none: right only for a series without background.
    dilate_px : float
        How far Otsu's masks reach beyond what the threshold selects [px].
    rotation_axis_px, mean_updates
        As for `align`, which also says what is refused.

    Returns
    -------
    AlignedSeries
    """
    images = np.asarray(projections)
    made = None if masks is not None else _made_masks(images, angles_deg, masking, dilate_px)
    inside = made.masks if made is not None else masks
    found = align(images, angles_deg, masks=inside, rotation_axis_px=rotation_axis_px, mean_updates=mean_updates)
    cut_off = np.zeros(len(images))
    if inside is not None:
        bools = np.asarray(inside).astype(bool)
        cut_off = cut_off_by(np.asarray(images, np.float32), bools, background_counts=found.background_counts)
    columns: dict[str, list[Any]] = {
        "tilt": list(range(len(images))),
        ANGLE: _numbers(np.asarray(angles_deg)),
        SHIFT_Y: _numbers(found.shifts_px[:, 0]),
        SHIFT_X: _numbers(found.shifts_px[:, 1]),
        "background_counts": _numbers(found.background_counts),
        "line_correlation": _numbers(found.line_correlation),
        "masked_off_fraction": _numbers(cut_off),
    }
    units = dict(zip(columns, ("1", "deg", "px", "px", "", "1", "1"), strict=True))
    moved = apply_shifts(images, found.shifts_px)
    clean, moved_masks = cleaned(moved, found, inside)
    return AlignedSeries(
        tilt_series=moved,
        clean=clean,
        moved_masks=moved_masks,
        shifts=Table(columns, units, SHIFTS_PLOT),
        rotation_axis=Quantity(found.rotation_axis_px, "px", "measured", note="where the centre of mass was put"),
        line_spread=Quantity(found.line_spread, "1", "measured"),
        masked_off=_largest(cut_off),
        notes=(*_coded("mask", made.notes if made is not None else ()), *_coded("alignment", found.notes)),
    )


def shift_series(
    series: ArrayLike | StoredSeries,
    shifts: Table,
    angles_deg: ArrayLike,
    *,
    variances: bool = False,
    series_names: Sequence[str] = ("series",),
) -> NDArray[np.float32] | SeriesOfTilts:
    """
    Move a series by the shifts of a table, verbatim.

    Parameters
    ----------
    series : (t, y, x), (t, y, x, e) or (c, t, y, x) array, or stored series (t, y, x, e)
        Raw counts, not moved before.
    shifts : Table
        Columns ``shift_y_px`` and ``shift_x_px``, one row a tilt, and ``angle_deg`` to be sure of the tilts.
    angles_deg : (t,) array
        Tilt angles of the series [deg].
    variances : bool
        The values are variances of uncorrelated pixels, and so are the results.
    series_names : sequence of str
        One for each map: they tell maps (c, t, y, x) from spectra.

    Returns
    -------
    shifted : array of float32, or series that moves each tilt when it is asked for
        Of the shape of the series.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues
    WrongShiftTable
        The table has no shifts, or those of other tilts.
    """
    moves = shifts_of(shifts, angles_deg)
    if isinstance(series, StoredSeries) and is_stored(series):
        return _moved_when_asked(series, moves, variances=variances)
    values = np.asarray(series)
    if values.ndim == 4 and values.shape[:2] == (len(series_names), len(moves)):
        return np.stack([apply_shifts(each, moves, variances=variances) for each in values])
    return apply_shifts(values, moves, variances=variances)


def shifts_of(shifts: Table, angles_deg: ArrayLike) -> NDArray[np.float64]:
    """
    Read the shifts (t, 2) of a table, y before x [px].

    Raises
    ------
    WrongShiftTable
        The table has no shifts, or those of other tilts.
    """
    if missing := [name for name in (SHIFT_Y, SHIFT_X, ANGLE) if name not in shifts.columns]:
        raise WrongShiftTable(f"the table has no column {missing[0]}: give the shifts that an alignment made")
    given, angles = shifts.columns[ANGLE], np.asarray(angles_deg, np.float64)
    if any(value is None for name in (SHIFT_Y, SHIFT_X, ANGLE) for value in shifts.columns[name]):
        raise WrongShiftTable("the table leaves a shift or an angle empty: align the series again")
    if len(given) != len(angles) or not np.allclose(given, angles, rtol=0, atol=SAME_TILT_DEG):
        raise WrongShiftTable(
            f"the table has the shifts of {len(given)} tilts, the series has {len(angles)} tilts of other angles or "
            "another order: give the shifts of the series that was recorded together with it"
        )
    return np.stack([shifts.columns[SHIFT_Y], shifts.columns[SHIFT_X]], axis=1).astype(np.float64)


def _moved_when_asked(series: StoredSeries, shifts_px: NDArray[np.float64], *, variances: bool) -> SeriesOfTilts:
    """Shift the spectra of each tilt when they are asked for: the series need not be in memory."""
    if series.shape[0] != len(shifts_px):
        raise TiltCountMismatch(f"{series.shape[0]} tilts of spectra came with {len(shifts_px)} shifts: give one each")

    def moved(tilt: int) -> NDArray[np.float32]:
        return next(shifted_tilts([series[tilt]], shifts_px[tilt : tilt + 1], variances=variances))

    return SeriesOfTilts(moved, shape=series.shape, dtype=np.float32)


def cleaned(
    moved: NDArray[np.float32], found: Alignment, masks: ArrayLike | None
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
    """
    Take the background off moved images and all that lies outside the moved masks, if there are any.

    Parameters
    ----------
    moved : (t, y, x) array
    found : Alignment
        Its shifts moved them.
    masks : (t, y, x) array of bool or None
        Of the raw images.

    Returns
    -------
    clean : (t, y, x) array of float32
    moved_masks : (t, y, x) array of uint8 or None
    """
    clean: NDArray[np.float32] = moved - found.background_counts.astype(np.float32)[:, None, None]
    if masks is None:
        return clean, None
    inside = shift_masks(masks, found.shifts_px)
    return np.where(inside, clean, np.float32(0)), inside.astype(np.uint8)


def _made_masks(images: NDArray[Any], angles_deg: ArrayLike, masking: str, dilate_px: float) -> SeriesMasks | None:
    if masking not in {"otsu", "whole_field"}:
        raise InvalidSetting("masks come from Otsu's threshold or not at all: choose otsu or whole_field")
    return None if masking == "whole_field" else otsu_masks(images, angles_deg=angles_deg, dilate_px=dilate_px)


def _numbers(values: NDArray[Any]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]


def _largest(fractions: NDArray[np.float64]) -> Quantity:
    known = fractions[np.isfinite(fractions)]
    if not known.size:
        return Quantity.unknown("1", "no tilt has intensity above its background")
    return Quantity(float(known.max()), "1", "measured", note="the largest of all tilts")


def _coded(code: str, notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{code}: {note}" for note in notes)
