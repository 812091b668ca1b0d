"""Named locks that last as long as a transaction."""

from hashlib import blake2b

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def hold(session: Session, name: str) -> None:
    """
    Let nobody else hold this name until the transaction ends.

    On SQLite there is nothing to do: its writers come one after the other. PostgreSQL keeps the lock itself, so a
    killed process leaves none behind.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    session.execute(select(func.pg_advisory_xact_lock(number)))
