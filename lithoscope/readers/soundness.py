"""What every reading must be before it leaves: numbers that answers can hold, words of a length that pages can show."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.units import SOURCES, Quantity

LONGEST_NOTE, LONGEST_LABEL, LONGEST_TIME = 1000, 120, 40
_WIDEST_BYTES = {"b": 1, "i": 8, "u": 8, "f": 8, "c": 16}


def sound(reading: Reading) -> Reading:
    """
    Refuse numbers that are none where a number is promised, and shorten words that nobody could read.

    Raises
    ------
    ReaderError
        ``unreadable-file``, naming the array or value.
    """
    for array in reading.arrays:
        _check_array(array)
    for values in (reading.metadata, reading.calibration):
        for name, value in values.items():
            _check_number(value, name)
    warnings, begun = reading.warnings, reading.acquired_at
    if len(begun) > LONGEST_TIME or not begun.isprintable():
        warnings, begun = (*warnings, "The file gives no time but other words: they were left out."), ""
    arrays = tuple(replace(array, spacing=_short(array.spacing)) for array in reading.arrays)
    metadata, calibration = _short(reading.metadata), _short(reading.calibration)
    return replace(
        reading, arrays=arrays, metadata=metadata, calibration=calibration, warnings=warnings, acquired_at=begun
    )


def _check_array(array: LabelledArray) -> None:
    dtype = array.values.dtype
    if dtype.itemsize > _WIDEST_BYTES.get(dtype.kind, 0):
        raise ReaderError(f"{array.name} holds values of type {dtype}: save it with numbers of 64 bits or fewer")
    for axis, places in array.coordinates.items():
        if not np.isfinite(places).all():
            raise ReaderError(f"{array.name} has places along {axis} that are no finite numbers: repair its axis")
    for axis, step in array.spacing.items():
        _check_number(step, f"the step of {array.name} along {axis}")
        if step.value is not None and step.value <= 0:
            raise ReaderError(f"the step of {array.name} along {axis} is not above zero: repair its axis")
    for axis, labels in array.labels.items():
        if not all(isinstance(label, str) and len(label) <= LONGEST_LABEL for label in labels):
            raise ReaderError(
                f"a name along {axis} of {array.name} is no text of at most {LONGEST_LABEL} characters: shorten it"
            )


def _check_number(quantity: Quantity, what: str) -> None:
    given = (quantity.value, quantity.uncertainty, *(quantity.interval or ()))
    if quantity.source not in SOURCES or not all(each is None or _is_finite(each) for each in given):
        raise ReaderError(f"{what} is no finite number of a known source: write the file again")


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _short(values: Mapping[str, Quantity]) -> dict[str, Quantity]:
    return {name: replace(value, note=str(value.note)[:LONGEST_NOTE]) for name, value in values.items()}
