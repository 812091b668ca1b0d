"""Simultaneous tilt series in our own HDF5 layout: spectra stay in the file and are read tilt by tilt."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.numerics.common.series import SeriesOfTilts, as_values
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_values import attribute, attribute_text, first_text, whole
from lithoscope.readers.header_units import known, number, step
from lithoscope.readers.limits import Limits
from lithoscope.readers.plain import lookup, plain
from lithoscope.readers.series_checks import check_energies, check_sizes, order_of
from lithoscope.readers.stored_series import stored_series
from lithoscope.simultaneous import ACQUISITION, LAYOUT, LAYOUT_VERSION, REPEATED, SIGNALS, Signal
from lithoscope.units import SOURCES, Quantity

if TYPE_CHECKING:
    import h5py


MOST_SCANS = 10_000


def recognises(file: "h5py.File") -> bool:
    """Tell the layout by what its root says of itself."""
    return attribute_text(file, "creator") == "lithoscope" and attribute_text(file, "layout") == LAYOUT


def read(file: "h5py.File", limits: Limits) -> Reading:
    """
    Read an open file of the layout that the walk has passed; tilts come sorted by angle.

    Raises
    ------
    ReaderError
        ``missing-tilt``, ``mixed-sizes``, ``duplicate-tilt``, ``unknown-tilt``, ``reversed-energy-axis``, or
        ``unreadable-file`` for a layout of another version or without any signal.
    """
    if number(attribute(file, "version")) != LAYOUT_VERSION:
        raise ReaderError(f"the series is of another layout than version {LAYOUT_VERSION}: write it again")
    reader = _Layout(file, limits)
    series = reader.arrays(SIGNALS)
    if not series:
        raise ReaderError("the series holds none of its signals: write it again")
    check_sizes({name: one.shape[:3] for name, one in series.items()}, {})
    angles = next(iter(series.values())).angles
    order, warning = order_of(angles, [f"tilt {index}" for index in range(len(angles))])
    for name, one in series.items():
        if not np.array_equal(one.angles, angles):
            raise ReaderError(f"{name} has other angles than the signals before it: write the series again")
    repeated = reader.arrays(REPEATED)
    check_sizes({name: one.shape[:3] for name, one in repeated.items()}, {})
    arrays = [one.labelled(order) for one in series.values()]
    arrays += [one.labelled(np.arange(one.shape[0])) for one in repeated.values()]
    pixel, acquisition = arrays[0].spacing["x"], reader.acquisition()
    axis = acquisition.pop("tilt_axis_deg")
    return Reading(
        arrays=tuple(arrays),
        metadata={**acquisition, "pixel_size_nm": pixel},
        calibration={"pixel_size_nm": pixel, "tilt_axis_deg": axis if axis.value is not None else _UNKNOWN_AXIS},
        original=plain({"title": first_text(file.get("entry/title")), **reader.recorded()}),
        acquired_at=first_text(file.get("entry/start_time")),
        warnings=(warning,) if warning else (),
    )


_UNKNOWN_AXIS = Quantity.unknown("deg", "the series does not say how the tilt axis lies in the image")


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """One signal as it lies in the file."""

    name: str
    signal: Signal
    dataset: Any
    angles: NDArray[np.float64]
    spacing: dict[str, Quantity]
    energies: NDArray[np.float64] | None
    limits: Limits

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.dataset.shape)

    def labelled(self, order: NDArray[np.int64]) -> LabelledArray:
        """Put the tilts in order; spectra without reading them."""
        coordinates, values = {"t": self.angles[order]}, self._values(order)
        if self.energies is not None:
            coordinates["e"] = self.energies
        signal = self.signal
        return LabelledArray(values, signal.axes, self.spacing, signal.unit, coordinates, signal.kind, self.name)

    def _values(self, order: NDArray[np.int64]) -> NDArray[Any]:
        if "e" not in self.signal.axes:
            return np.asarray(whole(self.dataset, self.limits)[order])
        stored = stored_series(Path(self.dataset.file.filename), self.dataset.name)
        places = order.tolist()
        return as_values(SeriesOfTilts(lambda tilt: stored[places[tilt]], shape=stored.shape, dtype=stored.dtype))


class _Layout:
    """An open file of the layout."""

    def __init__(self, file: "h5py.File", limits: Limits) -> None:
        self._file, self._limits = file, limits

    def arrays(self, signals: dict[str, Signal]) -> dict[str, _Stored]:
        """Find the signals that are there."""
        found = {name: self._file.get(f"entry/{name}/data") for name in signals}
        return {
            name: self._stored(name, signals[name], dataset) for name, dataset in found.items() if dataset is not None
        }

    def _stored(self, name: str, signal: Signal, dataset: Any) -> _Stored:
        shape: tuple[int, ...] = getattr(dataset, "shape", None) or ()
        if len(shape) != len(signal.axes) or 0 in shape or dataset.dtype.kind not in "iuf":
            raise ReaderError(f"{name} of the series is no array of numbers with axes {signal.axes!r}: write it again")
        group = dataset.parent
        angles = self._positions(group, "tilt_angle")
        if angles is None or len(angles) != shape[0]:
            listed = 0 if angles is None else len(angles)
            raise ReaderError(
                f"{name} has {shape[0]} tilts and {listed} angles: write the series again", code="missing-tilt"
            )
        spacing, energies = {axis: self._step(group, axis, shape) for axis in "yx"}, None
        if "e" in signal.axes:
            energies = self._positions(group, "energy")
            if energies is None or len(energies) != shape[3]:
                raise ReaderError(f"{name} has no energies, one a channel: write the series again")
            check_energies(energies, name)
            spacing["e"] = Quantity(float(np.diff(energies).mean()), "eV", "header", note=f"{group.name}/energy")
        return _Stored(name, signal, dataset, angles, spacing, energies, self._limits)

    def _positions(self, group: Any, name: str) -> NDArray[np.float64] | None:
        stored = group.get(name)
        is_list = getattr(stored, "ndim", None) == 1 and stored.dtype.kind in "iuf"
        return np.asarray(whole(stored, self._limits), np.float64) if is_list else None

    def _step(self, group: Any, axis: str, shape: tuple[int, ...]) -> Quantity:
        recorded = lookup(self._note(), "spacing", axis)
        if isinstance(recorded, dict) and recorded.get("unit") == "nm":
            return Quantity.from_json(recorded)
        places = self._positions(group, axis)
        if places is None or len(places) < 2 or len(places) != shape["tyx".index(axis)]:
            return Quantity.unknown("nm", f"{group.name} has no positions along {axis}")
        return step(places[1] - places[0], attribute_text(group[axis], "units"), key=f"{group.name}/{axis}")

    def _note(self) -> dict[str, Any]:
        try:
            parsed = json.loads(first_text(self._file.get("entry/lithoscope/data")) or "{}")
        except (json.JSONDecodeError, RecursionError):
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def acquisition(self) -> dict[str, Quantity]:
        """Read the acquisition values, unknown where the file lacks one."""
        return {name: self._value(name, unit) for name, unit in ACQUISITION.items()}

    def _value(self, name: str, unit: str) -> Quantity:
        stored = self._file.get(f"entry/acquisition/{name}")
        if getattr(stored, "shape", None) != () or stored.dtype.kind not in "iuf":
            return Quantity.unknown(unit, f"the series has no acquisition/{name}")
        if attribute_text(stored, "units") != unit:
            return Quantity.unknown(unit, f"acquisition/{name} has no unit we know")
        note, source = attribute_text(stored, "note"), attribute_text(stored, "source")
        value = known(float(stored[()]), unit=unit, key=f"acquisition/{name}", zero_is_known=unit == "deg")
        if value.value is None or source not in SOURCES or source == "unknown":
            return Quantity.unknown(unit, note or value.note)
        return Quantity(value.value, unit, source, number(attribute(stored, "uncertainty")), note=note)

    def recorded(self) -> dict[str, Any]:
        """Tell every scan in order of time, those out of the series too."""
        angles = self._positions(self._file, "entry/recorded/angle")
        chosen = self._positions(self._file, "entry/recorded/is_in_series")
        if angles is None or chosen is None or len(angles) != len(chosen):
            return {}
        if len(angles) > MOST_SCANS:
            raise ReaderError(
                f"the series lists {len(angles)} scans and at most {MOST_SCANS} are read: split it", code="too-large"
            )
        scans = [
            {"angle_deg": float(angle), "is_in_series": bool(one)} for angle, one in zip(angles, chosen, strict=True)
        ]
        return {"recorded": scans, **{key: self._note()[key] for key in ("attributes",) if key in self._note()}}
