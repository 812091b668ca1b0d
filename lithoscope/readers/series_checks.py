"""What the tilts of a simultaneous series must have in common, each refusal with a name of its own."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError

STEEPEST_DEG = 90.0
_SAME_ANGLE_DEG = 0.01
_SAME_CHANNEL = 0.05


def order_of(angles: Sequence[float] | NDArray[np.float64], names: Sequence[str]) -> tuple[NDArray[np.int64], str]:
    """
    Say in which order tilts rise.

    Parameters
    ----------
    angles : sequence of float
        Angle of each tilt as recorded [deg].
    names : sequence of str
        What to call each in a refusal.

    Returns
    -------
    order : (t,) array of int
        Places of the tilts by rising angle.
    warning : str
        Empty when they were in that order already, or in the reverse one.

    Raises
    ------
    ReaderError
        ``unknown-tilt`` for an angle that is none, ``duplicate-tilt`` for two that are the same.
    """
    found = np.asarray(angles, np.float64)
    for angle, name in zip(found, names, strict=True):
        if not abs(angle) <= STEEPEST_DEG:  # NaN too
            raise ReaderError(
                f"the tilt of {name} is not known or steeper than {STEEPEST_DEG:g} deg: state it in series.csv",
                code="unknown-tilt",
            )
    order = np.argsort(found, kind="stable")
    close = np.flatnonzero(np.diff(found[order]) < _SAME_ANGLE_DEG)
    if len(close):
        one, other = names[order[close[0]]], names[order[close[0] + 1]]
        raise ReaderError(
            f"{one} and {other} have the same tilt of {found[order[close[0]]]:g} deg: leave one out, or mark repeated "
            "scans as such",
            code="duplicate-tilt",
        )
    steps = np.diff(found)
    is_sorted = bool((steps > 0).all() or (steps < 0).all())
    return order, "" if is_sorted else "The tilts were not in the order of their angles: they were sorted by angle."


def check_sizes(shapes: Mapping[str, tuple[int, ...]], names: Mapping[str, str]) -> None:
    """
    Refuse signals of different fields or numbers of tilts.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Lengths to compare, by signal or file.
    names : mapping of str to str
        What the entry is called in a refusal, where that is not its key.

    Raises
    ------
    ReaderError
        ``mixed-sizes``.
    """
    first = next(iter(shapes), None)
    for key, shape in shapes.items():
        if first is not None and shape != shapes[first]:
            one, other = names.get(first, first), names.get(key, key)
            raise ReaderError(
                f"{other} has {_size(shape)} places and {one} has {_size(shapes[first])}: crop them alike or leave it "
                "out",
                code="mixed-sizes",
            )


def check_energies(energies: NDArray[np.float64], name: str) -> None:
    """
    Refuse an axis of energies that does not rise evenly.

    Raises
    ------
    ReaderError
        ``reversed-energy-axis``.
    """
    steps = np.diff(energies)
    if len(energies) < 2 or not np.isfinite(energies).all() or not (steps > 0).all():
        raise ReaderError(
            f"the energies of {name} do not rise from channel to channel: reverse or repair its axis",
            code="reversed-energy-axis",
        )
    if not np.allclose(steps, steps.mean(), rtol=1e-3, atol=0):
        raise ReaderError(f"the energies of {name} are not evenly spaced: resample it", code="reversed-energy-axis")


def check_same_energies(energies: NDArray[np.float64], first: NDArray[np.float64], names: tuple[str, str]) -> None:
    """
    Refuse two axes of one signal that differ by more than a twentieth of a channel.

    Raises
    ------
    ReaderError
        ``mixed-energies``.
    """
    allowed = _SAME_CHANNEL * abs(float(np.mean(np.diff(first))))
    if len(energies) != len(first) or float(np.abs(energies - first).max()) > allowed:
        raise ReaderError(
            f"{names[0]} and {names[1]} do not have the same energies: resample one of them", code="mixed-energies"
        )


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
