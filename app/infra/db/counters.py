"""Numbers given out in commit order."""

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.infra.db.models import Counter


def take_number(session: Session, name: str) -> int:
    """Take the next number of a counter; the row stays locked until the transaction ends."""
    raise_by_one = update(Counter).where(Counter.name == name).values(value=Counter.value + 1).returning(Counter.value)
    value = session.scalar(raise_by_one)
    if value is not None:
        return value
    try:
        with session.begin_nested():
            session.execute(insert(Counter).values(name=name, value=1))
        return 1
    except IntegrityError:  # another transaction made the counter a moment before
        return session.execute(raise_by_one).scalar_one()
