"""Which of our axis letters a named NXdata axis is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError
from lithoscope.readers.header_units import angle_factor_deg, energy_factor_eV


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of an NXdata: its name (a dot if none), unit as written, positions if there are any."""

    name: str
    unit: str
    places: NDArray[np.float64] | None


def letters(axes: list[Axis]) -> str:
    """
    Name axes by unit, then by name, then by place from the last.

    Raises
    ------
    ReaderError
        ``unreadable-file`` if two axes would be the same.
    """
    chosen = [_certain(axis, len(axes)) for axis in axes]
    spare = [letter for letter in "xyzc" if letter not in chosen]
    for i in reversed(range(len(axes))):
        if not chosen[i] and spare:
            chosen[i] = spare.pop(0)
    if len(set(chosen)) != len(axes) or "" in chosen:
        raise ReaderError("two axes of the NXdata are of the same kind: name them x, y, z, energy or tilt_angle")
    return "".join(chosen)


def _certain(axis: Axis, count: int) -> str:
    name = axis.name.lower()
    if energy_factor_eV(axis.unit) or name in ("energy", "energy_loss"):
        return "e"
    if count > 1 and (name in ("tilt_angle", "rotation_angle") or (angle_factor_deg(axis.unit) and "til" in name)):
        return "t"
    tail = name.rpartition("_")[2]
    return tail if tail in ("x", "y", "z") else "c" if name == "channel" else ""


def kind_of(axes: str) -> str:
    """Say what an array with these axes is."""
    if "e" in axes:
        return "spectra"
    if "t" in axes:
        return "tilt_series"
    return "volume" if "z" in axes else "image"
