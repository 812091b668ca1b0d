"""Volumes of all maps of a tilt series, with the curves and levels by which a person judges them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, WrongShape
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eds.normalisation import TiltFactors, normalised_maps, tilt_factors
from lithoscope.numerics.tomography.checks import checked_maps
from lithoscope.numerics.tomography.genfire_report import LARGEST_RATIO, LARGEST_SPREAD
from lithoscope.numerics.tomography.map_engines import EngineName, EngineSettings, MapVolumes, map_engine
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

SHELL_WORDS = ("at shown points", "R free, at withheld points")
ERROR_WORDS = {"error_k": "error at shown points", "residual": "residual of the projections"}

Maps = NDArray[np.float32]


class MapTomogram(NamedTuple):
    """
    Volumes and what judges them.

    Attributes
    ----------
    volume : (z, y, x) or (c, z, y, x) array of float32
        As the series has it; what each voxel adds to the projections' values.
    curves : Table or None
        Errors of every map at every iteration; filtered back projection has none.
    shells : Table or None
        GENFIRE's errors in each shell of Fourier space, at the iteration each volume is from.
    filled : Quantity or None
        Share of Fourier space that was measured; GENFIRE only [1].
    tilt_levels : Table or None
        What each tilt was multiplied by, if the tilts were brought to one level.
    notes : tuple of str
    """

    volume: Maps
    curves: Table | None
    shells: Table | None
    filled: Quantity | None
    tilt_levels: Table | None
    notes: tuple[str, ...]


@with_settings(EngineSettings)
def tomogram_maps(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    engine: EngineName,
    settings: EngineSettings,
    normalise: bool = False,
    support: ArrayLike | None = None,
    projections_names: Sequence[str] = ("map",),
    progress: Progress | None = None,
) -> MapTomogram:
    """
    Reconstruct one series, or all maps of one, by any engine.

    Parameters
    ----------
    projections : (t, y, x) or (c, t, y, x) array
        Aligned, without background.
    angles_deg : (t,) array
        Tilt angles [deg] in any order.
    engine : {"genfire", "sirt", "sart", "fbp", "resire"}
    settings : EngineSettings
        One by one, as keywords.
    normalise : bool
        Bring the tilts to one level first: each is multiplied by the mean over the maps of their mean sum over the
        tilt's, all maps of a tilt alike.
    support : (z, y, x) array of bool, optional
        Where the object may be.
    projections_names : sequence of str
        One for each map.
    progress : callable, optional
        Called as ``progress(done, total, ...)`` with the largest errors of all maps.

    Returns
    -------
    MapTomogram

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask, AxisOutsideDetector
    InvalidSetting, NeedsTooMuchMemory
    EmptyTilt
        A tilt has no sum above zero to be brought to a level.
    """
    values = np.asarray(projections)
    if values.ndim not in {3, 4}:
        raise WrongShape(f"a series of shape {values.shape} is none of maps: give (t, y, x) or (c, t, y, x)")
    series, names = values if values.ndim == 4 else values[None], tuple(projections_names)
    if len(names) != len(series):
        raise InvalidSetting(f"{len(series)} maps have {len(names)} names: give one for each")
    maps, angles = checked_maps(series, angles_deg, names=names)
    level = None
    if normalise:
        level = tilt_factors(maps.sum(axis=(2, 3), dtype=np.float64), angles_deg=angles, least_counts=0.0)
        maps = normalised_maps(maps, level.factors)
    found = map_engine(engine, **settings.picked(*settings.__slots__)).reconstruct(
        maps, angles, support=support, progress=progress
    )
    return MapTomogram(
        volume=found.volumes if values.ndim == 4 else found.volumes[0],
        curves=error_curves(found, names),
        shells=_shell_errors(found, names, maps.shape[3]),
        filled=None if found.filled_fraction is None else Quantity(found.filled_fraction, "1", "measured"),
        tilt_levels=None if level is None else _levels(level, angles, names),
        notes=_notes(found, names),
    )


def error_curves(found: MapVolumes, names: tuple[str, ...]) -> Table | None:
    """List the errors of every map at every iteration, with their plot; None where nothing was iterated."""
    if found.error is None:
        return None
    columns: dict[str, list[Any]] = {"iteration": list(range(1, len(found.error) + 1))}
    lines: list[Line] = []
    for error, values, words in (
        (found.error_name, found.error, ERROR_WORDS[found.error_name]),
        ("r_free", found.r_free, "R free, at withheld points"),
    ):
        for number, name in enumerate(names if values is not None else ()):
            column = error if len(names) == 1 else f"{error}_{_slug(name)}"
            columns[column] = _numbers(values[:, number]) if values is not None else []
            lines.append(Line(column, title=f"{name}: {words}"))
    plot = Plot(
        "iteration", tuple(lines), title="Error of every iteration", x_title="iteration", y_title="relative error"
    )
    return Table(columns, dict.fromkeys(columns, "1"), plot)


def _shell_errors(found: MapVolumes, names: tuple[str, ...], n_x: int) -> Table | None:
    """List the errors of every map in each shell, one pixel of the unpadded transform thick; None but for GENFIRE."""
    if found.shells is None:
        return None
    columns: dict[str, list[Any]] = {
        "frequency_over_nyquist": [(shell + 0.5) / (n_x / 2) for shell in range(found.shells.shape[2])]
    }
    lines: list[Line] = []
    for error, words, values in zip(("error_k", "r_free"), SHELL_WORDS, found.shells.swapaxes(0, 1), strict=True):
        for name, row in zip(names, values, strict=True):
            if np.isfinite(row).any():
                column = error if len(names) == 1 else f"{error}_{_slug(name)}"
                columns[column] = _numbers(row)
                lines.append(Line(column, title=f"{name}: {words}"))
    title = "Error of every shell of Fourier space"
    plot = Plot(
        "frequency_over_nyquist", tuple(lines), title=title, x_title="frequency over Nyquist", y_title="relative error"
    )
    return Table(columns, dict.fromkeys(columns, "1"), plot)


def _levels(level: TiltFactors, angles_deg: NDArray[np.float64], names: tuple[str, ...]) -> Table:
    """List what each tilt was multiplied by, and what each map alone would have asked for."""
    columns: dict[str, list[Any]] = {
        "tilt": list(range(len(angles_deg))),
        "angle_deg": angles_deg.tolist(),
        "factor": _numbers(level.factors),
    }
    own = {f"factor_{_slug(name)}": _numbers(row) for name, row in zip(names, level.element_factors, strict=True)}
    lines = [Line("factor", title="applied to all maps", kind="points")]
    if len(names) > 1:
        columns |= own
        lines += [Line(column, title=name) for column, name in zip(own, names, strict=True)]
    units = {column: "deg" if column == "angle_deg" else "1" for column in columns}
    plot = Plot("angle_deg", tuple(lines), title="Level of every tilt", x_title="tilt angle", y_title="factor")
    return Table(columns, units, plot)


def _notes(found: MapVolumes, names: tuple[str, ...]) -> tuple[str, ...]:
    """Say of which maps the projections contradict each other, or the volume does not hold at what it has not seen."""
    uneven = [name for name, spread in zip(names, found.projection_spread, strict=True) if spread > LARGEST_SPREAD]
    notes = []
    if uneven:
        notes.append(
            f"uneven-projections: the sums of the projections of {', '.join(uneven)} scatter by up to "
            f"{100 * np.nanmax(found.projection_spread):.0f} % of their mean: bring the tilts to one level, subtract "
            "their background, or see whether the object leaves the field"
        )
    if found.r_free is not None and found.error is not None:
        best = np.array(found.best_iterations) - 1
        maps = np.arange(len(names))
        shown, free = found.error[best, maps], found.r_free[best, maps]
        if doubtful := [name for name, a, b in zip(names, shown, free, strict=True) if b > LARGEST_RATIO * a]:
            notes.append(
                f"withheld-points-disagree: of {', '.join(doubtful)} the points withheld from the volume are met "
                f"within {100 * free.max():.0f} %, more than {LARGEST_RATIO:g} times worse than those it was made "
                "from: do not trust its finest detail; iterate less, align again or give a support"
            )
    return tuple(notes)


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _slug(name: str) -> str:
    """Write the name of a map so that it fits a column's."""
    return name.strip().replace(" ", "_")
