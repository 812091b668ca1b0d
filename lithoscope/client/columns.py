"""Lists of events as tables: columns are fetched when they are touched, with the caller's own rights."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lithoscope.client.problems import ClientError

if TYPE_CHECKING:
    import pandas as pd
    import xarray

    from lithoscope.client.connection import Connection

DIMENSION = "ion"
_LAZY = "columns need xarray, zarr and dask: pip install 'lithoscope[arrays]'"
_TABLES = "tables of events need pandas and zarr: pip install 'lithoscope[tables,arrays]'"


def open_columns(connection: "Connection", path: str, units: dict[str, str]) -> "xarray.Dataset":
    """
    Open a list of events lazily.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of the Zarr group, below ``/api/v1``.
    units : mapping of str to str
        Unit of each column.

    Returns
    -------
    columns : xarray.Dataset
        One variable for each column along the dimension and coordinate ``ion``, which counts from 0.
    """
    try:
        import dask.array
        import xarray

        from lithoscope.client.chunked import lazily
    except ImportError:
        raise ClientError(_LAZY) from None
    group = _group(connection, path, missing=_LAZY)
    variables = {}
    for name, unit in units.items():
        stored: Any = group[name]
        read = lazily(connection, f"{path}/{name}", stored)
        values = dask.array.from_array(read, chunks=stored.chunks, name=False, fancy=False)  # type: ignore[no-untyped-call]
        variables[name] = (DIMENSION, values, {"units": unit or "1"})
    found = xarray.Dataset(variables)
    numbers = dask.array.arange(found.sizes[DIMENSION])
    places = xarray.Coordinates({DIMENSION: (DIMENSION, numbers)}, indexes={})  # an index would hold all in memory
    return found.assign_coords(places)


def read_columns(connection: "Connection", path: str, names: Sequence[str], rows: slice) -> "pd.DataFrame":
    """Fetch some columns of some events as a table, numbered from 0 as in the list."""
    try:
        import pandas as pd

        from lithoscope.client.chunked import lazily
    except ImportError:
        raise ClientError(_TABLES) from None
    group: Any = _group(connection, path, missing=_TABLES)
    found: dict[str, Any] = {name: lazily(connection, f"{path}/{name}", group[name]) for name in names}
    if rows.step not in (None, 1):
        raise ClientError("events are fetched in a row: take every other one from the table")
    length = min((stored.shape[0] for stored in found.values()), default=0)
    start, stop, _ = rows.indices(length)
    index = pd.RangeIndex(start, max(start, stop), name=DIMENSION)
    return pd.DataFrame({name: stored[start : index.stop] for name, stored in found.items()}, index=index)


def _group(connection: "Connection", path: str, *, missing: str) -> Any:
    try:
        import zarr

        from lithoscope.client.chunk_store import ChunkStore
    except ImportError:
        raise ClientError(missing) from None
    return zarr.open_group(ChunkStore(connection, path), mode="r", zarr_format=3)
