"""The folder a job leaves: arrays as OME-Zarr or HDF5, events as Zarr, tables as CSV, pictures, a summary of each."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray, Table
from lithoscope.errors import ScienceError
from lithoscope.event_list import EventList
from lithoscope.figures import Figure, Film
from lithoscope.numerics.common.series import parts
from lithoscope.readers import read
from lithoscope.readers.omezarr import read_omezarr
from lithoscope.rules.exposure import RasterExposure
from lithoscope.tables import Plot
from lithoscope.units import Quantity
from lithoscope.writers.csv import write_csv
from lithoscope.writers.display import is_wanted, write_display
from lithoscope.writers.event_list import description, write_event_list
from lithoscope.writers.hdf5 import write_hdf5
from lithoscope.writers.omezarr import write_omezarr
from lithoscope.writers.png import write_midslices

HEADER_BYTES = 256 * 1024
_LEAST_ROOM = 256
_LEFT_OUT = "too large to show: read it in the file"

Output = LabelledArray | Quantity | Table | Figure | Film | EventList


class NothingMade(ScienceError):
    """A job whose method or file gave nothing."""

    code = "nothing-made"


def write(folder: Path, outputs: Mapping[str, Output], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """
    Write outputs into a new folder and return their summaries, in order.

    Parameters
    ----------
    folder : Path
        Made here.
    outputs : mapping of str to LabelledArray, Quantity, Table, Figure, Film or EventList
        By name; names become file names.
    titles : mapping of str to str
        Words for people; a name without one stands for itself.
    """
    if not outputs:
        raise NothingMade("nothing was found or made: look at the input")
    folder.mkdir(exist_ok=True)
    return [
        {"name": name, "title": titles.get(name) or name, **_write(folder, name, out)} for name, out in outputs.items()
    ]


def _write(folder: Path, name: str, output: Output) -> dict[str, Any]:
    if isinstance(output, Quantity):
        record = output.to_json()
        _write_json(folder / f"{name}.json", record)
        return {"kind": "scalar", "unit": output.unit, "quantity": record, "path": f"{name}.json"}
    if isinstance(output, Table):
        write_csv(output, folder / f"{name}.csv")
        plot = {"plot": output.plot.to_json()} if output.plot else {}
        _write_json(folder / f"{name}.json", {"columns": plain(output.columns), "units": output.units, **plot})
        rows = len(next(iter(output.columns.values()), []))
        return {"kind": "table", "path": f"{name}.csv", "columns": dict(output.units), "rows": rows, **plot}
    if isinstance(output, Figure | Film):
        return _write_picture(folder, name, output)
    if isinstance(output, EventList):
        return _write_events(folder, name, output)
    return _write_array(folder, name, output)


def _write_picture(folder: Path, name: str, picture: Figure | Film) -> dict[str, Any]:
    """Write a figure as PNG and SVG, a film as GIF and its first frame as PNG."""
    about = {"caption": picture.caption, "alternative": picture.name}
    if isinstance(picture, Film):
        (folder / f"{name}.gif").write_bytes(picture.gif)
        (folder / f"{name}.png").write_bytes(picture.still)
        return {"kind": "film", "path": f"{name}.gif", **about}
    (folder / f"{name}.png").write_bytes(picture.png)
    (folder / f"{name}.svg").write_text(picture.svg, encoding="utf-8")
    return {"kind": "figure", "path": f"{name}.png", **about}


def _write_events(folder: Path, name: str, events: EventList) -> dict[str, Any]:
    path = f"{name}.zarr"
    write_event_list(events, folder / path)
    about = description(events)
    return {
        "kind": about["kind"],
        "path": path,
        "rows": events.length,
        "columns": events.units,
        "bounds": {column: list(ends) for column, ends in events.bounds.items()},
    }


def _write_array(folder: Path, name: str, array: LabelledArray) -> dict[str, Any]:
    if array.kind == "spectra":
        path = f"{name}.h5"
        write_hdf5(array, folder / path)
    else:
        path = f"{name}.ome.zarr"
        write_omezarr(array, folder / path)
    has_display = is_wanted(array)
    if has_display:
        write_display(array, folder / path, folder / f"{name}.display")
    slices = folder / f"{name}.slices"
    slices.mkdir()
    pictures = [f"{name}.slices/{picture.name}" for picture in write_midslices(array, slices)]
    if not pictures:
        slices.rmdir()
    return {
        "kind": array.kind,
        "path": path,
        "axes": array.axes,
        "shape": list(array.values.shape),
        "dtype": str(array.values.dtype),
        "unit": array.unit,
        "spacing": {axis: step.to_json() for axis, step in array.spacing.items()},
        "coordinates": {axis: [float(place) for place in places] for axis, places in array.coordinates.items()},
        "labels": {axis: list(names) for axis, names in array.labels.items()},
        "statistics": _statistics(array),
        "slices": pictures,
        "has_display": has_display,
    }


def _statistics(array: LabelledArray) -> dict[str, float | None]:
    lengths, kind = array.values.shape, array.values.dtype.kind
    if 0 in lengths or kind not in "biuf":  # complex numbers have no order
        return {"min": None, "max": None, "mean": None}
    read = list(map(_extremes, parts(array.values)))  # a loop's variable would hold a tilt while the next is read
    least, most, sums = zip(*read, strict=True)
    found = {"min": np.min(least), "max": np.max(most), "mean": np.sum(sums) / array.values.size}
    return {name: float(value) if math.isfinite(value) else None for name, value in found.items()}


def _extremes(values: NDArray[Any]) -> tuple[Any, Any, Any]:
    return values.min(), values.max(), values.sum(dtype=np.float64)


def load(given: Mapping[str, Any]) -> Any:
    """
    Read one input of a method: an array or table of a published folder, a scalar, or an exposure's record.

    Spectra of a tilt series stay in their file, which is lent as long as the method runs, and are read tilt by tilt.
    """
    if "exposure" in given:
        return RasterExposure.from_json(given["exposure"])
    summary, path = given["summary"], Path(given["folder"]) / given["summary"]["path"]
    if summary["kind"] == "scalar":
        return Quantity.from_json(summary["quantity"])
    if summary["kind"] == "table":
        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return Table(record["columns"], record["units"], Plot.from_json(record["plot"]) if "plot" in record else None)
    return read(path).arrays[0] if path.suffix == ".h5" else read_omezarr(path)


def header(original: Mapping[str, Any]) -> Any:
    """
    Make a vendor's header plain JSON of at most 256 KiB, since every answer about the dataset carries it.

    Of a larger one the small parts stay; the file as received has it all.
    """
    return _fitting(plain(original), HEADER_BYTES)


def _fitting(value: Any, room: int) -> Any:
    if _json_bytes(value) <= room:
        return value
    if not isinstance(value, dict) or room < _LEAST_ROOM:
        return _LEFT_OUT
    kept: dict[str, Any] = {}
    room -= len(_LEFT_OUT) * 2
    for name, item in sorted(value.items(), key=_json_bytes):
        taken = _fitting(item, room - _json_bytes(name))
        room -= _json_bytes([name, taken])
        if room < 0:
            kept["..."] = _LEFT_OUT
            break
        kept[name] = taken
    return kept


def _json_bytes(value: Any) -> int:
    return len(json.dumps(value))


def plain(value: Any) -> Any:
    """Make a value plain JSON: numbers that are not finite become null, bytes and unknown things text."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _write_json(path: Path, record: Any) -> None:
    path.write_text(json.dumps(record, sort_keys=True, allow_nan=False), encoding="utf-8")
