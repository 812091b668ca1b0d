"""Where the blocks of an array lie that is written piece by piece."""

from collections.abc import Iterator, Sequence
from itertools import product

Place = tuple[slice, ...]


def blocks(shape: Sequence[int], steps: Sequence[int]) -> Iterator[Place]:
    """Give the places of one block after the other; the last along an axis end where the array does."""
    starts = (range(0, length, step) for length, step in zip(shape, steps, strict=True))
    for corner in product(*starts):
        yield tuple(
            slice(start, min(start + step, length)) for start, step, length in zip(corner, steps, shape, strict=True)
        )
