"""Identifiers within plain JSON, turned into those another facility has for the same things."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_IDENTIFIER = re.compile(r"(?<![A-Za-z0-9])(?:smp|evt|exp|rgn|ds|job|res|run|nte|tag|lbp|evl)_[0-9a-f]{32}(?![0-9a-f])")


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a copy with every identifier, in texts and as names of fields, turned into what it is called elsewhere."""
    if isinstance(value, str):
        return _IDENTIFIER.sub(lambda found: names.get(found[0], found[0]), value)
    if isinstance(value, Mapping):
        return {renamed(name, names): renamed(item, names) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(item, names) for item in value]
    return value


def identifiers_in(value: Any) -> Iterator[str]:
    """Go through every identifier that stands in a value."""
    if isinstance(value, str):
        yield from _IDENTIFIER.findall(value)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from identifiers_in(name)
            yield from identifiers_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from identifiers_in(item)
