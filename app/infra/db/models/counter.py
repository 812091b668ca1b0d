"""Numbers given out one by one."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt


class Counter(Base):
    """A named counter; its row is the lock that keeps numbers in commit order."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int] = mapped_column(BigInt)
