"""Families of lines, elements and numbers as people write them in one field: ``O K, Mn L`` and ``O 1, Mn 0.5``."""

import re
from collections.abc import Sequence

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.eds.errors import ElementMismatch, UnknownLine
from lithoscope.numerics.eds.lines import line_families, line_family

#: Elements that grid and film add: fitted, but no map unless asked for.
SUPPORT_ELEMENTS = ("Cu", "C")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def families_in(text: str, *, field: str = "families") -> tuple[str, ...]:
    """
    Read families of lines, separated by commas.

    Parameters
    ----------
    text : str
        ``"O K, Mn L"``; case and spaces do not matter.
    field : str
        What a refusal calls the text.

    Raises
    ------
    UnknownLine, InvalidSetting
    """
    known = {_plain(name): name for name in line_families()}
    given = [_plain(part) for part in re.split(r"[,;]", text) if part.strip()]
    for place, name in enumerate(given, start=1):
        if name not in known:
            names = ", ".join(known.values())
            raise UnknownLine(f"{field}: number {place} is no family of the table, which holds {names}")
    if not given or len(set(given)) < len(given):
        raise InvalidSetting(f"{field}: name each family of lines once, as in 'O K, Mn L'")
    return tuple(known[name] for name in given)


def kept_families(text: str, families: Sequence[str]) -> tuple[str, ...]:
    """
    Read which of the fitted families become maps; without a word, all but those of grid and film.

    Raises
    ------
    UnknownLine, InvalidSetting
    ElementMismatch
        One that is not fitted.
    """
    if text.strip():
        chosen = families_in(text, field="kept")
        if any(name not in families for name in chosen):
            raise ElementMismatch("kept: a family is not among the families that are fitted: add it there")
        return chosen
    seen = tuple(name for name in families if line_family(name).element not in SUPPORT_ELEMENTS)
    return seen or tuple(families)


def amounts_in(text: str, *, field: str) -> dict[str, float]:
    """
    Read a number for each of some elements: ``"O 1, Mn 0.5"``.

    Raises
    ------
    InvalidSetting
    """
    found: dict[str, float] = {}
    for place, part in enumerate((part for part in re.split(r"[,;]", text) if part.strip()), start=1):
        words = part.replace("=", " ").replace(":", " ").split()
        if len(words) != 2 or not re.fullmatch("[A-Za-z]{1,2}", words[0]) or not NUMBER.fullmatch(words[1]):
            raise InvalidSetting(f"{field}: number {place} is not an element and a number, as in 'O 1, Mn 0.5'")
        element = words[0].capitalize()
        if element in found:
            raise InvalidSetting(f"{field}: number {place} names an element again: name each once")
        found[element] = float(words[1])
    return found


def numbers_in(text: str, *, field: str) -> list[float]:
    """
    Read numbers separated by commas or spaces.

    Raises
    ------
    InvalidSetting
    """
    words = [word for word in re.split(r"[,;\s]+", text) if word]
    if not all(NUMBER.fullmatch(word) for word in words):
        raise InvalidSetting(f"{field}: give numbers separated by commas")
    return [float(word) for word in words]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
