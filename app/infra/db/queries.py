"""Parts of queries that every room uses."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, cast, or_, select
from sqlalchemy.orm import aliased

Q = TypeVar("Q", bound=Select[Any])


def in_projects(query: Q, table: Any, projects: frozenset[str] | None) -> Q:
    """Keep rows of these projects; None keeps all."""
    return query if projects is None else query.where(table.project_id.in_(sorted(projects)))


def page_before(query: Q, table: Any, before: str | None, limit: int) -> Q:
    """Cut one page, newest first: identifiers sort by time."""
    if before is not None:
        query = query.where(table.id < before)
    return query.order_by(table.id.desc()).limit(limit)


def contains_text(text: str, *columns: Any) -> ColumnElement[bool]:
    """Match rows where a column holds the text as it is: %, _ and backslash have no special meaning."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def holds_marks(column: Any, marks: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    """Match rows whose JSON column holds, as text, one of each sequence of marks: a sieve before it is read."""
    held = cast(column, String)
    return and_(*(or_(*(held.contains(mark, autoescape=True) for mark in any_of)) for any_of in marks))


def stands(table: Any) -> ColumnElement[bool]:
    """Say that no correction stands in the place of a row."""
    newer = aliased(table)
    return ~select(newer.id).where(newer.supersedes_id == table.id).exists()
