"""Parts of queries that every room uses."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.dialects import postgresql, sqlite
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


def insert_or_change(
    session: Session, table: Any, row: Mapping[str, Any], *, key: str, change: Mapping[str, Any]
) -> None:
    """
    Insert a row, or change the one that is there, in one statement, so that two who do it at once both succeed.

    Parameters
    ----------
    session : Session
        The caller commits.
    table : type
        The model.
    row : mapping
        What is inserted.
    key : str
        Column by which the row may be there.
    change : mapping
        What is set in that case.
    """
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=[key], set_=change))
