"""
A sample's ancestors, each with the moment up to which its history is the sample's own.

One rule decides it for every room: a child left its parent at the earliest standing split event that names it, else
when it was registered, and what an ancestor met counts up to the earliest of the splits on the way.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, cast, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from app.infra.db.base import Id, UtcDateTime
from app.infra.db.models import CustodyEvent, LineageEdge, Sample
from app.infra.db.queries import stands


def split_moment(child: Any) -> ColumnElement[datetime]:
    """Return when a child left its parent: by the split event that names it, else when it was registered."""
    split, edge = aliased(CustodyEvent), aliased(LineageEdge)
    stated = select(func.min(split.happened_at)).join(edge, edge.target_id == split.id)
    stated = stated.where(edge.source_id == child.id, split.sample_id == child.parent_id, split.type == "split")
    return func.coalesce(stated.where(stands(split)).scalar_subquery(), child.split_at, child.created_at)


def _ancestors() -> Select[Sample, datetime | None, int]:
    """Walk from the sample `sample_id` to its ancestors; a parent is older than its child, so the walk ends."""
    named = cast(bindparam("sample_id"), Id).label("sample_id")
    start = select(named, cast(null(), UtcDateTime).label("until"), literal(0).label("depth"))
    line = start.cte("line", recursive=True)
    child = aliased(Sample)
    split = split_moment(child)
    until = case((or_(line.c.until.is_(None), split < line.c.until), split), else_=line.c.until)
    step = select(child.parent_id, until, line.c.depth + 1).join(line, child.id == line.c.sample_id)
    line = line.union_all(step)  # a cell's parent is nothing, which no sample is: the walk ends there
    query = select(Sample, line.c.until, line.c.depth).join(line, line.c.sample_id == Sample.id)
    return query.order_by(line.c.depth)


ANCESTORS = _ancestors()
"""Composed once: putting it together costs more than running it."""
