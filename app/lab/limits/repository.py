"""Rows of critical doses the facility measured."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.infra.db.models import DoseLimit
from app.infra.ids import prefix_of


class LimitRepository:
    """Queries of critical doses."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, limit_id: str) -> DoseLimit | None:
        """Return a row of the lab."""
        return self._session.get(DoseLimit, limit_id) if prefix_of(limit_id) == "lim" else None

    def all(self, *, with_retired: bool) -> list[DoseLimit]:
        """Return the lab's rows, oldest first; those that stand unless all are asked for."""
        query = select(DoseLimit)
        if not with_retired:
            newer = aliased(DoseLimit)
            is_superseded = exists().where(newer.supersedes_id == DoseLimit.id)
            query = query.where(DoseLimit.retired_at.is_(None), ~is_superseded)
        return list(self._session.scalars(query.order_by(DoseLimit.id)))

    def superseding(self, limit_id: str) -> str | None:
        """Return the row that superseded one."""
        return self._session.scalar(select(DoseLimit.id).where(DoseLimit.supersedes_id == limit_id))

    def keep(self, row: DoseLimit) -> None:
        """Write a new or changed row."""
        self._session.add(row)
        self._session.flush()
