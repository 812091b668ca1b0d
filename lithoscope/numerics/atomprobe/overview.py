"""What a list of ions shows at first sight: its spectrum, where the ions lie, where they hit, how the voltage rose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.event_list import EventList, Piece
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

MASS = "mass_to_charge_Da"
BIN_DA = 0.01
MOST_BINS = 30_000
MOST_BLOCKS = 2000
_MOST_PIXELS = 1024
_IONS_PER_PIXEL = 4
_VOLTAGES = ("standing_voltage_V", "pulse_voltage_V")
#: Words for what is made.
TITLES = {
    "ions": "Ions",
    "mass_spectrum": "Mass spectrum",
    "density_xz": "Ions seen along y",
    "density_xy": "Ions seen along z",
    "hit_map": "Hits on the detector",
    "voltage_curve": "Voltage",
}

Made = LabelledArray | Table


def overview(events: EventList, *, progress: Callable[[int, int], object] | None = None) -> dict[str, Made]:
    """
    Count every ion of a list, none left out unsaid, in one pass.

    Parameters
    ----------
    events : EventList
        With at least place and mass-to-charge of each ion.
    progress : callable, optional
        Told how many ions of how many are counted.

    Returns
    -------
    made : dict
        ``mass_spectrum``, a table of counts in bins of 0.01 Da; ``density_xz`` and ``density_xy``, ions in each square
        seen along y and z; where the list holds them ``hit_map``, ions in each square of the detector, and
        ``voltage_curve``, mean voltages of up to 2000 equal parts of the sequence.
    """
    spectrum, maps, curve = _Spectrum(events), _maps_of(events), _Curve(events)
    done = 0
    for piece in events.pieces():
        spectrum.add(piece)
        for each in maps:
            each.add(piece)
        curve.add(piece, done)
        done += len(piece[MASS])
        if progress is not None:
            progress(done, events.length)
    made: dict[str, Made] = {"mass_spectrum": spectrum.table()}
    made |= {each.name: each.image() for each in maps}
    return made | ({"voltage_curve": curve.table()} if curve.names else {})


class _Spectrum:
    """Counts of equal bins of mass-to-charge, from zero on; an ion at exactly zero has none and is left out."""

    def __init__(self, events: EventList) -> None:
        self.bins = min(floor(events.bounds[MASS][1] / BIN_DA) + 1, MOST_BINS)
        self.counts = np.zeros(self.bins + 1, np.int64)

    def add(self, piece: Piece) -> None:
        mass = piece[MASS].astype(np.float64)
        places = np.minimum(mass[mass > 0] / BIN_DA, self.bins).astype(np.int64)
        self.counts += np.bincount(places, minlength=self.bins + 1)

    def table(self) -> Table:
        centres = np.round((np.arange(self.bins) + 0.5) * BIN_DA, 3)
        beyond = int(self.counts[-1])
        said = f"; {beyond} ions beyond {self.bins * BIN_DA:g} Da are not drawn" if beyond else ""
        plot = Plot(
            MASS,
            (Line("ions", kind="step"),),
            title=f"Mass spectrum of all ions in bins of {BIN_DA} Da{said}",
            x_title="Mass-to-charge",
            y_title="Ions in a bin",
            log_y=True,
        )
        columns = {MASS: centres.tolist(), "ions": self.counts[:-1].tolist()}
        return Table(columns, {MASS: "Da", "ions": "1"}, plot)


@dataclass
class _Map:
    """Ions in each square of a plane: ``across`` runs to the right, ``down`` downward."""

    name: str
    across: str
    down: str
    unit: str
    low: tuple[float, float]
    step: float
    shape: tuple[int, int]
    is_upside_down: bool = False
    counts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = np.zeros(self.shape[0] * self.shape[1], np.int64)

    def add(self, piece: Piece) -> None:
        rows, columns = (
            np.minimum((piece[name].astype(np.float64) - low) / self.step, length - 1).astype(np.int64)
            for name, low, length in zip((self.down, self.across), self.low, self.shape, strict=True)
        )
        self.counts += np.bincount(rows * self.shape[1] + columns, minlength=self.counts.size)

    def image(self) -> LabelledArray:
        values = self.counts.reshape(self.shape).astype(np.uint32)
        rows, columns = (
            np.asarray(low + (np.arange(length) + 0.5) * self.step, np.float64)
            for low, length in zip(self.low, self.shape, strict=True)
        )
        if self.is_upside_down:
            values, rows = np.ascontiguousarray(values[::-1]), rows[::-1]
        pixel = Quantity(
            self.step, self.unit, "assumed", note=f"chosen so that {_IONS_PER_PIXEL} ions fall into a pixel"
        )
        places = {"y": rows, "x": columns}
        return LabelledArray(values, "yx", {"y": pixel, "x": pixel}, "counts", places, "image", self.name)


def _maps_of(events: EventList) -> list[_Map]:
    """Plan a map for each plane the list has; depths below zero, which grow downward, are drawn from the top."""
    found = []
    for name, across, down in (
        ("density_xz", "x_nm", "z_nm"),
        ("density_xy", "x_nm", "y_nm"),
        ("hit_map", "detector_x_mm", "detector_y_mm"),
    ):
        if across in events.bounds and down in events.bounds:
            ends = (events.bounds[down], events.bounds[across])
            step = _pixel([high - low for low, high in ends], events.length)
            low = tuple(floor(end[0] / step) * step for end in ends)
            shape = tuple(max(1, ceil((end[1] - start) / step)) for end, start in zip(ends, low, strict=True))
            upside = down != "z_nm" or sum(events.bounds[down]) < 0
            unit = events.units[across]
            found.append(_Map(name, across, down, unit, (low[0], low[1]), step, (shape[0], shape[1]), upside))
    return found


def _pixel(sides: Sequence[float], length: int) -> float:
    """Choose the smallest of 1, 2, 5, 10 ... at which a pixel holds a few ions and no side is too long."""
    longest = max(*sides, 1e-3)
    area = longest * max(min(sides), 1e-3 * longest)
    least = max(longest / (_MOST_PIXELS - 2), (area * _IONS_PER_PIXEL / length) ** 0.5)
    decade = 10.0 ** floor(log10(least))
    return next(step * decade for step in (1, 2, 5, 10) if step * decade >= least * (1 - 1e-9))


class _Curve:
    """Mean voltages of equal parts of the sequence of ions."""

    def __init__(self, events: EventList) -> None:
        self.names = [name for name in _VOLTAGES if name in events.bounds]
        self.block = ceil(events.length / MOST_BLOCKS)
        self.blocks = ceil(events.length / self.block)
        self.length = events.length
        self.sums = {name: np.zeros(self.blocks) for name in self.names}

    def add(self, piece: Piece, first: int) -> None:
        places = (first + np.arange(len(piece[MASS]))) // self.block
        for name in self.names:
            self.sums[name] += np.bincount(places, piece[name].astype(np.float64), self.blocks)

    def table(self) -> Table:
        starts = np.arange(self.blocks) * self.block
        counts = np.minimum(self.length - starts, self.block)
        columns = {"ion": (starts + (counts - 1) / 2).tolist()}
        columns |= {name: (sums / counts).tolist() for name, sums in self.sums.items()}
        titles = {"standing_voltage_V": "standing voltage", "pulse_voltage_V": "pulse voltage"}
        mean = f", means of {self.block} ions each" if self.block > 1 else ""
        plot = Plot(
            "ion",
            tuple(Line(name, title=titles[name]) for name in self.names),
            title=f"Voltage in the sequence of ions{mean}",
            x_title="Number of the ion",
            y_title="Voltage",
        )
        return Table(columns, {"ion": "1", **dict.fromkeys(self.names, "V")}, plot)
