"""The pixel of raw spectra that a place in a result came from, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, isclose, radians, sin
from typing import Any

from app.lab.inspection.ways import LIKE_DEG, UnknownPlace, Way

_SAME = "the result has the pixels of the spectra"
_UNDER = "the beam passed through the voxel there, and through all matter above and below it"


@dataclass(frozen=True)
class Pixel:
    """
    Where spectra of a place are.

    Parameters
    ----------
    place : mapping of str to int
        Index along ``t``, ``y``, ``x``; of a region also ``y_to`` and ``x_to``, included. Empty where unknown.
    tilt_deg : float, optional
        Angle of the tilt, of a series.
    mapped_by : str
        How the place was found, or why it is not known.
    """

    place: Mapping[str, int]
    tilt_deg: float | None
    mapped_by: str


def pixel_of(summary: Mapping[str, Any], place: Mapping[str, int], spectra: Mapping[str, Any], way: Way) -> Pixel:
    """
    Follow a place of a result back to the pixel of raw spectra.

    Parameters
    ----------
    summary, spectra : mapping
        Of the result's array and of the raw spectra.
    place : mapping of str to int
        Index along each axis of the result's array.
    way : Way
        What was done to pixels between them.
    """
    tilt: int | None = None
    try:
        tilt = _tilt(summary, place, spectra)
        if way.unknown:
            raise UnknownPlace(way.unknown)
        found, how = (_under if "z" in place else _same)(summary, place, spectra, way=way, tilt=tilt)
    except UnknownPlace as reason:
        known = {} if tilt is None else {"t": tilt}
        return Pixel(known, _angle(spectra, tilt), f"which pixel is not known: {reason}")
    return Pixel(found, _angle(spectra, tilt), how)


def _angles(summary: Mapping[str, Any]) -> list[float] | None:
    return (summary.get("coordinates") or {}).get("t")


def _angle(spectra: Mapping[str, Any], tilt: int | None) -> float | None:
    angles = _angles(spectra)
    return None if tilt is None or angles is None else float(angles[tilt])


def _tilt(summary: Mapping[str, Any], place: Mapping[str, int], spectra: Mapping[str, Any]) -> int | None:
    """Return the tilt of the same angle; for a place of no tilt the one nearest to 0; None of spectra without tilts."""
    if "t" not in spectra["axes"]:
        return None
    angles = _angles(spectra)
    if angles is None:
        raise UnknownPlace("the angles of the tilts are not recorded")
    if "t" not in place:
        if "z" in place or len(angles) == 1:
            return min(range(len(angles)), key=lambda at: abs(angles[at]))
        raise UnknownPlace("which tilt the image is of is not recorded")
    own = _angles(summary)
    if own is None:
        raise UnknownPlace("the angles of the images are not recorded")
    wanted = own[place["t"]]
    nearest = min(range(len(angles)), key=lambda at: abs(angles[at] - wanted))
    if abs(angles[nearest] - wanted) > LIKE_DEG:
        raise UnknownPlace(f"there are no spectra at {wanted:g}°")
    return nearest


def _lengths(summary: Mapping[str, Any], axes: str) -> tuple[int, ...]:
    lengths = dict(zip(summary["axes"], summary["shape"], strict=True))
    if not set(axes) <= lengths.keys():
        raise UnknownPlace("it has no rows and columns")
    return tuple(int(lengths[axis]) for axis in axes)


def _same(
    summary: Mapping[str, Any], place: Mapping[str, int], spectra: Mapping[str, Any], *, way: Way, tilt: int | None
) -> tuple[dict[str, int], str]:
    """Follow a pixel of an image to a pixel, or to those that were summed into it."""
    if way.made_volume:
        raise UnknownPlace("the image was made from a volume")
    own, raw = _lengths(summary, "yx"), _lengths(spectra, "yx")
    factors = [there // here for here, there in zip(own, raw, strict=True)]
    if not all(factors) or [here * n for here, n in zip(own, factors, strict=True)] != list(raw):
        raise UnknownPlace(f"{own[0]} × {own[1]} pixels of the result do not fit {raw[0]} × {raw[1]} of the spectra")
    _check_steps(summary, spectra, factors)
    at = {"y": place["y"], "x": place["x"]}
    before = {} if tilt is None else {"t": tilt}
    if factors == [1, 1]:
        found, moved = _moved_back(at["y"], at["x"], raw, way.shift(_angle(spectra, tilt)))
        return before | found, _SAME + moved
    if way.shifts is not None:
        raise UnknownPlace("images of other pixels were aligned")
    region = {axis: at[axis] * n for axis, n in zip("yx", factors, strict=True)}
    ends = {f"{axis}_to": region[axis] + n - 1 for axis, n in zip("yx", factors, strict=True)}
    return before | region | ends, f"a pixel of the result is {factors[0]} × {factors[1]} pixels of the spectra"


def _check_steps(summary: Mapping[str, Any], spectra: Mapping[str, Any], factors: list[int]) -> None:
    """Refuse lengths that fit by chance: where both steps are known they are as many times each other."""
    for axis, n in zip("yx", factors, strict=True):
        own, raw = (((each.get("spacing") or {}).get(axis) or {}) for each in (summary, spectra))
        if own.get("value") is None or raw.get("value") is None or own["unit"] != raw["unit"]:
            if n > 1:
                raise UnknownPlace("the result has fewer pixels, and their sizes are not both known")
        elif not isclose(own["value"], raw["value"] * n, rel_tol=1e-3):
            raise UnknownPlace("the pixels of the result are of another size than those of the spectra")


def _under(
    summary: Mapping[str, Any], place: Mapping[str, int], spectra: Mapping[str, Any], *, way: Way, tilt: int | None
) -> tuple[dict[str, int], str]:
    """Follow a voxel to the pixel that its projection falls on: u = x cos t + z sin t, as in the projector."""
    angle = _angle(spectra, tilt)
    if not way.made_volume:
        raise UnknownPlace("no job on the way states how the volume was made of projections")
    if tilt is None or angle is None:
        raise UnknownPlace("the spectra are of no tilt series")
    (depth, rows, columns), raw = _lengths(summary, "zyx"), _lengths(spectra, "yx")
    if (depth, rows, columns) != (raw[1], *raw):
        raise UnknownPlace("the volume is not on the grid of the projections")
    _check_steps(summary, spectra, [1, 1])
    middle = (columns - 1) / 2
    axis = middle if way.axis_px is None else way.axis_px
    u = (place["x"] - middle) * cos(radians(angle)) + (place["z"] - middle) * sin(radians(angle)) + axis
    found, moved = _moved_back(place["y"], u, raw, way.shift(angle))
    return {"t": tilt} | found, f"{_UNDER}; tilt axis at column {axis:g}{moved}"


def _moved_back(y: float, x: float, raw: tuple[int, ...], shift: tuple[float, float]) -> tuple[dict[str, int], str]:
    """Return the pixel before the alignment moved it."""
    found = {"y": round(y - shift[0]), "x": round(x - shift[1])}
    if not all(0 <= found[axis] < length for axis, length in zip("yx", raw, strict=True)):
        raise UnknownPlace("it lies outside of the raw image")
    return found, "" if shift == (
        0.0,
        0.0,
    ) else f", moved back by the alignment's {shift[0]:+.3g}, {shift[1]:+.3g} px (y, x)"
