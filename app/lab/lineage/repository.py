"""Edges of the lineage graph, walked by recursive queries, and the names of what they join."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, cast, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from app.infra.clock import now
from app.infra.db.base import Id
from app.infra.db.models import CustodyEvent, Dataset, Exposure, Job, LineageEdge, Result, Sample
from app.infra.ids import prefix_of

MAX_DEPTH = 64
MAX_NODES = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """What a node of the graph is and whose."""

    id: str
    kind: str
    label: str
    state: str | None
    project_id: str


class LineageRepository:
    """Queries of lineage."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def link(self, source_id: str, target_id: str, relation: str) -> None:
        """Draw an arrow; one that is there already stays."""
        dialect = sqlite if self._session.get_bind().dialect.name == "sqlite" else postgresql
        values = {"source_id": source_id, "target_id": target_id, "relation": relation, "created_at": now()}
        statement: Any = dialect.insert(LineageEdge).values(values)
        self._session.execute(statement.on_conflict_do_nothing())

    def forget(self, source_ids: list[str]) -> None:
        """Remove the arrows that begin at these."""
        dead = delete(LineageEdge).where(LineageEdge.source_id.in_(source_ids))
        self._session.execute(dead.execution_options(synchronize_session=False))

    def reach(self, root_id: str, *, upstream: bool) -> dict[str, int]:
        """
        Return what can be reached along the arrows (or against them) with its distance, nearest first.

        UNION drops a node met again at the same distance and the depth limit ends cycles; no more than
        `MAX_NODES` + 1 are returned, so that a caller can tell a cut walk from a whole one.
        """
        here, there = LineageEdge.source_id, LineageEdge.target_id
        if not upstream:
            here, there = there, here
        walk = select(cast(root_id, Id).label("id"), literal(0).label("depth")).cte("walk", recursive=True)
        step = select(there, walk.c.depth + 1).join(walk, here == walk.c.id).where(walk.c.depth < MAX_DEPTH)
        walk = walk.union(step)
        nearest = func.min(walk.c.depth)
        query = select(walk.c.id, nearest).group_by(walk.c.id).order_by(nearest, walk.c.id).limit(MAX_NODES + 1)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def goes_on(self, edge_ids: list[str], *, upstream: bool) -> bool:
        """Say whether arrows lead on from the outermost nodes of a walk."""
        here = LineageEdge.source_id if upstream else LineageEdge.target_id
        return self._session.scalar(select(here).where(here.in_(edge_ids)).limit(1)) is not None

    def edges_among(self, ids: list[str]) -> list[LineageEdge]:
        """Return the arrows between these nodes."""
        query = select(LineageEdge).where(LineageEdge.source_id.in_(ids), LineageEdge.target_id.in_(ids))
        return list(self._session.scalars(query.order_by(LineageEdge.source_id, LineageEdge.target_id)))

    def describe(self, ids: list[str]) -> dict[str, Found]:
        """Name what these ids stand for; ids that stand for nothing are left out."""
        found: dict[str, Found] = {}
        for prefix, (kind, query, column) in _DESCRIPTIONS.items():
            wanted = [node for node in ids if prefix_of(node) == prefix]
            if wanted:
                rows = self._session.execute(query.where(column.in_(wanted)))
                found |= {row[0]: Found(row[0], kind, row[1], row[2], row[3]) for row in rows}
        return found


_NO_STATE = literal(None)
_NEWER_EVENT, _NEWER_EXPOSURE = aliased(CustodyEvent), aliased(Exposure)
_EVENT_STATE = case(
    (select(_NEWER_EVENT.id).where(_NEWER_EVENT.supersedes_id == CustodyEvent.id).exists(), "superseded"), else_=None
)
_EXPOSURE_STATE = case(
    (select(_NEWER_EXPOSURE.id).where(_NEWER_EXPOSURE.supersedes_id == Exposure.id).exists(), "superseded"), else_=None
)
_DESCRIPTIONS: dict[str, tuple[str, Any, Any]] = {
    "smp": ("sample", select(Sample.id, Sample.code + " " + Sample.name, _NO_STATE, Sample.project_id), Sample.id),
    "evt": (
        "event",
        select(CustodyEvent.id, CustodyEvent.type, _EVENT_STATE, Sample.project_id).join(
            Sample, Sample.id == CustodyEvent.sample_id
        ),
        CustodyEvent.id,
    ),
    "exp": (
        "exposure",
        select(Exposure.id, Exposure.mode, _EXPOSURE_STATE, Sample.project_id).join(
            Sample, Sample.id == Exposure.sample_id
        ),
        Exposure.id,
    ),
    "ds": ("dataset", select(Dataset.id, Dataset.filename, Dataset.state, Dataset.project_id), Dataset.id),
    "job": ("job", select(Job.id, Job.method, Job.state, Job.project_id), Job.id),
    "res": (
        "result",
        select(Result.id, Job.method, Result.state, Result.project_id).join(Job, Job.id == Result.job_id),
        Result.id,
    ),
}
