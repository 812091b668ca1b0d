"""What is asked of an array, read from the address and held against the array's own axes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid
from app.infra.boxes import Box

MOST_NM = 1e9


@dataclass(frozen=True)
class Wanted:
    """
    A part of an array as somebody wrote it.

    Parameters
    ----------
    box : str, optional
        Begin and end along each axis but ``c``.
    shell : str, optional
        Least and largest depth below the surface [nm].
    label : int, optional
        A label.
    by : str, optional
        ``<result or dataset>/<array>`` that holds the labels or depths.
    channel : int, optional
        Place along ``c``.
    """

    box: str | None = None
    shell: str | None = None
    label: int | None = None
    by: str | None = None
    channel: int | None = None


def check_stored(summary: Mapping[str, Any]) -> None:
    """Refuse what has no voxels: tables, numbers, figures, spectra."""
    if not str(summary.get("path", "")).endswith(".ome.zarr"):
        raise Invalid.field("/path/name", f"A {summary['kind']} has no voxels: name an image or a volume.")


def place_of(summary: Mapping[str, Any], given: Mapping[str, int | None]) -> tuple[int, ...]:
    """Return one index along each axis of the array, each within its length."""
    check_stored(summary)
    axes = summary["axes"]
    if strange := [axis for axis, index in given.items() if index is not None and axis not in axes]:
        raise Invalid.field(f"/query/{strange[0]}", f"The array has the axes {', '.join(axes)}: leave the others out.")
    for axis, length in zip(axes, summary["shape"], strict=True):
        index = given.get(axis)
        if index is None or index >= length:
            raise Invalid.field(f"/query/{axis}", f"Give an index from 0 to {length - 1} along {axis}.")
    return tuple(int(given[axis] or 0) for axis in axes)


def box_of(summary: Mapping[str, Any], wanted: Wanted) -> Box:
    """Return begin and end along each axis of the array, the whole of it where nothing is said."""
    check_stored(summary)
    lengths = dict(zip(summary["axes"], summary["shape"], strict=True))
    channels = lengths.get("c")
    if channels is not None and (wanted.channel is None or wanted.channel >= channels):
        raise Invalid.field("/query/c", f"Say which of the {channels} maps is meant: an index from 0.")
    if channels is None and wanted.channel is not None:
        raise Invalid.field("/query/c", "The array has one map only: leave c out.")
    sides = _sides(wanted.box, {axis: length for axis, length in lengths.items() if axis != "c"})
    first = wanted.channel or 0
    return tuple(slice(first, first + 1) if axis == "c" else sides[axis] for axis in lengths)


def _sides(text: str | None, lengths: Mapping[str, int]) -> dict[str, slice]:
    if text is None:
        return {axis: slice(0, length) for axis, length in lengths.items()}
    parts = text.split(",")
    if len(parts) != 2 * len(lengths) or not all(part.strip().isdecimal() and len(part) <= 12 for part in parts):
        words = ",".join(f"{axis}0,{axis}1" for axis in lengths)
        raise Invalid.field("/query/box", f"Write the box as {words}: begin and end along each axis, counted from 0.")
    numbers = [int(part) for part in parts]
    sides = {axis: slice(*numbers[2 * at : 2 * at + 2]) for at, axis in enumerate(lengths)}
    for axis, side in sides.items():
        if not side.start < side.stop <= lengths[axis]:
            raise Invalid.field("/query/box", f"Along {axis} a box lies between 0 and {lengths[axis]}, begin first.")
    return sides


def shell_of(text: str) -> tuple[float, float]:
    """Read the least and the largest depth [nm]."""
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid.field("/query/shell", "Write the shell as from,to: two depths in nm.") from None
    if not 0 <= low < high <= MOST_NM:
        raise Invalid.field("/query/shell", "A shell lies between two depths in nm, from 0, the smaller first.")
    return low, high
