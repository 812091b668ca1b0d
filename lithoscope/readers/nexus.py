"""NeXus and other HDF5: our own layout exactly, any NXdata by its axes and units, else the largest array unnamed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.numerics.common.series import SeriesOfTilts, as_values
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_opening import opened
from lithoscope.readers.hdf5_values import attribute, attribute_text, first_text, text, whole
from lithoscope.readers.header_units import angle_factor_deg, energy_factor_eV, known, step
from lithoscope.readers.limits import Limits
from lithoscope.readers.nexus_axes import Axis, kind_of, letters
from lithoscope.readers.plain import plain
from lithoscope.readers.stored_series import stored_series
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import h5py

#: Spectra of a tilt series, which are never read whole.
SERIES_AXES = "tyxe"
_MOST_AXES = 4
_AXIS_NAMES = {"t": "tilt_angle", "e": "energy", "x": "x", "y": "y", "z": "z", "c": "channel"}
_FACTS = {
    "beam_energy_kV": (("instrument/source/energy", "instrument/beam/incident_energy"), "kV"),
    "beam_current_nA": (("instrument/source/current", "instrument/ebeam_column/probe_current"), "nA"),
    "exposure_s": (("instrument/detector/count_time", "data/count_time"), "s"),
    "temperature_K": (("sample/temperature",), "K"),
}
_FACTORS = {
    "kV": {"eV": 1e-3, "keV": 1.0, "V": 1e-3, "kV": 1.0},
    "nA": {"A": 1e9, "nA": 1.0, "pA": 1e-3, "uA": 1e3, "mA": 1e6},
    "s": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0},
    "K": {"K": 1.0},
}


def read(file: "h5py.File", limits: Limits) -> Reading:
    """Read an open HDF5 file that the walk has passed."""
    note = file.get("entry/lithoscope/data")
    if note is not None and attribute_text(file, "creator") == "lithoscope":
        return _own(file, limits)
    groups = _data_groups(file)
    entry = groups[0].parent if groups else file
    arrays = tuple(_of_nxdata(group, limits) for group in groups)
    warnings: tuple[str, ...] = ()
    if not arrays:
        arrays = (_largest(file, limits),)
        warnings = ("The file has no NXdata: its largest array was read, its axes and scale are not known.",)
    pixel = arrays[0].spacing.get("x", Quantity.unknown("nm", "the file gives no x axis with a unit"))
    return Reading(
        arrays=arrays,
        metadata={**_metadata(entry), "pixel_size_nm": pixel},
        calibration={"pixel_size_nm": pixel},
        original=plain({"attributes": {key: attribute_text(file, key) for key in file.attrs}}),
        acquired_at=_acquired_at(entry),
        warnings=warnings,
    )


def read_hdf5(path: Path) -> LabelledArray:
    """
    Read back an array that `lithoscope.writers.hdf5.write_hdf5` wrote.

    Raises
    ------
    ReaderError
        ``unreadable-file`` if the file is no such array.
    """
    with opened(path) as file:
        if "entry/lithoscope/data" not in file:
            raise ReaderError("the HDF5 file was not written by Lithoscope: read it as an instrument's file")
        return own_array(file)[0]


def own_array(file: "h5py.File", limits: Limits | None = None) -> tuple[LabelledArray, dict[str, Any]]:
    """Read back what `lithoscope.writers.hdf5.write_hdf5` wrote, with the attributes it was given."""
    facts = json.loads(first_text(file["entry/lithoscope/data"]))
    group = file["entry/data"]
    spacing = {axis: Quantity.from_json(record) for axis, record in facts["spacing"].items()}
    coordinates = {
        axis: np.asarray(group[_AXIS_NAMES[axis]][...], np.float64)
        for axis in facts["axes"]
        if _AXIS_NAMES[axis] in group and (axis in "te" or axis not in spacing)
    }
    labels = {axis: tuple(names) for axis, names in facts.get("labels", {}).items()}
    array = LabelledArray(
        _values(group["data"], facts["axes"], limits or Limits()),
        facts["axes"],
        spacing,
        facts["unit"],
        coordinates,
        facts["kind"],
        facts["name"],
        labels,
        facts.get("source", ""),
    )
    return array, facts.get("attributes", {})


def _values(stored: "h5py.Dataset", axes: str, limits: Limits) -> NDArray[Any]:
    """Read an array; spectra of a tilt series stay in the file and are read tilt by tilt."""
    if axes[0] != "t" or sorted(axes) != sorted(SERIES_AXES):
        return _energy_last(whole(stored, limits), axes)
    series = stored_series(Path(stored.file.filename), stored.name)
    if axes == SERIES_AXES:
        return as_values(series)
    shape = tuple(series.shape[axes.index(axis)] for axis in _with_energy_last(axes))
    return as_values(SeriesOfTilts(lambda tilt: _energy_last(series[tilt], axes[1:]), shape=shape, dtype=series.dtype))


def _own(file: "h5py.File", limits: Limits) -> Reading:
    array, attributes = own_array(file, limits)
    pixel = array.spacing.get("x", Quantity.unknown("nm", "the array has no x axis"))
    return Reading((array,), {"pixel_size_nm": pixel}, {"pixel_size_nm": pixel}, plain({"attributes": attributes}))


def _data_groups(file: "h5py.File") -> list["h5py.Group"]:
    """Every NXdata with a signal, the default one first."""
    found: list[Any] = []

    def visit(_name: str, item: Any) -> None:
        if attribute_text(item, "NX_class") == "NXdata" and _signal(item) is not None:
            found.append(item)

    file.visititems(visit)
    default = _default(file)
    return sorted(found, key=lambda group: (group.name != default, group.name))


def _default(file: "h5py.File") -> str:
    place: Any = file
    for _ in range(_MOST_AXES):
        wanted = attribute_text(place, "default")
        if not wanted or wanted not in place:
            break
        place = place[wanted]
    return str(place.name)


def _signal(group: Any) -> Any:
    name = attribute_text(group, "signal")
    if name and name in group:
        found = group[name]
        return found if _is_numeric(found) else None
    marked = [item for item in group.values() if attribute_text(item, "signal") == "1"]
    return marked[0] if marked and _is_numeric(marked[0]) else None


def _is_numeric(item: Any) -> bool:
    return getattr(item, "dtype", None) is not None and item.dtype.kind in "biufc" and 1 <= item.ndim <= _MOST_AXES


def _of_nxdata(group: Any, limits: Limits) -> LabelledArray:
    signal = _signal(group)
    axes = _axes_of(group, signal)
    named = letters(axes)
    spacing: dict[str, Quantity] = {}
    coordinates: dict[str, NDArray[np.float64]] = {}
    for letter, axis in zip(named, axes, strict=True):
        if axis.places is None:
            spacing.update(
                {letter: Quantity.unknown("nm", f"{group.name} has no positions along axis {axis.name}")}
                if letter in "zyx"
                else {}
            )
        elif letter == "t":
            coordinates["t"] = axis.places * (angle_factor_deg(axis.unit) or 1.0)
        else:
            spacing[letter] = _step(axis, group.name)
            if letter == "e":
                coordinates["e"] = axis.places * (energy_factor_eV(axis.unit) or 1.0)
    unit = attribute_text(signal, "units") or "1"
    name = group.name.strip("/").replace("/", " ")
    values, named = _values(signal, named, limits), _with_energy_last(named)
    return LabelledArray(
        values, named, spacing, unit if unit in ("counts", "1") else "1", coordinates, kind_of(named), name
    )


def _energy_last(values: NDArray[Any], axes: str) -> NDArray[Any]:
    return np.ascontiguousarray(np.moveaxis(values, axes.index("e"), -1)) if "e" in axes else values


def _with_energy_last(axes: str) -> str:
    return axes.replace("e", "") + "e" if "e" in axes else axes


def _axes_of(group: Any, signal: Any) -> list[Axis]:
    raw = attribute(group, "axes") if "axes" in group.attrs else attribute(signal, "axes")
    names = (
        [text(name) for name in np.atleast_1d(raw)]
        if not isinstance(raw, str | bytes)
        else text(raw).replace(":", ",").split(",")
    )
    names = (names + ["."] * signal.ndim)[: signal.ndim]
    found = []
    for name, length in zip(names, signal.shape, strict=True):
        item = group.get(name) if name not in (".", "") else None
        fits = item is not None and getattr(item, "shape", None) == (length,) and item.dtype.kind in "iuf"
        if item is None or not fits:
            found.append(Axis(name, "", None))
        else:
            found.append(Axis(name, attribute_text(item, "units"), np.asarray(item[...], np.float64)))
    return found


def _step(axis: Axis, where: str) -> Quantity:
    steps = np.diff(axis.places) if axis.places is not None else np.empty(0)
    if not len(steps) or not np.allclose(steps, steps[0], rtol=1e-3, atol=0):
        return Quantity.unknown("nm", f"the positions along {where}/{axis.name} are not evenly spaced")
    return step(abs(float(steps.mean())), axis.unit, key=f"{where}/{axis.name}")


def _largest(file: "h5py.File", limits: Limits) -> LabelledArray:
    found: list[Any] = []
    file.visititems(lambda _name, item: found.append(item) if _is_numeric(item) else None)
    if not found:
        raise ReaderError("the HDF5 file holds no array of numbers with one to four axes")
    chosen = max(found, key=lambda item: (item.size, item.name))
    axes = "czyx"[-chosen.ndim :]
    unknown = {axis: Quantity.unknown("nm", f"{chosen.name} has no axes with units") for axis in axes if axis in "zyx"}
    name = chosen.name.strip("/").replace("/", " ")
    return LabelledArray(
        whole(chosen, limits), axes, unknown, "1", {}, "stack" if len(axes) > 2 else kind_of(axes), name
    )


def _metadata(entry: Any) -> dict[str, Quantity]:
    return {name: _fact(entry, paths, unit) for name, (paths, unit) in _FACTS.items()}


def _fact(entry: Any, paths: tuple[str, ...], unit: str) -> Quantity:
    for path in paths:
        item = entry.get(path)
        if item is None or getattr(item, "size", 0) != 1:
            continue
        factor = _FACTORS[unit].get(attribute_text(item, "units"))
        if factor is None:
            return Quantity.unknown(unit, f"{path} has no unit we know")
        return known(np.asarray(item[...]).item(), unit=unit, key=path, factor=factor)
    return Quantity.unknown(unit, f"the file has no {paths[0]}")


def _acquired_at(entry: Any) -> str:
    return first_text(entry.get("start_time"))
