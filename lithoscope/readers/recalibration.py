"""Calibration a person vouches for, put in place of what the header said."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.readers.base import Reading
from lithoscope.units import Quantity

#: The axes each value is the step of.
AXES = {"pixel_size_nm": "yx", "slice_spacing_nm": "z", "energy_step_eV": "e"}


def recalibrated(reading: Reading, corrections: Mapping[str, Quantity]) -> Reading:
    """
    Correct the steps of a reading's arrays.

    A file may hold arrays of different sampling: a correction is about the principal one, and about every other whose
    step along that axis was the same.

    Parameters
    ----------
    reading : Reading
        What the reader found; its ``metadata`` go on saying what the header says.
    corrections : mapping of str to Quantity
        By the names of ``Reading.calibration``; names without an axis (`AXES`) are kept as calibration only.

    Returns
    -------
    reading : Reading
        With corrected arrays and calibration.
    """
    arrays = reading.arrays
    if not arrays:
        return replace(reading, calibration={**reading.calibration, **corrections})
    for name, step in corrections.items():
        for axis in AXES.get(name, ""):
            former = arrays[0].spacing.get(axis)
            arrays = tuple(
                _with_step(array, axis, step) if axis in array.axes and array.spacing.get(axis) == former else array
                for array in arrays
            )
    return replace(reading, arrays=arrays, calibration={**reading.calibration, **corrections})


def _with_step(array: LabelledArray, axis: str, step: Quantity) -> LabelledArray:
    coordinates = dict(array.coordinates)
    if axis in coordinates and step.value is not None:  # an energy axis keeps its first channel
        places = coordinates[axis]
        coordinates[axis] = places[0] + step.value * np.arange(len(places))
    return replace(array, spacing={**array.spacing, axis: step}, coordinates=coordinates)
