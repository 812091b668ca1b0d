"""Spectra of the service as xarray: parts of their HDF5 file are fetched when they are touched."""

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lithoscope.client.arrays import AXIS_UNITS
from lithoscope.client.problems import ClientError

if TYPE_CHECKING:
    import xarray

    from lithoscope.client.connection import Connection

VALUES = "entry/data/data"
AT_ONCE_BYTES = 1 << 20
_MISSING = "spectra need xarray, dask and h5py: pip install 'lithoscope[arrays]'"


class RemoteFile(io.RawIOBase):
    """
    A file of the service that is read where it is asked for.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address, below ``/api/v1``.
    params : mapping
        Its query.
    """

    def __init__(self, connection: "Connection", path: str, params: Mapping[str, str]) -> None:
        self._connection = connection
        self._path = path
        self._params = dict(params)
        self._place = 0
        first = self._fetch(0, 1)
        self._tag = first.headers.get("etag")
        self._size = int(first.headers["content-range"].rpartition("/")[2])

    def _fetch(self, start: int, stop: int) -> Any:
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        return self._connection.send("GET", self._path, headers=headers, params=self._params)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = begin + offset
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Read as much as fits; nothing at the end."""
        stop = min(self._place + len(buffer), self._size)
        if stop <= self._place:
            return 0
        answer = self._fetch(self._place, stop)
        if answer.headers.get("etag") != self._tag:
            raise ClientError("the file was made anew while it was read: open it again")
        buffer[: len(answer.content)] = answer.content
        self._place += len(answer.content)
        return len(answer.content)


def open_spectra(
    connection: "Connection", path: str, params: Mapping[str, str], summary: Mapping[str, Any]
) -> "xarray.DataArray":
    """
    Open spectra lazily.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of their HDF5 file, below ``/api/v1``.
    params : mapping
        Its query.
    summary : mapping
        The array's entry.

    Returns
    -------
    spectra : xarray.DataArray
        Dimensions by letter; energies in eV along ``e``, tilts in degrees along ``t``, places in nm.
    """
    try:
        import dask.array
        import h5py
        import xarray
    except ImportError:
        raise ClientError(_MISSING) from None
    file = h5py.File(io.BufferedReader(RemoteFile(connection, path, params), AT_ONCE_BYTES), "r")
    stored: Any = file[VALUES]
    values = dask.array.from_array(stored, chunks=stored.chunks or "auto", lock=True, name=False)  # type: ignore[no-untyped-call]
    return xarray.DataArray(values, **described(summary))


def place_of(lengths: Mapping[str, int], **given: int | slice | None) -> dict[str, int]:
    """Return the query of a place: indices from 0, of a region the first and the last row and column."""
    query: dict[str, int] = {}
    for axis, index in given.items():
        if index is None:
            continue
        if axis not in lengths:
            raise ClientError(f"the spectra have the axes {', '.join(lengths)} and none called {axis}")
        if not isinstance(index, slice):
            query[axis] = index + lengths[axis] if index < 0 else index
            continue
        first, stop, step = index.indices(lengths[axis])
        if step != 1 or stop <= first:
            raise ClientError("a region is a slice of neighbours with at least one: slice(first, stop)")
        query |= {axis: first, f"{axis}_to": stop - 1}
    for axis, other in (("y", "x"), ("x", "y")):  # a pixel's row in a region of columns is a region of one row
        if f"{axis}_to" in query and other in query:
            query.setdefault(f"{other}_to", query[other])
    return query


def one_spectrum(answer: Mapping[str, Any], name: str) -> "xarray.DataArray":
    """Make the service's answer on one place an array along ``e``, its place in scalar coordinates."""
    try:
        import numpy as np
        import xarray
    except ImportError:
        raise ClientError(_MISSING) from None
    values = np.array([np.nan if each is None else each for each in answer["values"]], np.float64)
    found = xarray.DataArray(values, dims="e", name=name, attrs={"units": answer["unit"], "pixels": answer["pixels"]})
    if answer["energies"] is not None:
        found = found.assign_coords(e=("e", answer["energies"], {"units": AXIS_UNITS["e"], "long_name": "energy"}))
    return found.assign_coords({f"{axis}_index": index for axis, index in answer["place"].items()})


def described(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return name, unit, dimensions and positions of an array; an axis of unknown step has no positions."""
    coordinates: dict[str, Any] = {}
    known, steps = summary.get("coordinates") or {}, summary.get("spacing") or {}
    for axis, length in zip(summary["axes"], summary["shape"], strict=True):
        step = steps.get(axis) or {}
        if len(known.get(axis) or ()) == length:
            coordinates[axis] = (axis, known[axis], {"units": AXIS_UNITS.get(axis, step.get("unit") or "1")})
        elif step.get("value") is not None:
            places = [index * step["value"] for index in range(length)]
            coordinates[axis] = (axis, places, {"units": step["unit"]})
    about = {"name": summary["name"], "attrs": {"units": str(summary.get("unit") or "1")}}
    return {"dims": list(summary["axes"]), "coords": coordinates, **about}
