"""Counts for health and metrics; no row of a project is read."""

from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from app.infra.db.models import Dataset, Job, Upload
from app.infra.queue.liveness import stuck_queues


class HealthRepository:
    """Queries of health."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def answers(self) -> bool:
        """Say whether the database answers."""
        return self._session.execute(select(literal(1))).scalar_one() == 1

    def stuck_queues(self) -> list[str]:
        """Name queues that wait while nothing is taken from them."""
        return stuck_queues(self._session)

    def jobs_by_state(self) -> dict[str, int]:
        """Count jobs."""
        return self._by_state(Job)

    def uploads_by_state(self) -> dict[str, int]:
        """Count uploads."""
        return self._by_state(Upload)

    def datasets_by_state(self) -> dict[str, int]:
        """Count datasets."""
        return self._by_state(Dataset)

    def _by_state(self, table: Any) -> dict[str, int]:
        rows = self._session.execute(select(table.state, func.count()).group_by(table.state))
        return {state: count for state, count in rows}  # noqa: C416 - rows are not plain pairs to mypy
