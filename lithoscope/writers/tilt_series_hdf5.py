"""
A simultaneous tilt series as one HDF5 file, written scan by scan: only one scan is ever in memory.

Each signal is an NXdata group of ``/entry`` named as in `lithoscope.simultaneous`; they share one axis of angles, in
the order of recording. Acquisition values stand in ``/entry/acquisition`` with unit and source. ``/entry/recorded``
tells every scan, also those that only look for damage, in order of time: a dose needs them all.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.simultaneous import ACQUISITION, LAYOUT, LAYOUT_VERSION, REPEATED, SIGNALS, Signal
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import COMPRESSION, describe_data, tilt_chunks

if TYPE_CHECKING:
    import h5py


class UnequalScans(ScienceError):
    """Scans of one series that do not have the same signals of the same size."""

    code = "mixed-sizes"


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """
    All that was recorded in one scan.

    Parameters
    ----------
    angle_deg : float
        Tilt [deg].
    signals : mapping of str to array
        By the names of `lithoscope.simultaneous.SIGNALS`, without the axis of tilts; detectors of X-rays summed.
    is_in_series : bool
        False for a scan that only looks for damage.
    is_repeated : bool
        The scan is one of those repeated at one tilt; the one of the series among them is both.
    """

    angle_deg: float
    signals: Mapping[str, NDArray[Any]]
    is_in_series: bool = True
    is_repeated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SeriesFrame:
    """
    What all scans of a series share.

    Parameters
    ----------
    step_down, step_across : Quantity
        Scan step along y and x [nm].
    energies_eV : mapping of str to array
        Positions of the channels of each signal of spectra [eV].
    acquisition : mapping of str to Quantity
        By the names of `lithoscope.simultaneous.ACQUISITION`.
    title : str
    acquired_at : str
        ISO 8601, empty if unknown.
    attributes : mapping
        Plain JSON kept beside the data.
    """

    step_down: Quantity
    step_across: Quantity
    energies_eV: Mapping[str, NDArray[np.float64]]
    acquisition: Mapping[str, Quantity] = field(default_factory=dict)
    title: str = "simultaneous tilt series"
    acquired_at: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


def write_simultaneous(path: Path, scans: Iterable[Scan], frame: SeriesFrame) -> None:
    """
    Write a simultaneous tilt series as its scans come.

    Parameters
    ----------
    path : Path
        New file; nothing of it stays when a scan does not fit.
    scans : iterable of Scan
        In order of time; angles may come in any order.
    frame : SeriesFrame
        Steps, energies, acquisition.

    Raises
    ------
    UnequalScans
        Naming the scan whose signals or sizes differ from those before.
    ValueError
        For names, axes or units that a simultaneous series does not have.
    """
    import h5py

    try:
        with h5py.File(path, "w-", track_order=True) as root:
            _write(root, scans, frame)
    except FileExistsError:
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(root: "h5py.File", scans: Iterable[Scan], frame: SeriesFrame) -> None:
    root.attrs.update(
        {"NX_class": "NXroot", "default": "entry", "creator": "lithoscope", "layout": LAYOUT, "version": LAYOUT_VERSION}
    )
    entry = root.create_group("entry")
    entry.attrs.update({"NX_class": "NXentry", "default": "dark_field"})
    entry.create_dataset("title", data=frame.title)
    if frame.acquired_at:
        entry.create_dataset("start_time", data=frame.acquired_at)
    _write_acquisition(entry.create_group("acquisition"), frame.acquisition)
    series, repeated, recorded = _Growing(entry, ""), _Growing(entry, "repeat_"), []
    for scan in scans:
        recorded.append((scan.angle_deg, scan.is_in_series))
        if scan.is_in_series:
            series.add(scan, SIGNALS)
        if scan.is_repeated:
            repeated.add(scan, REPEATED)
        del scan  # else it is held while the next one is made
    if not series.angles:
        raise UnequalScans("the series has no scan: give at least one tilt")
    series.describe(SIGNALS, frame)
    repeated.describe(REPEATED, frame)
    _write_recorded(entry.create_group("recorded"), recorded)
    _write_note(entry, frame)


class _Growing:
    """Datasets that grow by one tilt with every scan."""

    def __init__(self, entry: "h5py.Group", prefix: str) -> None:
        self._entry, self._prefix = entry, prefix
        self._datasets: dict[str, h5py.Dataset] = {}
        self.angles: list[float] = []

    def add(self, scan: Scan, known: Mapping[str, Signal]) -> None:
        """Append what one scan has of the known signals."""
        given = {self._prefix + name: np.asarray(values) for name, values in scan.signals.items()}
        if self._prefix:
            given = {name: values for name, values in given.items() if name in known}
        elif foreign := sorted(set(given) - set(known)):
            raise ValueError(f"a simultaneous series has no signal {foreign[0]!r}: its signals are {', '.join(known)}")
        if not self.angles:
            self._datasets = {
                name: _begun(self._entry, name, known[name], given[name]) for name in known if name in given
            }
        self._check(scan, given)
        for name, values in given.items():
            stored = self._datasets[name]
            stored.resize(len(self.angles) + 1, axis=0)
            stored[len(self.angles)] = values
        self.angles.append(scan.angle_deg)

    def _check(self, scan: Scan, given: Mapping[str, NDArray[Any]]) -> None:
        where = f"scan {len(self.angles)} ({scan.angle_deg:g} deg)"
        if set(given) != set(self._datasets):
            odd = sorted(set(given) ^ set(self._datasets))[0]
            raise UnequalScans(
                f"{where} and those before it do not have the same signals: {odd} is in one of them only"
            )
        for name, values in given.items():
            if values.shape != self._datasets[name].shape[1:]:
                raise UnequalScans(f"{where} has another size of {name} than those before it: crop or leave it out")
            if not np.can_cast(values.dtype, self._datasets[name].dtype, "safe"):
                raise UnequalScans(f"{where} has {name} as {values.dtype}, those before it do not: convert the scans")

    def describe(self, known: Mapping[str, Signal], frame: SeriesFrame) -> None:
        """Add positions and units; the axis of angles is one dataset for all."""
        for name, stored in self._datasets.items():
            array = _described(stored, known[name], np.asarray(self.angles, np.float64), frame)
            describe_data(stored, replace(array, name=name))
        groups = [stored.parent for stored in self._datasets.values()]
        for group in groups[1:]:
            del group["tilt_angle"]
            group["tilt_angle"] = groups[0]["tilt_angle"]


def _begun(entry: "h5py.Group", name: str, signal: Signal, values: NDArray[Any]) -> "h5py.Dataset":
    if values.ndim != len(signal.axes) - 1 or 0 in values.shape:
        raise ValueError(f"one scan of {name} has axes {signal.axes[1:]!r}: its shape is {values.shape}")
    chunks = tilt_chunks((1, *values.shape)) if "e" in signal.axes else (1, *values.shape)
    return entry.create_group(name).create_dataset(
        "data", (0, *values.shape), values.dtype, maxshape=(None, *values.shape), chunks=chunks, **COMPRESSION
    )


def _described(
    stored: "h5py.Dataset", signal: Signal, angles: NDArray[np.float64], frame: SeriesFrame
) -> LabelledArray:
    """Make the description of a dataset that is already written; its values are a view of nothing."""
    values = np.broadcast_to(np.zeros((), stored.dtype), stored.shape)
    spacing, coordinates = {"y": frame.step_down, "x": frame.step_across}, {"t": angles}
    if "e" in signal.axes:
        name = stored.parent.name.rpartition("/")[2].removeprefix("repeat_")
        coordinates["e"] = np.asarray(frame.energies_eV[name], np.float64)
    return LabelledArray(values, signal.axes, spacing, signal.unit, coordinates, signal.kind)


def _write_acquisition(group: "h5py.Group", values: Mapping[str, Quantity]) -> None:
    group.attrs["NX_class"] = "NXcollection"
    for name, value in values.items():
        if ACQUISITION.get(name) != value.unit:
            raise ValueError(f"{name!r} [{value.unit}] is no acquisition value of a series: {ACQUISITION}")
        stored = group.create_dataset(name, data=np.nan if value.value is None else value.value)
        stored.attrs.update({"units": value.unit, "source": value.source, "note": value.note})
        if value.uncertainty is not None:
            stored.attrs["uncertainty"] = value.uncertainty


def _write_recorded(group: "h5py.Group", recorded: list[tuple[float, bool]]) -> None:
    group.attrs["NX_class"] = "NXcollection"
    group.create_dataset("angle", data=np.array([angle for angle, _ in recorded])).attrs["units"] = "deg"
    group.create_dataset("is_in_series", data=np.array([is_in for _, is_in in recorded], np.uint8))


def _write_note(entry: "h5py.Group", frame: SeriesFrame) -> None:
    note = entry.create_group("lithoscope")
    note.attrs["NX_class"] = "NXnote"
    note.create_dataset("type", data="application/json")
    facts = {"spacing": {"y": frame.step_down.to_json(), "x": frame.step_across.to_json()}}
    note.create_dataset("data", data=json.dumps({**facts, "attributes": dict(frame.attributes)}, allow_nan=False))
