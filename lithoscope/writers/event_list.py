"""Lists of events as a Zarr 3 group: one array for each column along the dimension ``ion``, written piece by piece."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lithoscope.event_list import EventList
from lithoscope.writers.omezarr import compressors_for

if TYPE_CHECKING:
    import zarr

CHUNK, SHARD = 1 << 18, 1 << 20
DIMENSION = "ion"


def write_event_list(events: EventList, folder: Path) -> None:
    """
    Write a list without ever holding more of it than a piece.

    Parameters
    ----------
    events : EventList
        What a reader found.
    folder : Path
        New or empty folder that becomes the Zarr group. Its attributes say ``kind``, ``rows`` and of each column unit,
        bounds and where it stood in the file.
    """
    import zarr

    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder.name} is not empty: write into a new folder")
    group = zarr.create_group(folder, zarr_format=3, overwrite=False)
    group.attrs.update({"lithoscope": description(events)})
    stored: dict[str, zarr.Array[Any]] = {}
    start = 0
    for piece in events.pieces():
        for column in events.columns:
            values = piece[column.name]
            if column.name not in stored:
                stored[column.name] = _created(group, column.name, events.length, values=values)
            stored[column.name][start : start + len(values)] = values
        start += len(piece[events.columns[0].name])


def description(events: EventList) -> dict[str, Any]:
    """Say in plain JSON what the columns are."""
    columns = {
        column.name: {"unit": column.unit or "1", "key": column.key, "bounds": list(events.bounds[column.name])}
        for column in events.columns
    }
    return {"kind": "points", "name": events.name, "rows": events.length, "columns": columns}


def _created(group: "zarr.Group", name: str, length: int, *, values: np.ndarray[Any, Any]) -> "zarr.Array[Any]":
    is_long = length > CHUNK
    return group.create_array(
        name,
        shape=(length,),
        dtype=values.dtype,
        chunks=(CHUNK if is_long else length,),
        shards=(SHARD,) if is_long else None,
        compressors=compressors_for(values),
        dimension_names=(DIMENSION,),
        fill_value=0,
    )
