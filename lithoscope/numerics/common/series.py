"""Series that give one tilt at a time, so that no more than one is ever in memory."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import DTypeLike, NDArray


@runtime_checkable
class StoredSeries(Protocol):
    """Spectra (t, y, x, e) that give one tilt at a time: an array, or what `SeriesOfTilts` reads and computes."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of tilts, rows, columns and channels."""
        ...

    @property
    def ndim(self) -> int:
        """Number of axes."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Kind of number."""
        ...

    def __getitem__(self, tilt: int, /) -> Any:
        """Return the spectra (y, x, e) of one tilt."""
        ...

    def __array__(self, dtype: Any = None, /) -> NDArray[Any]:
        """Read every tilt into memory."""
        ...


@runtime_checkable
class InChunks(Protocol):
    """Images of a series kept in a file in chunks: each is unpacked once when it is read chunk by chunk."""

    def iter_chunks(self) -> Iterator[tuple[slice, ...]]:
        """Give the place of one chunk after the other."""
        ...

    def __getitem__(self, place: Any, /) -> Any:
        """Return the values at a place."""
        ...


class SeriesOfTilts:
    """
    A series whose tilts are read or computed when asked for, and forgotten.

    Parameters
    ----------
    tilt : callable
        Gives the values of one tilt by its place from 0.
    shape : tuple of int
        Of the whole series, tilts first.
    dtype : dtype
        Of its values.
    """

    def __init__(self, tilt: Callable[[int], NDArray[Any]], *, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self._tilt = tilt
        self._shape = tuple(int(length) for length in shape)
        self._dtype: np.dtype[Any] = np.dtype(dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of tilts, rows, columns and channels."""
        return self._shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self._shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Kind of number."""
        return self._dtype

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self._shape, dtype=object))

    @property
    def nbytes(self) -> int:
        """Bytes that all tilts would take together."""
        return self.size * self._dtype.itemsize

    def __len__(self) -> int:
        """Count the tilts."""
        return self._shape[0]

    def __getitem__(self, tilt: int, /) -> NDArray[Any]:
        """Return one tilt; negative places count from the end."""
        index = int(tilt)
        if not -len(self) <= index < len(self):
            raise IndexError(f"the series has {len(self)} tilts, numbered from 0")
        values = np.asarray(self._tilt(index % len(self)), self._dtype)
        if values.shape != self._shape[1:]:
            raise ValueError(f"tilt {index} has shape {values.shape}, the series promised {self._shape[1:]}")
        return values

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Go through the tilts, one in memory at a time."""
        return (self[tilt] for tilt in range(len(self)))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: FBT001 - as numpy calls it
        """Read every tilt into memory."""
        if copy is False:
            raise ValueError("a stored series is an array only once it is copied into memory")
        whole = np.empty(self._shape, self._dtype if dtype is None else dtype)
        for tilt, values in enumerate(self):
            whole[tilt] = values
        return whole


def as_values(series: StoredSeries) -> NDArray[Any]:
    """Let a stored series stand where a labelled array's values are declared; it is passed on as it is."""
    return cast("NDArray[Any]", series)


def is_stored(values: StoredSeries) -> bool:
    """Tell a series that is read tilt by tilt from an array in memory."""
    return not isinstance(values, np.ndarray)


def parts(values: StoredSeries) -> Iterator[NDArray[Any]]:
    """
    Go through a stored series tilt by tilt, or chunk by chunk where it is kept in chunks of several.

    An array is one part, since it is in memory anyway.
    """
    kept: object = values
    if isinstance(kept, InChunks):
        yield from (np.asarray(kept[place]) for place in kept.iter_chunks())
    elif is_stored(values):
        yield from (np.asarray(values[tilt]) for tilt in range(values.shape[0]))
    else:
        yield np.asarray(values)
