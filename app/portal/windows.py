"""A long list in parts: each is a page, found by its number or by what it holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query

Row = TypeVar("Row")
SHOWN = 100  # rows of one page: a browser takes a third of a second to lay out 500
MOST_PARTS = 1000
Number = Annotated[int, Query(ge=0, le=MOST_PARTS, alias="part", description="Which part, counted from the newest")]
Around = Annotated[str | None, Query(max_length=40, description="What the part holds, whatever its number")]


@dataclass(frozen=True, slots=True)
class Window(Generic[Row]):
    """
    A page's part of a list.

    Parameters
    ----------
    rows : sequence of Row
        Newest first.
    number : int
        0 is the newest part.
    has_older : bool
        Whether there is a part before it.
    names : frozenset of str
        What its rows are found by.
    """

    rows: Sequence[Row]
    number: int
    has_older: bool
    names: frozenset[str]

    @property
    def first(self) -> int:
        """Return the place of its newest row in the whole list, counted from 1."""
        return SHOWN * self.number + 1

    def at(self, anchor: str) -> str:
        """Return where a row is shown: on this page, else on the one that has it."""
        name = anchor.removeprefix("#")
        return anchor if not name or name in self.names else f"?around={name}{anchor}"


def window(
    newest_first: Sequence[Row], name_of: Callable[[Row], str], *, number: int = 0, around: str | None = None
) -> Window[Row]:
    """
    Cut a list.

    Parameters
    ----------
    newest_first : sequence of Row
        At least all up to the part that is wanted, and one more.
    name_of : callable
        What a row is found by.
    number : int
        Which part, counted from the newest; beyond the last it is the last.
    around : str or None
        A row: the part that has it, whatever the number.
    """
    place = next((i for i, row in enumerate(newest_first) if around and name_of(row) == around), None)
    last = max(0, len(newest_first) - 1) // SHOWN
    number = min(number, last) if place is None else place // SHOWN
    shown = newest_first[SHOWN * number : SHOWN * (number + 1)]
    has_older = len(newest_first) > SHOWN * (number + 1)
    return Window(shown, number, has_older, frozenset(map(name_of, shown)))
