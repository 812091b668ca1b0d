"""The unit of a plain number on record: its name says it (``temperature_K``, ``capacity_mAh_per_cm2``)."""

from functools import cache
from typing import Any

from lithoscope.units import UNITS

_OTHER_WORDS = {"%": "percent"}
_NOT_SAID = frozenset({"1", "e"})  # a name that ends so means no unit


def unit_of(name: str, value: Any) -> str | None:
    """Return the unit of a number by the end of its name; None for what is no number, or has none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return next((unit for ending, unit in _endings() if name.endswith(ending)), None)


def words_of(name: str) -> str:
    """Return the words of a name that ends in its unit: ``pixel_size_nm`` is a pixel size."""
    return name.rpartition("_")[0].replace("_", " ")


@cache
def _endings() -> tuple[tuple[str, str], ...]:
    """Return what names end with, the longest first, since ``e_per_A2_s`` ends with ``s`` too."""
    found = {f"_{_OTHER_WORDS.get(unit) or _word(unit)}": unit for unit in UNITS - _NOT_SAID}
    return tuple(sorted(found.items(), key=lambda each: (-len(each[0]), each[0])))


def _word(unit: str) -> str:
    return unit.replace("/(", "_per_").replace("/", "_per_").replace(")", "").replace(" ", "_").replace("^", "")
