"""Rows of what people say labels are."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import LabelPhase


class LabelRepository:
    """Queries of labels."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: LabelPhase) -> None:
        """Append what somebody says."""
        self._session.add(row)
        self._session.flush()

    def of_result(self, result_id: str) -> list[LabelPhase]:
        """Return everything said about the labels of a result, oldest first."""
        query = select(LabelPhase).where(LabelPhase.result_id == result_id)
        return list(self._session.scalars(query.order_by(LabelPhase.id)))
