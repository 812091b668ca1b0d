"""Which parts of a growing series can be stacked: in order of their numbers, up to the first that is not there yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Literal

SeriesKind = Literal["tilt_series", "slices"]
PartState = Literal["waiting", "readable", "lost"]

#: Headers round: steps that differ by less are the same.
SAME_STEP = 1e-4
SAME_ENERGY = 0.01
#: Axis along which parts are stacked.
STACKED: dict[str, str] = {"tilt_series": "t", "slices": "z"}


@dataclass(frozen=True, slots=True)
class Layout:
    """
    What parts of one series share.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    dtype, unit : str
        Of the values.
    steps_nm : tuple of float or None
        Along y and x [nm]; None where the calibration is not known.
    beam_energy_kV : float or None
        None where the header does not say.
    """

    shape: tuple[int, int]
    dtype: str
    unit: str
    steps_nm: tuple[float | None, float | None]
    beam_energy_kV: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """
    One tilt or slice as it stands.

    Parameters
    ----------
    number : int
        From 1.
    state : {"waiting", "readable", "lost"}
        Lost is what was rejected or deleted: the series goes on without it.
    place : float or None
        Tilt [deg] or depth [nm].
    layout : Layout or None
        None of what is not readable, or holds no image.
    """

    number: int
    state: PartState
    place: float | None = None
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What can be done with a series now.

    Parameters
    ----------
    usable : tuple of int
        Numbers that can be stacked: in order, up to the first that is not there.
    refused : mapping of int to str
        Readable parts that do not fit the others, and why.
    missing : tuple of int
        Numbers that no part was sent for, up to the last one known of.
    is_complete : bool
        Nothing is waited for any more.
    """

    usable: tuple[int, ...]
    refused: Mapping[int, str]
    missing: tuple[int, ...]
    is_complete: bool


def judge(parts: Sequence[Part], *, kind: SeriesKind, expected: int | None = None) -> Standing:
    """
    Say which parts can be stacked.

    The first readable part with an image is what the others are held against; one that differs is left out and named,
    and the series goes on without it.

    Parameters
    ----------
    parts : sequence of Part
        In any order, each number once.
    kind : {"tilt_series", "slices"}
        What it is a series of.
    expected : int, optional
        How many parts there will be, once somebody said so.
    """
    of_number = {part.number: part for part in parts}
    last = expected if expected is not None else max(of_number, default=0)
    ordered = sorted(parts, key=lambda part: part.number)
    refused = _refused([part for part in ordered if part.state == "readable"], kind)
    missing = tuple(number for number in range(1, last + 1) if number not in of_number)
    awaited = [*missing, *(part.number for part in ordered if part.state == "waiting")]
    first_awaited = min(awaited, default=last + 1)
    usable = tuple(
        part.number
        for part in ordered
        if part.state == "readable" and part.number not in refused and part.number < first_awaited
    )
    return Standing(usable, refused, missing, expected is not None and not awaited)


def _refused(readable: Iterable[Part], kind: SeriesKind) -> dict[int, str]:
    found: dict[int, str] = {}
    first: Part | None = None
    for part in readable:
        reason = _unfit(part, kind) or ("" if first is None else _difference(first, part))
        if reason:
            found[part.number] = reason
        elif first is None:
            first = part
    return found


def _unfit(part: Part, kind: SeriesKind) -> str:
    if part.layout is None:
        return "it holds no single image: send each tilt or slice as an image of its own"
    if kind == "tilt_series" and part.place is None:
        return "its tilt is not known: its file does not say it, so state tilt_deg"
    return ""


def _difference(first: Part, part: Part) -> str:
    """Name what tells a part from the first; empty when nothing does."""
    ours, theirs = first.layout, part.layout
    if ours is None or theirs is None:
        raise ValueError("only parts with an image are compared")
    compared = (
        ("size", ours.shape == theirs.shape, _size(ours), _size(theirs)),
        ("type", ours.dtype == theirs.dtype, ours.dtype, theirs.dtype),
        ("unit", ours.unit == theirs.unit, ours.unit, theirs.unit),
        ("pixel size", _same_steps(ours, theirs), _step(ours), _step(theirs)),
        ("beam energy", _same_energy(ours, theirs), f"{ours.beam_energy_kV} kV", f"{theirs.beam_energy_kV} kV"),
    )
    for what, is_same, here, there in compared:
        if not is_same:
            return f"its {what} is {there}, that of part {first.number} is {here}: the series goes on without it"
    if (first.place is None) != (part.place is None):
        return f"of it and part {first.number} only one states its depth: state z_nm of both or of neither"
    return ""


def _same_steps(ours: Layout, theirs: Layout) -> bool:
    return all(_same(here, there, SAME_STEP) for here, there in zip(ours.steps_nm, theirs.steps_nm, strict=True))


def _same(here: float | None, there: float | None, tolerance: float) -> bool:
    return here == there if here is None or there is None else isclose(here, there, rel_tol=tolerance)


def _same_energy(ours: Layout, theirs: Layout) -> bool:
    if ours.beam_energy_kV is None or theirs.beam_energy_kV is None:
        return True  # what a header does not say contradicts nothing
    return isclose(ours.beam_energy_kV, theirs.beam_energy_kV, rel_tol=SAME_ENERGY)


def _size(layout: Layout) -> str:
    return f"{layout.shape[0]} x {layout.shape[1]}"


def _step(layout: Layout) -> str:
    return "unknown" if layout.steps_nm[1] is None else f"{layout.steps_nm[1]:.6g} nm"
