"""What is wrong with an answer, in words for the person who gave it; the answer itself is never repeated."""

import re
from collections.abc import Mapping
from typing import Any

from app.portal import words

_PLAIN = {
    "missing": "This is needed.",
    "extra_forbidden": "This is not asked for here.",
    "bool_parsing": "Say yes or no.",
    "int_parsing": "Write a whole number.",
    "int_type": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "float_parsing": "Write a number.",
    "float_type": "Write a number.",
    "finite_number": "Write a finite number.",
    "literal_error": "Choose one of the list.",
    "enum": "Choose one of the list.",
    "datetime_type": "Write a date and a time.",
    "datetime_parsing": "Write a date and a time.",
    "datetime_from_date_parsing": "Write a date and a time.",
}
_LIMITS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}
_LENGTHS = {
    "string_too_short": ("at least", "min_length", "character"),
    "string_too_long": ("at most", "max_length", "character"),
    "too_short": ("at least", "min_length", "entry"),
    "too_long": ("at most", "max_length", "entry"),
}
_CODE = re.compile(r"\^(?:\[([^]]+)\])?\[([^]]+)\]\{(\d+),(\d+)\}\$")
_RANGES = {
    "A-Z": ("capital letters", "a capital letter"),
    "a-z": ("small letters", "a small letter"),
    "0-9": ("digits", "a digit"),
}
TINY = 1e-9
_CONTROLS = r"^[^\x00-\x1f]*$"


def in_words(item: Mapping[str, Any]) -> str:
    """Say a finding of pydantic's as a facility would."""
    kind, about = item["type"], item.get("ctx", {})
    if kind == "value_error":
        return str(about["error"])
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _LIMITS:
        return _limit(*_LIMITS[kind], about)
    if kind in _LENGTHS:
        return _length(*_LENGTHS[kind], about)
    if kind == "string_pattern_mismatch":
        return _pattern(about["pattern"])
    if kind in {"list_type", "tuple_type"}:
        is_outline = "\n" in str(item.get("input"))
        return "Write two numbers a line: x, y." if is_outline else "Write a list, with commas between its values."
    return str(item["msg"]).replace("Input should", "It must")


def _limit(sign: str, key: str, about: Mapping[str, Any]) -> str:
    """Say a limit; one too small to be seen only keeps zero out."""
    limit = about[key]
    if not isinstance(limit, int | float):
        return f"It must be {sign} {limit}."
    if key in {"gt", "ge"} and 0 <= limit < TINY and (key == "gt" or limit):
        return "It must be above zero."
    return f"It must be {sign} {words.number(limit)}."


def _length(sign: str, key: str, thing: str, about: Mapping[str, Any]) -> str:
    """Say how many characters or entries are needed; a secret is measured like a list, and is text."""
    count, is_text = about[key], thing == "character" or about.get("field_type") == "Value"
    one, many = ("character", "characters") if is_text else ("entry", "entries")
    verb = "It needs" if sign == "at least" else "It may have"
    return f"{verb} {sign} {count} {one if count == 1 else many}."


def _pattern(pattern: str) -> str:
    """Say which characters a code may have."""
    if pattern == _CONTROLS:
        return "Write it in one line, without tabs."
    code = _CODE.fullmatch(pattern)
    if code is None:
        return "It is not written as this field asks."
    first, rest, least, most = code.groups()
    lengths = f"{int(least) + bool(first)} to {int(most) + bool(first)}"
    beginning = f", beginning with {' or '.join(_members(first, 1))}" if first and first != rest else ""
    *others, last = _members(rest, 0)
    return f"Write {lengths} characters: {', '.join(others)} and {last}{beginning}."


def _members(members: str, form: int) -> list[str]:
    """Name the members of a class of characters, of letters and digits in the plural (0) or one of them (1)."""
    named = [names[form] for ranged, names in _RANGES.items() if ranged in members]
    return named + list(re.sub("|".join(_RANGES), "", members))
