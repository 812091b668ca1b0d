"""What differs between two maps of one place: the difference at each place, and how large it is."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import WrongShape
from lithoscope.numerics.volumes.errors import DifferentSteps, DifferentUnits, TooLittleInCommon
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

#: Steps that differ by more are no rounding of a header.
STEP_TOLERANCE = 0.01
FEWEST = 10
BINS = 101
Floats = NDArray[np.float64]
Match = Literal["none", "scale", "scale_and_offset"]


class Difference(NamedTuple):
    """
    Two maps compared.

    Parameters
    ----------
    difference : LabelledArray
        First less second; NaN where either has no value.
    numbers : Table
        One row: mean, scatter, root mean square, extremes, and what the second was multiplied by and raised by.
    histogram : Table
        How often each difference occurs.
    correlation : Quantity
        Pearson's, between the two.
    relative_rms : Quantity
        Root mean square of the difference over the scatter of the first.
    voxels : Quantity
        How many were compared.
    notes : tuple of str
        What a person should know.
    """

    difference: LabelledArray
    numbers: Table
    histogram: Table
    correlation: Quantity
    relative_rms: Quantity
    voxels: Quantity
    notes: tuple[str, ...]


def difference_map(
    first: LabelledArray, second: LabelledArray, where: NDArray[np.integer] | None = None, *, match: Match = "none"
) -> Difference:
    """
    Take one map from another, place by place.

    Both must be on one grid: nothing is moved or turned. Statistics are of the places where both have a value and
    `where` is above 0; the difference itself is given everywhere. Neighbouring voxels share their noise, so no
    uncertainty of these statistics is stated.

    Parameters
    ----------
    first, second : LabelledArray
        Of the same axes, shape, steps and unit; the units may differ where `match` brings the second to the first.
    where : (z, y, x) or (y, x) array of int, optional
        Above 0 where places count.
    match : {"none", "scale", "scale_and_offset"}
        Multiply the second by a factor, or also raise it by a constant, so that the squares of the differences are
        least: for intensities of an arbitrary scale.

    Returns
    -------
    compared : Difference

    Raises
    ------
    WrongShape, DifferentSteps, DifferentUnits, TooLittleInCommon
    """
    notes = _check(first, second, match)
    one, other = first.values.astype(np.float64), second.values.astype(np.float64)
    counted = np.isfinite(one) & np.isfinite(other) & _inside(one.shape, where)
    if np.count_nonzero(counted) < FEWEST:
        shared = f"the two maps share {np.count_nonzero(counted)} places with a value"
        raise TooLittleInCommon(f"{shared}: choose maps, or a mask, that share more")
    scale, offset = _matched(one[counted], other[counted], match)
    difference = one - (scale * other + offset)
    kept = difference[counted]
    spread = float(np.std(one[counted]))
    rms = float(np.sqrt(np.mean(kept**2)))
    relative = Quantity(rms / spread, "1", "measured") if spread > 0 else _constant("first")
    return Difference(
        LabelledArray(difference.astype(np.float32), first.axes),
        _numbers(kept, rms=rms, scale=scale, offset=offset),
        _histogram(kept),
        _correlation(one[counted], other[counted]),
        relative,
        Quantity(float(kept.size), "1", "measured"),
        notes,
    )


def _check(first: LabelledArray, second: LabelledArray, match: Match) -> tuple[str, ...]:
    """Refuse what does not lie on one grid; say what is not known of the grids."""
    if (first.axes, first.values.shape) != (second.axes, second.values.shape):
        raise WrongShape(
            f"the first map is {_told(first)}, the second {_told(second)}: choose maps of the same axes and lengths"
        )
    if match == "none" and first.unit != second.unit:
        raise DifferentUnits(
            f"the first map is in {first.unit or 'no unit'}, the second in {second.unit or 'no unit'}: "
            "choose maps of one unit, or match the second by a factor"
        )
    unknown = [axis for axis in first.axes if axis in "zyx" and not _has_same_step(first, second, axis)]
    return (f"steps-not-compared: the step along {', '.join(unknown)} is not known of both maps",) if unknown else ()


def _told(given: LabelledArray) -> str:
    return f"{' x '.join(map(str, given.values.shape))} ({', '.join(given.axes)})"


def _has_same_step(first: LabelledArray, second: LabelledArray, axis: str) -> bool:
    """Say whether both steps are known; refuse those that differ."""
    steps = [given.spacing.get(axis) for given in (first, second)]
    values = [step.value for step in steps if step is not None and step.value is not None]
    if len(values) < 2:
        return False
    if abs(values[0] - values[1]) > STEP_TOLERANCE * abs(values[0]):
        raise DifferentSteps(
            f"the step along {axis} is {values[0]:g} nm in the first map and {values[1]:g} nm in the second: "
            "compare maps of one grid"
        )
    return True


def _inside(shape: tuple[int, ...], where: NDArray[np.integer] | None) -> NDArray[np.bool_]:
    if where is None:
        return np.ones(shape, bool)
    if where.shape != shape[-where.ndim :]:
        raise WrongShape(f"the mask has {where.shape} places, the maps {shape}: choose a mask of the same place")
    return np.broadcast_to(where > 0, shape)


def _matched(one: Floats, other: Floats, match: Match) -> tuple[float, float]:
    """Return factor and offset that bring the second to the first with the least squares."""
    if match == "none":
        return 1.0, 0.0
    if match == "scale":
        power = float(other @ other)
        return (float(one @ other) / power if power > 0 else 1.0), 0.0
    centred = other - other.mean()
    power = float(centred @ centred)
    scale = float((one - one.mean()) @ centred) / power if power > 0 else 1.0
    return scale, float(one.mean() - scale * other.mean())


def _numbers(kept: Floats, *, rms: float, scale: float, offset: float) -> Table:
    found = {
        "mean": float(kept.mean()),
        "standard_deviation": float(kept.std()),
        "root_mean_square": rms,
        "least": float(kept.min()),
        "greatest": float(kept.max()),
        "factor_of_second": scale,
        "offset_of_second": offset,
    }
    units = dict.fromkeys(found, "") | {"factor_of_second": "1"}
    return Table({name: [value] for name, value in found.items()}, units)


def _histogram(kept: Floats) -> Table:
    counts, edges = np.histogram(kept, BINS)
    columns = {"difference": ((edges[1:] + edges[:-1]) / 2).tolist(), "voxels": counts.tolist()}
    plot = Plot("difference", (Line("voxels", kind="step"),), title="How often each difference occurs")
    return Table(columns, {"difference": "", "voxels": "1"}, plot)


def _correlation(one: Floats, other: Floats) -> Quantity:
    spread = float(one.std() * other.std())
    if spread == 0:
        return _constant("first" if one.std() == 0 else "second")
    return Quantity(float(np.mean((one - one.mean()) * (other - other.mean()))) / spread, "1", "measured")


def _constant(which: str) -> Quantity:
    return Quantity.unknown("1", f"the {which} map has one value everywhere")
