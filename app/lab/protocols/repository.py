"""Rows of protocols."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.infra.db.models import Protocol


class ProtocolRepository:
    """Queries of the facility's own protocols."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def version(self, protocol_id: str, number: int) -> Protocol | None:
        """Return one version, retired or not."""
        return self._session.get(Protocol, (protocol_id, number))

    def newest_number(self, protocol_id: str) -> int:
        """Return the highest number a protocol has had; 0 for none."""
        query = select(func.max(Protocol.number)).where(Protocol.id == protocol_id)
        return self._session.scalar(query) or 0

    def versions(self, protocol_id: str) -> list[Protocol]:
        """Return every version of a protocol, oldest first, retired ones included."""
        query = select(Protocol).where(Protocol.id == protocol_id).order_by(Protocol.number)
        return list(self._session.scalars(query))

    def in_force(self) -> list[Protocol]:
        """Return every version that is not retired, oldest first."""
        query = select(Protocol).where(Protocol.retired_at.is_(None)).order_by(Protocol.id, Protocol.number)
        return list(self._session.scalars(query))

    def add(self, protocol: Protocol) -> None:
        """Insert a version."""
        self._session.add(protocol)
        self._session.flush()

    def retire(self, protocol_id: str, at: datetime) -> None:
        """Retire every version of a protocol that is not yet."""
        of_it = (Protocol.id == protocol_id, Protocol.retired_at.is_(None))
        self._session.execute(update(Protocol).where(*of_it).values(retired_at=at))
