"""Things that need each other, each after the one it needs."""

from collections.abc import Iterable

from app.lab.exchange.refusals import BadCrate


def in_order(pairs: Iterable[tuple[str, str | None]]) -> list[str]:
    """Return identifiers so that each follows the one it needs; a circle is refused."""
    needs = dict(pairs)
    found: dict[str, None] = {}
    for first in needs:
        line: dict[str, None] = {}  # in order, and quick to look up: a line may be as long as the crate
        here: str | None = first
        while here is not None and here not in found:
            if here in line:
                raise BadCrate.at(here, "It comes before itself: export the crate again.")
            line[here] = None
            here = needs[here]
        found |= dict.fromkeys(reversed(line))
    return list(found)
