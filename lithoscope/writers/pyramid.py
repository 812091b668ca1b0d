"""Multiscale levels: means of two-by-two(-by-two) blocks, or for labels the value at the block's corner."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.writers.blocks import Place, blocks

_SMALLEST = 64
MOST_LEVELS = 8
_BLOCK = 128


def shrinking_axes(axes: str, shape: tuple[int, ...]) -> list[bool]:
    """Say along which axes the next level is half as long."""
    return [axis in "zyx" and length > _SMALLEST for axis, length in zip(axes, shape, strict=True)]


def halved_factors(factors: dict[str, int], shrinking: list[bool]) -> dict[str, int]:
    """Return by how much each axis of the next level has shrunk."""
    return {axis: factor * (1 + s) for (axis, factor), s in zip(factors.items(), shrinking, strict=True)}


def halve(values: NDArray[Any], shrinking: list[bool], *, kind: str) -> NDArray[Any]:
    """Return the next level of an array of this kind."""
    return _nearest(values, shrinking) if kind == "labels" else _mean(values, shrinking)


class Halved:
    """
    The next level of an array that is kept in a file, computed block by block where it is read.

    Parameters
    ----------
    source : array-like
        The level before; only slices of it are read.
    shrinking : list of bool
        Axes along which it is halved.
    kind : str
        As in `LabelledArray`.
    """

    def __init__(self, source: Any, shrinking: list[bool], *, kind: str) -> None:
        self._source, self._shrinking, self._kind = source, shrinking, kind
        lengths = zip(source.shape, shrinking, strict=True)
        self.shape = tuple((length + 1) // 2 if shrinks else int(length) for length, shrinks in lengths)
        self.dtype: np.dtype[Any] = np.dtype(source.dtype)

    def __getitem__(self, place: Place) -> NDArray[Any]:
        """Return the values at a place; of the level before no more than a block is in memory."""
        ends = [each.indices(length)[:2] for each, length in zip(place, self.shape, strict=True)]
        found = np.empty([stop - start for start, stop in ends], self.dtype)
        for block in blocks(found.shape, self._steps):
            found[block] = halve(self._before(block, ends), self._shrinking, kind=self._kind)
        return found

    @property
    def _steps(self) -> list[int]:
        return [_BLOCK // 2 if shrinks else _BLOCK for shrinks in self._shrinking]

    def _before(self, block: Place, ends: list[tuple[int, int]]) -> NDArray[Any]:
        wanted = []
        for each, (begin, _), shrinks in zip(block, ends, self._shrinking, strict=True):
            times = 2 if shrinks else 1
            wanted.append(slice((begin + each.start) * times, (begin + each.stop) * times))
        return np.asarray(self._source[tuple(wanted)])


def _nearest(values: NDArray[Any], shrinking: list[bool]) -> NDArray[Any]:
    return np.ascontiguousarray(values[tuple(slice(None, None, 2 if s else 1) for s in shrinking)])


def _mean(values: NDArray[Any], shrinking: list[bool]) -> NDArray[Any]:
    """Average blocks, one axis after the other; an odd last plane is averaged with itself."""
    kind, is_whole = values.dtype, values.dtype.kind in "iu"
    is_short = kind.itemsize <= (2 if is_whole else 4)  # single precision holds whole numbers of up to 24 bits
    work = values if kind.kind == "c" else values.astype(np.float32 if is_short else np.float64)
    for axis, shrinks in enumerate(shrinking):
        if shrinks:
            even = np.take(work, range(0, work.shape[axis], 2), axis)
            odd = np.take(work, [min(i + 1, work.shape[axis] - 1) for i in range(0, work.shape[axis], 2)], axis)
            work = (even + odd) / 2
    if is_whole:
        too_much = float(np.iinfo(kind).max) + 1  # to which double precision rounds the largest numbers of 64 bits
        work = np.minimum(np.rint(work), float(np.nextafter(too_much, 0)))
    smaller: NDArray[Any] = work.astype(kind)
    return smaller
