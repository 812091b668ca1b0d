"""What all lists of ions have in common: their columns, what values are possible, and a first pass over them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError
from lithoscope.event_list import Column, EventList, Piece
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Manifest, Source
from lithoscope.units import Quantity
from lithoscope.wording import count

#: Ions in one piece: what is in memory at a time.
PIECE = 1 << 20
MASS = "mass_to_charge_Da"
PLACE = ("x_nm", "y_nm", "z_nm")
TIME_OF_FLIGHT, STANDING_V, PULSE_V = "time_of_flight_ns", "standing_voltage_V", "pulse_voltage_V"
DETECTOR = ("detector_x_mm", "detector_y_mm")
SINCE_LAST, IN_PULSE = "pulses_since_last_event", "ions_in_pulse"
_MOST = {
    **dict.fromkeys(PLACE, 1e6),
    MASS: 1e5,
    TIME_OF_FLIGHT: 1e9,
    STANDING_V: 1e6,
    PULSE_V: 1e6,
    **dict.fromkeys(DETECTOR, 1e4),
}
_NEVER_BELOW_ZERO = frozenset({MASS, TIME_OF_FLIGHT, STANDING_V, PULSE_V, SINCE_LAST, IN_PULSE})
_SAMPLE_IONS = 4096
_NOT_STATED = {"temperature_K": "K", "pulse_energy_pJ": "pJ", "pulse_rate_kHz": "kHz"}


@dataclass(frozen=True)
class Records:
    """
    A file of nothing but records of one size, an ion each.

    Parameters
    ----------
    format : str
        Its ending.
    dtype : numpy.dtype
        Of one record, big-endian.
    columns : tuple of Column
        In the order of the record.
    """

    format: str
    dtype: np.dtype[Any]
    columns: tuple[Column, ...]

    def recognises(self, _head: bytes) -> bool:
        """Nothing marks one: its name must say so, and its first ions are held against what ions can be."""
        return False

    def may_begin(self, _head: bytes) -> bool:
        """Any bytes could be the beginning of one."""
        return True

    def inspect(self, source: Source) -> Manifest:
        """Hold the size of the file against that of a record, and look at its first ions."""
        size = self.dtype.itemsize
        if source.size % size:
            raise ReaderError(
                f"the file has {source.size} bytes, and each ion of the .{self.format} format {size}: copy it again",
                code="truncated-file",
            )
        check_length(source.size // size, size, source)
        self._check_first(source.path)
        entry = ArrayEntry("ions", (source.size // size, len(self.columns)), ">f4", None, source.size)
        return Manifest(self.format, (entry,), {"byte_order": "big-endian"})

    def read(self, source: Source) -> Reading:
        """Go through the ions once; they stay in the file."""
        self.inspect(source)
        length = source.size // self.dtype.itemsize
        events, warnings = surveyed(length, self.columns, lambda: self._pieces(source.path))
        return Reading(
            (), metadata=not_stated(f"the .{self.format} format has no header"), warnings=warnings, events=events
        )

    def _pieces(self, path: Path) -> Iterator[Piece]:
        with path.open("rb") as file:
            while content := file.read(PIECE * self.dtype.itemsize):
                records = np.frombuffer(content, self.dtype)
                yield {column.name: records[column.name] for column in self.columns}

    def _check_first(self, path: Path) -> None:
        with path.open("rb") as file:
            content = file.read(_SAMPLE_IONS * self.dtype.itemsize)
        if self._is_possible(np.frombuffer(content, self.dtype)):
            return
        if self._is_possible(np.frombuffer(content, self.dtype.newbyteorder("<"))):
            raise ReaderError(
                f"the numbers are little-endian and those of the .{self.format} format big-endian: export it again",
                code="type-mismatch",
            )
        raise ReaderError(
            f"the file is called .{self.format} and its bytes are no ions: rename it or export it again",
            code="type-mismatch",
        )

    def _is_possible(self, records: NDArray[Any]) -> bool:
        """Say whether most of the first ions lie and weigh as ions can; other bytes give numbers of any size."""
        with np.errstate(invalid="ignore"):
            places = [np.abs(records[name].astype(np.float64)) for name in PLACE]
            mass = records[MASS].astype(np.float64)
            near = np.logical_and.reduce([place < _MOST["x_nm"] for place in places])
            real = (mass < _MOST[MASS]) & ((mass == 0) | (np.abs(mass) > 1e-3))
        return bool((near & real).mean() > 0.5)


def check_length(length: int, bytes_per_ion: int, source: Source) -> None:
    """Refuse a list without ions, or of more than the facility keeps."""
    if not length:
        raise ReaderError("the file lists no ion: export it with its ions", code="truncated-file")
    if length * bytes_per_ion > source.limits.series_bytes:
        raise ReaderError(
            f"the list takes {length * bytes_per_ion} bytes, {source.limits.series_bytes} are allowed: split it",
            code="too-large",
        )


def surveyed(
    length: int, columns: tuple[Column, ...], pieces: Callable[[], Iterator[Piece]]
) -> tuple[EventList, tuple[str, ...]]:
    """
    Go through a list once: refuse what no ion can be, find the bounds, leave out columns nobody filled.

    Parameters
    ----------
    length : int
        How many ions there are.
    columns : tuple of Column
        Of each piece.
    pieces : callable
        Gives the list from its beginning, in the file's own types.

    Returns
    -------
    events : EventList
    warnings : tuple of str

    Raises
    ------
    ReaderError
        ``unreadable-file`` naming the first ion that cannot be, or if no ion has a mass-to-charge.
    """
    bounds: dict[str, tuple[float, float]] = {}
    without_mass, start = 0, 0
    for piece in pieces():
        for column in columns:
            low, high = _checked(piece[column.name], column.name, start)
            former = bounds.get(column.name, (low, high))
            bounds[column.name] = min(low, former[0]), max(high, former[1])
        without_mass += int(np.count_nonzero(piece[MASS] == 0))
        start += len(piece[MASS])
    if bounds[MASS][1] <= 0:
        raise ReaderError("no ion of the list has a mass-to-charge: export a list with a calibrated spectrum")
    empty = [column for column in columns if bounds[column.name] == (0, 0) and column.name not in PLACE]
    kept = tuple(column for column in columns if column not in empty)
    events = EventList(
        length, kept, {column.name: bounds[column.name] for column in kept}, lambda: _as_kept(pieces, kept)
    )
    return events, _warnings(empty, without_mass)


def _checked(values: NDArray[Any], name: str, start: int) -> tuple[float, float]:
    with np.errstate(invalid="ignore"):
        low, high = float(values.min()), float(values.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise _impossible(~np.isfinite(values), name, start, "is no finite number")
    if low < 0 and name in _NEVER_BELOW_ZERO:
        raise _impossible(values < 0, name, start, "is below zero")
    most = _MOST.get(name, np.inf)
    if max(-low, high) > most:
        raise _impossible(np.abs(values) > most, name, start, "is larger than any instrument measures")
    return low, high


def _impossible(places: NDArray[np.bool_], name: str, start: int, what: str) -> ReaderError:
    ion = start + int(np.argmax(places)) + 1
    return ReaderError(f"{name} of ion {ion} {what}: the list is damaged, export it again")


def _as_kept(pieces: Callable[[], Iterator[Piece]], columns: tuple[Column, ...]) -> Iterator[Piece]:
    for piece in pieces():
        yield {column.name: piece[column.name].astype(column.dtype) for column in columns}


def _warnings(empty: list[Column], without_mass: int) -> tuple[str, ...]:
    found = []
    if empty:
        names = ", ".join(column.name for column in empty)
        it = "it" if len(empty) == 1 else "them"
        found.append(f"Zero for every ion, so the export did not fill {it}, and left out here: {names}.")
    if without_mass:
        verb = "has" if without_mass == 1 else "have"
        found.append(
            f"{count(without_mass, 'ion')} {verb} a mass-to-charge of 0 Da: kept in the list, not in the spectrum."
        )
    return tuple(found)


def not_stated(why: str) -> dict[str, Quantity]:
    """Say that the conditions of a run are unknown, and why."""
    return {name: Quantity.unknown(unit, why) for name, unit in _NOT_STATED.items()}
