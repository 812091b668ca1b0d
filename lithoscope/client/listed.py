"""A list of the service as something to walk, count or tabulate; pages are fetched as far as one walks."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError
from lithoscope.client.rows import ANY, FLAG, INSTANT, NUMBER, TEXT, WHOLE, columns_of
from lithoscope.client.thing import Thing

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", bound=Thing)
PAGE = 50
_OF_SOME, _OF_ALL = frozenset({ANY, NUMBER, TEXT}), frozenset({FLAG, WHOLE})
_MISSING = "tables need pandas: pip install 'lithoscope[tables]'"


class Listed(Generic[T]):
    """
    What answers to a search, newest first; every walk asks again.

    It has no ``len()``: a list of the service is counted by walking it (`count`), and that is done on request only.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of the list, below ``/api/v1``; its rows lie below it by their identifiers.
    kind : type
        What a row is.
    limit : int, optional
        How many at most; all when left out.
    filters : dict
        What narrows the list; None leaves a filter open.
    """

    def __init__(
        self,
        connection: Connection,
        path: str,
        kind: type[T],
        *,
        limit: int | None = None,
        filters: dict[str, Any] | None = None,
    ) -> None:
        if limit is not None and limit < 0:
            raise ClientError(f"limit={limit}: say how many at most, or leave it out")
        self._connection = connection
        self._path = path
        self._kind = kind
        self._limit = limit
        self._filters = filters or {}

    def __iter__(self) -> Iterator[T]:
        """Walk them, a page at a time."""
        for record in self._records():
            yield self._kind(self._connection, f"{self._path}/{record['id']}", record, is_row=True)

    def _records(self) -> Iterator[dict[str, Any]]:
        if self._limit == 0:
            return iter(())
        page = min(PAGE, self._limit or PAGE)
        return islice(self._connection.pages(self._path, limit=page, **self._filters), self._limit)

    def first(self) -> T | None:
        """Return the newest; None when there is none."""
        return next(iter(Listed(self._connection, self._path, self._kind, limit=1, filters=self._filters)), None)

    def count(self) -> int:
        """Walk all pages and say how many there are."""
        return sum(1 for _ in self._records())

    def to_pandas(self) -> "pd.DataFrame":
        """
        Return a table: one row each by identifier, fields as columns, of the same types also where nothing was found.

        Instants come with their zone; times of headers that are written in another way stay as written. Quantities
        are columns of their own, units in the names, where a row has them; a value that is not known is missing.
        """
        try:
            import pandas as pd
        except ImportError:
            raise ClientError(_MISSING) from None
        table = pd.DataFrame([flat(record) for record in self._records()])
        columns = columns_of(self._path)
        table = table.reindex(columns=["id", *columns, *table.columns.difference(["id", *columns], sort=False)])
        for name in (name for name in table.columns if name.endswith("_at")):
            with suppress(ValueError):
                table[name] = pd.to_datetime(table[name], utc=True, format="ISO8601").astype(INSTANT)
        for name, dtype in {"id": TEXT, **columns}.items():  # an older service may not know a count: then it has gaps
            if dtype in _OF_SOME or (dtype in _OF_ALL and table[name].notna().all()):
                table[name] = table[name].astype(dtype)
        return table.set_index("id")

    def __repr__(self) -> str:
        """Say what was asked for; nothing is fetched."""
        asked = ", ".join(f"{name}={value!r}" for name, value in self._filters.items() if value is not None)
        return f"<{self._path.removeprefix('/')} {asked or 'all'}>"


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record whose quantities stand beside its fields; a field of the same name goes before."""
    row: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict) and value and all(map(_is_quantity, value.values())):
            row |= {inner: each["value"] for inner, each in value.items() if inner not in record}
        elif _is_quantity(value):
            row[name] = value["value"]
        elif value != {}:
            row[name] = value
    return row


def _is_quantity(value: Any) -> bool:
    return isinstance(value, dict) and {"value", "unit", "source"} <= value.keys()
