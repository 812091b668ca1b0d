"""Between which values a map is coloured: the published limits, those of the map, or those a person writes."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ScienceError

Limits = tuple[float, float]
PAPER, OWN = "paper", "own"
_STATE = re.compile(r"^([A-Z][a-z]?)(?: ?(?=\d\+)|_)(\d)\+?$")  # Mn4+, Mn 4+, mn_4
_SUPERSCRIPTS = str.maketrans("0123456789+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺")
_OUTLIERS = (0.5, 99.5)


class UnreadableLimits(ScienceError):
    """Colour limits that are written in a way nobody can read."""

    code = "unreadable-limits"


@cache
def published() -> Mapping[str, Limits]:
    """Return the printed limits of each map by its name [% of atoms, or % of the element]."""
    text = resources.files("lithoscope.figures").joinpath("tables/published.toml").read_text("utf-8")
    return {name: (low, high) for part in tomllib.loads(text).values() for name, (low, high) in part.items()}


def plain_name(name: str) -> str:
    """Reduce a map's name to its element or state: ``Mn L`` is Mn, ``mn_4`` is Mn4+, ``Co 3+`` is Co3+."""
    words = name.strip()
    words = words[:1].upper() + words[1:]
    if state := _STATE.match(words):
        return f"{state[1]}{state[2]}+"
    first = words.replace("_", " ").split(" ")[0]
    return first if first in published() else words


def shown_name(name: str) -> str:
    """Write a map's name as readers do: Mn⁴⁺; Dark field."""
    words = with_states(name.strip()).replace("_", " ")
    return words[:1].upper() + words[1:]


def with_states(words: str) -> str:
    """Write a valence state at the beginning of words as readers do, ``Mn4+, surface``: Mn⁴⁺, surface."""
    first, comma, rest = words.partition(",")
    state = _STATE.match(plain_name(first))
    return f"{state[1]}{(state[2] + '+').translate(_SUPERSCRIPTS)}{comma}{rest}" if state else words


def written_limits(text: str) -> dict[str, Limits]:
    """
    Read limits as people write them: ``O 0..80, Mn 0..16.7``.

    Raises
    ------
    UnreadableLimits
    """
    found: dict[str, Limits] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, span = part.rpartition(" ")
        low, dots, high = span.partition("..")
        try:
            limits = (float(low), float(high))
        except ValueError:
            limits = (0.0, 0.0)
        if not name or not dots or not limits[0] < limits[1] < float("inf") or limits[0] == -float("inf"):
            raise UnreadableLimits("limits are written NAME LOW..HIGH, parted by commas: O 0..80, Mn 0..16.7")
        found[plain_name(name)] = limits
    return found


def limits_of(name: str, values: NDArray[np.floating], chosen: str) -> Limits:
    """
    Choose the colour limits of a map.

    Parameters
    ----------
    name : str
        Of the map.
    values : array
        What is coloured, in the unit shown; NaN where there is nothing.
    chosen : str
        ``paper``, ``own``, or limits as `written_limits` reads them. A map that they do not name has its own: from
        the 0.5th to the 99.5th percentile with ``own``, from the smallest to the largest value with ``paper``, as
        published of dark-field volumes.
    """
    table = published() if chosen == PAPER else {} if chosen == OWN else written_limits(chosen)
    if plain_name(name) in table:
        return table[plain_name(name)]
    finite = values[np.isfinite(values)]
    if not finite.size:
        return (0.0, 1.0)
    low, high = (finite.min(), finite.max()) if chosen == PAPER else np.percentile(finite, _OUTLIERS)
    return (float(low), float(high)) if high > low else (float(low), float(low) + (abs(float(low)) or 1.0))
