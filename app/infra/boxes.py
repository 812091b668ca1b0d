"""Boxes of a stored array, one chunk after the other; numpy is loaded by the first who asks for one."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from app.infra.exports import DamagedTree
from app.infra.voxels import Layout, StoredArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[slice, ...]  # start and stop along each axis, within the shape


def parts_of(array: StoredArray, box: Box) -> Iterator[tuple[Box, "NDArray[Any]"]]:
    """
    Read a box chunk by chunk, so that no more than one stands in memory.

    Yields
    ------
    place : tuple of slice
        Where in the array a part lies; parts cover the box once.
    values : array
        The part.
    """
    layout = array.layout()
    sides = zip(box, layout.chunks, strict=True)
    corners = product(*(range(side.start // size * size, side.stop, size) for side, size in sides))
    for corner in corners:
        place = tuple(
            slice(max(side.start, start), min(side.stop, start + size))
            for side, start, size in zip(box, corner, layout.chunks, strict=True)
        )
        yield place, _part(array, layout, corner, place)


def values_of(array: StoredArray, box: Box) -> "NDArray[Any]":
    """Read a box whole."""
    import numpy as np

    found = None
    for place, values in parts_of(array, box):
        if found is None:
            found = np.empty([side.stop - side.start for side in box], values.dtype)
        start = zip(place, box, strict=True)
        found[tuple(slice(part.start - side.start, part.stop - side.start) for part, side in start)] = values
    if found is None:
        raise ValueError("a box holds at least one value")
    return found


def _part(array: StoredArray, layout: Layout, corner: Sequence[int], place: Box) -> "NDArray[Any]":
    import numpy as np

    chunk = array.chunk(layout, corner)
    if chunk is None:
        return np.full([side.stop - side.start for side in place], layout.fill_value, layout.format)
    try:
        values = np.frombuffer(chunk, layout.format).reshape(layout.chunks)
    except ValueError as error:
        raise DamagedTree(array.path) from error
    return values[tuple(slice(side.start - at, side.stop - at) for side, at in zip(place, corner, strict=True))]
