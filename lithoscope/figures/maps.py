"""Maps of a particle as figures take them: named, in a unit, between limits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from lithoscope import wording
from lithoscope.figures.limits import Limits, limits_of, plain_name, published, shown_name
from lithoscope.figures.style import GREY, QUANTITY
from lithoscope.numerics.common import WrongShape

_MARGIN = 0.09  # of the particle's width, room for a scale bar


@dataclass(frozen=True, slots=True)
class Map:
    """
    One map.

    Parameters
    ----------
    name : str
    values : (z, y, x) array
        In the unit shown; NaN where there is no value.
    unit : str
    limits : (float, float)
        Values of the first and last colour.
    colours : str
        Name of the colour map.
    """

    name: str
    values: NDArray[Any]
    unit: str
    limits: Limits
    colours: str = QUANTITY


def maps_of(volume: NDArray[Any], names: Sequence[str], unit: str, particle: NDArray[Any], *, limits: str) -> list[Map]:
    """
    Take a volume apart into maps as they are shown.

    Parameters
    ----------
    volume : (c, z, y, x) or (z, y, x) array
    names : sequence of str
        Of the maps.
    unit : str
        Parts of one of elements and states with published limits are shown in percent. Where all maps of several are
        zero at once, none has a value there.
    particle : (z, y, x) array
        Where a map's own limits are taken from.
    limits : str
        See `limits.limits_of`.
    """
    channels = volume if volume.ndim == 4 else volume[None]
    if channels.shape[1:] != np.shape(particle):
        raise WrongShape(f"a map has shape {channels.shape[1:]}, the particle {np.shape(particle)}: give one volume")
    inside = np.asarray(particle) > 0
    has_value = (channels != 0).any(axis=0) if len(channels) > 1 else np.ones(inside.shape, bool)
    found = []
    for name, values in zip(names, channels, strict=True):
        is_known = plain_name(name) in published()
        is_part = unit == "1" and is_known
        shown = np.where(has_value, np.asarray(values, np.float32) * np.float32(100 if is_part else 1), np.nan)
        span = limits_of(name, shown[inside], limits)
        is_structure = len(channels) == 1 and not is_known
        found.append(Map(name, shown, "%" if is_part else unit, span, GREY if is_structure else QUANTITY))
    return found


def boxed(maps: Sequence[Map], particle: NDArray[Any]) -> tuple[list[Map], NDArray[np.bool_]]:
    """Cut maps and mask to the smallest box around the particle, with a margin."""
    box = box_of(particle)
    return [replace(each, values=each.values[box]) for each in maps], np.asarray(particle)[box] > 0


def box_of(particle: NDArray[Any]) -> tuple[slice, slice, slice]:
    """Return the smallest box around the particle, with a margin."""
    mask = np.asarray(particle) > 0
    spans = []
    for axis in range(3):
        filled = np.flatnonzero(mask.any(axis=tuple({0, 1, 2} - {axis})))
        low, high = (int(filled[0]), int(filled[-1])) if filled.size else (0, mask.shape[axis] - 1)
        room = max(2, round(_MARGIN * (high - low)))
        spans.append(slice(max(0, low - room), high + 1 + room))
    return spans[0], spans[1], spans[2]


def limits_in_words(maps: Sequence[Map]) -> str:
    """Say between which values each map is coloured."""
    return "; ".join(
        f"{shown_name(each.name)} {wording.number(each.limits[0], 3)} to {wording.number(each.limits[1], 3)} "
        f"{wording.unit(each.unit)}".rstrip()
        for each in maps
    )


@cache
def colours_of(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours of a colour map."""
    return np.asarray(np.rint(mpl.colormaps[name](np.arange(256))[:, :3] * 255), np.uint8)
