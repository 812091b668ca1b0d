"""Parts of queries that every room uses."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, case, false, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import FunctionElement

Q = TypeVar("Q", bound=Select[Any])
MOST_APART = 50  # projects that are looked through one by one


class small_letters(FunctionElement[str]):
    """A text in small letters of any alphabet, on both databases."""

    type = String()
    inherit_cache = True


@compiles(small_letters)
def _lower(element: small_letters, compiler: Any, **how: Any) -> str:
    return f"lower({compiler.process(element.clauses, **how)})"


@compiles(small_letters, "sqlite")
def _sqlite_lower(element: small_letters, compiler: Any, **how: Any) -> str:
    return f"small_letters({compiler.process(element.clauses, **how)})"


def in_projects(query: Q, table: Any, projects: frozenset[str] | None) -> Q:
    """Keep rows of these projects; None keeps all."""
    return query if projects is None else query.where(table.project_id.in_(sorted(projects)))


def page_before(query: Q, table: Any, before: str | None, limit: int) -> Q:
    """Cut one page, newest first: identifiers sort by time."""
    if before is not None:
        query = query.where(table.id < before)
    return query.order_by(table.id.desc()).limit(limit)


def page_of_projects(query: Q, table: Any, projects: frozenset[str] | None, *, before: str | None, limit: int) -> Q:
    """
    Cut one page of the rows of these projects (None for all), newest first.

    The newest of each project are found apart, by the index of project and identifier: sorted together, every row of
    every project would be read for each page.
    """
    if projects is None or not 1 < len(projects) <= MOST_APART:
        return page_before(in_projects(query, table, projects), table, before, limit)
    ids = query.with_only_columns(table.id, maintain_column_froms=True)
    pages = (page_before(ids.where(table.project_id == each), table, before, limit) for each in sorted(projects))
    newest = union_all(*(select(page.subquery().c.id) for page in pages)).subquery()
    return page_before(query.where(table.id.in_(select(newest.c.id))), table, None, limit)


def contains_text(text: str, *columns: Any) -> ColumnElement[bool]:
    """
    Match rows where a column holds the text, capitals or not: %, _ and backslash have no special meaning.

    SQLite by itself folds the letters of ASCII alone; a text that has others asks for every letter.
    """
    if text.isascii():
        return or_(*(column.icontains(text, autoescape=True) for column in columns))
    return or_(*(small_letters(column).contains(text.lower(), autoescape=True) for column in columns))


def with_kinds(session: Session, table: Any, is_wanted: Callable[[str], bool]) -> ColumnElement[bool]:
    """Match rows that hold an array of a wanted kind and layout: there are few combinations, looked at first."""
    known = session.scalars(select(table.array_kinds).distinct())
    wanted = [kinds for kinds in known if any(is_wanted(kind) for kind in kinds.split())]
    found: ColumnElement[bool] = table.array_kinds.in_(wanted) if wanted else false()
    return found


def within_depth(walk: Any, depth: int, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """
    Say that a step of a recursive walk is not too deep and meets a condition.

    One expression of both tables: a condition on the walked table alone makes SQLite read that table whole to build a
    Bloom filter, as it takes every walk to be long.

    Parameters
    ----------
    walk : CTE
        With a column ``depth``.
    depth : int
        Steps from here on are left out.
    condition : ColumnElement of bool
        On the row that would be next.
    """
    return case((walk.c.depth < depth, condition), else_=false())


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
