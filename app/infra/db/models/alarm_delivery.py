"""Alarms on their way out."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class AlarmDelivery(Base):
    """One alarm to one webhook or mail address, tried until it is taken."""

    __tablename__ = "alarm_delivery"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    alarm_id: Mapped[str] = mapped_column(ForeignKey("alarm.id"), index=True)
    webhook_id: Mapped[str | None] = mapped_column(ForeignKey("webhook.id"))
    address: Mapped[str | None] = mapped_column(String(320))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(300))
