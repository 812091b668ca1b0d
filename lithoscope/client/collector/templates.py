"""Patterns of paths as people write them: ``{sample}/{date}/*.emd``."""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\{(\w+)\}|(\*\*/)|(\*\*)|(\*)|(\?)")
_NAME = re.compile(r"\{(\w+)\}")


def compiled(template: str) -> re.Pattern[str]:
    """
    Turn a pattern into an expression for a whole path.

    A name in braces takes at least one character and no ``/``; a name that comes again must take the same.
    """
    parts, at, seen = [], 0, set[str]()
    for token in _TOKEN.finditer(template):
        parts += [re.escape(template[at : token.start()]), _expression(token, seen)]
        at = token.end()
    return re.compile("".join([*parts, re.escape(template[at:])]), re.IGNORECASE)


def _expression(token: re.Match[str], seen: set[str]) -> str:
    name, folders, anything, within, _one = token.groups()
    if name:
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>[^/]+?)"
    if folders:
        return "(?:[^/]+/)*"
    if anything:
        return ".*"
    return "[^/]*" if within else "[^/]"


def names_in(template: str) -> set[str]:
    """Return the names in braces."""
    return set(_NAME.findall(template))


def filled(template: str, values: Mapping[str, str | None]) -> str:
    """Put values in place of names; nothing else in braces means anything."""
    return _NAME.sub(lambda found: values.get(found[1]) or "", template)
