"""Parts of queries that every room uses."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session, aliased

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


def with_kinds(session: Session, table: Any, is_wanted: Callable[[str], bool]) -> ColumnElement[bool]:
    """Match rows that hold an array of a wanted kind and layout: there are few combinations, looked at first."""
    known = session.scalars(select(table.array_kinds).distinct())
    wanted = [kinds for kinds in known if any(is_wanted(kind) for kind in kinds.split())]
    found: ColumnElement[bool] = table.array_kinds.in_(wanted) if wanted else false()
    return found


def stands(table: Any) -> ColumnElement[bool]:
    """Say that no correction stands in the place of a row."""
    newer = aliased(table)
    return ~select(newer.id).where(newer.supersedes_id == table.id).exists()
