"""Reading of a nested document piece by piece; whatever is wrong is named, with its place and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_TEXT = 2000
LARGEST = 1e300  # an integer of JSON may be longer than any float


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing wrong in a document.

    Parameters
    ----------
    name : str
        Stable and kebab-case: ``missing-field``, ``unknown-field``, ``wrong-type``, ``bad-value`` and so on.
    pointer : str
        JSON pointer (RFC 6901) into the document.
    remedy : str
        What to do; never the value found there.
    """

    name: str
    pointer: str
    remedy: str


@dataclass(slots=True)
class Piece:
    """A table of a document and where it stands; problems are gathered, so that one reading names them all."""

    value: Mapping[str, Any]
    pointer: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, remedy: str, at: str = "") -> None:
        """Note a problem of the piece, or of one of its fields."""
        place = f"{self.pointer}/{_escaped(at)}" if at else self.pointer
        self.problems.append(Problem(name, place, remedy))

    def only(self, *fields: str) -> None:
        """Note every field that is none of these."""
        for name in self.value:
            if name not in fields:
                self.refuse("unknown-field", f"leave it out; known here: {', '.join(fields)}", name)

    def text(self, name: str, *, default: str | None = None, among: Sequence[str] = ()) -> str:
        """Return a string, one of a few if they are named."""
        given = self.value.get(name, default)
        if given is None:
            self.refuse("missing-field", "state it as a string", name)
        elif not isinstance(given, str):
            self.refuse("wrong-type", "state it as a string", name)
        elif len(given) > MAX_TEXT or (not given.strip() and default is None):
            self.refuse("bad-value", f"use 1 to {MAX_TEXT} characters", name)
        elif among and given not in among:
            self.refuse("bad-value", f"use one of {', '.join(among)}", name)
        else:
            return given
        return default or (among[0] if among else "")

    def texts(self, name: str, *, among: Sequence[str] = (), at_least: int = 0) -> tuple[str, ...]:
        """Return a list of strings, each one of a few if they are named."""
        given = self.value.get(name, [])
        if not isinstance(given, list) or not all(
            isinstance(word, str) and 0 < len(word) <= MAX_TEXT for word in given
        ):
            self.refuse("wrong-type", "state it as a list of strings", name)
            return ()
        if len(given) < at_least:
            self.refuse("missing-field", f"name at least {at_least}", name)
        if among and not set(given) <= set(among):
            self.refuse("bad-value", f"use only {', '.join(among)}", name)
            return ()
        return tuple(given)

    def number(self, name: str) -> float:
        """Return a finite number."""
        given = self.value.get(name)
        if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST:
            self.refuse("missing-field" if given is None else "wrong-type", "state it as a finite number", name)
            return 0.0
        return float(given)

    def table(self, name: str) -> "Piece":
        """Return a table within this one; an empty one stands in for what is none."""
        given = self.value.get(name)
        if not isinstance(given, Mapping):
            self.refuse("missing-field" if given is None else "wrong-type", "state it as a table", name)
            given = {}
        return self._inner(given, name)

    def tables(self, name: str, *, at_most: int, at_least: int = 0) -> "list[Piece]":
        """Return the tables of a list within this one."""
        given = self.value.get(name, [])
        if not isinstance(given, list) or not all(isinstance(entry, Mapping) for entry in given):
            self.refuse("wrong-type", "state it as a list of tables", name)
            return []
        if not at_least <= len(given) <= at_most:
            self.refuse("bad-value", f"list {at_least} to {at_most} of them", name)
        return [self._inner(entry, f"{name}/{index}") for index, entry in enumerate(given[:at_most])]

    def _inner(self, value: Mapping[str, Any], name: str) -> "Piece":
        return Piece(value, f"{self.pointer}/{name}", self.problems)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:100]
