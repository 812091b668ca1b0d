"""What arrays a row holds, in one short indexed text: what fits is found among many by an index."""

from collections.abc import Iterable, Mapping
from typing import Any

#: Many arrays are of few kinds and layouts: a row names each once.
LONGEST = 1000


def array_kinds(summaries: Iterable[Mapping[str, Any]] | None) -> str:
    """Write each kind with its axes once, ``image/yx volume/zyx``; what has no axes ends with the slash."""
    described = [summary for summary in summaries or () if "kind" in summary]
    found = sorted({f"{summary['kind']}/{summary.get('axes') or ''}" for summary in described})
    return " ".join(found)[:LONGEST]


def kinds_of_row(column: str) -> Any:
    """Return the default of a column that names the arrays in another, for rows that are not made as objects."""

    def default(context: Any) -> str:
        return array_kinds(context.get_current_parameters().get(column))

    return default
