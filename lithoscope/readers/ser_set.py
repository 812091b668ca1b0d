"""
Several series (.ser) of one TIA acquisition (.emi): each is an array of one dataset, named by its file.

An acquisition writes one .ser for each detector and spectrometer (``X_1.ser``, ``X_2.ser`` beside ``X.emi``). They show
different things, so they are never stacked; the first by number is the principal array.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lithoscope.errors import ReaderError
from lithoscope.readers import tia
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Limits, Source, check_total, claimed_bytes
from lithoscope.units import Quantity

FORMAT = "tia"
_MOST_SERIES = 100
_SETTINGS = ".emi"


def is_ser_set(names: Sequence[str]) -> bool:
    """Tell from the names of files whether they are several series and nothing but their settings besides."""
    series = [name for name in names if name.lower().endswith(tia.SUFFIXES)]
    settings = [name for name in names if name.lower().endswith(_SETTINGS)]
    return len(series) > 1 and len(series) + len(settings) == len(names)


def ser_set(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """
    Sort files into series, by their numbers, and the settings beside them.

    Raises
    ------
    ReaderError
        ``unsupported-type``: the series of several acquisitions.
    """
    settings = [path for path in files if path.suffix.lower() == _SETTINGS]
    series = sorted((path for path in files if path not in settings), key=_natural)
    stems = {_acquisition(path) for path in series}
    if len(settings) > 1 or len(stems) > 1 or len(series) > _MOST_SERIES:
        raise ReaderError(
            "these are the .ser of several acquisitions: send each .emi with its own .ser",
            code="unsupported-type",
        )
    return series, settings


def _acquisition(path: Path) -> str:
    return re.sub(r"_\d+$", "", path.stem).casefold()


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", path.stem)]


def inspect_series(series: Sequence[Path], limits: Limits) -> tuple[ArrayEntry, ...]:
    """Inspect every series as if it had been sent alone, and all together."""
    entries = []
    for path in series:
        try:
            (entry,) = tia.inspect(Source(path, path.name, limits)).arrays
        except ReaderError as error:
            raise ReaderError(f"{path.name}: {error}", code=error.code) from error
        entries.append(replace(entry, name=path.stem))
    check_total((claimed_bytes(entry.shape, np.dtype(entry.dtype).itemsize) for entry in entries), limits)
    return tuple(entries)


def read_series(series: Sequence[Path], limits: Limits) -> Reading:
    """
    Read every series of an acquisition; its settings are added by who has the .emi.

    Raises
    ------
    ReaderError
        Naming the file.
    """
    inspect_series(series, limits)
    readings = []
    for path in series:
        try:
            readings.append(tia.read(Source(path, path.name, limits)))
        except ReaderError as error:
            raise ReaderError(f"{path.name}: {error}", code=error.code) from error
    first = readings[0]
    arrays = [replace(each.arrays[0], name=path.stem) for path, each in zip(series, readings, strict=True)]
    told = [f"{path.name}: {words}" for path, each in zip(series, readings, strict=True) for words in each.warnings]
    energy: dict[str, Quantity] = {}
    for each in readings:
        energy |= {name: value for name, value in each.calibration.items() if name not in first.calibration}
    return replace(
        first,
        arrays=tuple(arrays),
        calibration={**first.calibration, **energy},
        original={path.name: each.original for path, each in zip(series, readings, strict=True)},
        warnings=tuple(told),
        format=FORMAT,
    )
