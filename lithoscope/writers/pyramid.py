"""Multiscale levels: means of two-by-two(-by-two) blocks, or for labels the value at the block's corner."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray

_SMALLEST = 64
_MOST_LEVELS = 8


def pyramid(array: LabelledArray) -> list[tuple[NDArray[Any], dict[str, int]]]:
    """
    Halve an array until it fits a small screen.

    Parameters
    ----------
    array : LabelledArray
        Only its z, y and x axes shrink, and only while they are longer than 64.

    Returns
    -------
    levels : list of (values, factors)
        From the array itself downward; ``factors`` says by how much each axis has shrunk.
    """
    factors = dict.fromkeys(array.axes, 1)
    levels: list[tuple[NDArray[Any], dict[str, int]]] = [(array.values, factors)]
    while len(levels) < _MOST_LEVELS:
        values, factors = levels[-1]
        shrinking = [
            axis in "zyx" and length > _SMALLEST for axis, length in zip(array.axes, values.shape, strict=True)
        ]
        if not any(shrinking):
            break
        smaller = _nearest(values, shrinking) if array.kind == "labels" else _mean(values, shrinking)
        levels.append((smaller, {axis: f * (1 + s) for (axis, f), s in zip(factors.items(), shrinking, strict=True)}))
    return levels


def _nearest(values: NDArray[Any], shrinking: list[bool]) -> NDArray[Any]:
    return np.ascontiguousarray(values[tuple(slice(None, None, 2 if s else 1) for s in shrinking)])


def _mean(values: NDArray[Any], shrinking: list[bool]) -> NDArray[Any]:
    """Average blocks, one axis after the other; an odd last plane is averaged with itself."""
    kind = values.dtype
    work = values if kind.kind == "c" else values.astype(np.float32 if kind.itemsize <= 4 else np.float64)
    for axis, shrinks in enumerate(shrinking):
        if shrinks:
            even = np.take(work, range(0, work.shape[axis], 2), axis)
            odd = np.take(work, [min(i + 1, work.shape[axis] - 1) for i in range(0, work.shape[axis], 2)], axis)
            work = (even + odd) / 2
    if kind.kind in "iu":
        work = np.rint(work)
    smaller: NDArray[Any] = work.astype(kind)
    return smaller
