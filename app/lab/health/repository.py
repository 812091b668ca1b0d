"""Counts for health and metrics; no row of a project is read."""

from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from app.infra.clock import db_epoch
from app.infra.db.models import Dataset, Job, OutboxMessage, Upload
from app.infra.db.revisions import revision_of
from app.infra.queue.liveness import stuck_queues
from app.infra.queue.presence import Presence, present


class HealthRepository:
    """Queries of health."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def answers(self) -> bool:
        """Say whether the database answers."""
        return self._session.execute(select(literal(1))).scalar_one() == 1

    def workers(self) -> list[Presence]:
        """Return the workers heard within a week."""
        return present(self._session)

    def stuck_queues(self) -> list[str]:
        """Name queues that wait while nothing is taken from them."""
        return stuck_queues(self._session)

    def database(self) -> tuple[str, str]:
        """Return the kind of database and its version."""
        bind = self._session.get_bind()
        asked = select(func.sqlite_version()) if bind.dialect.name == "sqlite" else select(func.version())
        version: str = self._session.execute(asked).scalar_one()
        return ("SQLite", version) if bind.dialect.name == "sqlite" else ("PostgreSQL", version.split()[1])

    def revision(self) -> str | None:
        """Return the revision of the schema; None where the tables were made without migrations."""
        return revision_of(self._session.connection())

    def epoch_s(self) -> float:
        """Return the database's clock [s since 1970]."""
        return float(self._session.execute(select(db_epoch())).scalar_one())

    def unsent_messages(self) -> int:
        """Count messages that wait for the broker."""
        return self._session.execute(select(func.count()).where(OutboxMessage.sent_at.is_(None))).scalar_one()

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
