"""The state of a kept clock at a moment, as a condition on its row: every room that asks compares alike."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_

from app.infra.db.models import SampleClock


def is_in(state: str, at: datetime) -> ColumnElement[bool]:
    """Compare a row's moments as `lithoscope.rules.shelf_life.state_of` does."""
    overdue = SampleClock.overdue_at.is_not(None) & (SampleClock.overdue_at <= at)
    known_until = or_(SampleClock.unknown_at.is_(None), SampleClock.unknown_at > at)
    in_time = or_(SampleClock.overdue_at.is_(None), SampleClock.overdue_at > at)
    match state:
        case "overdue":
            return overdue
        case "unknown":
            return in_time & SampleClock.unknown_at.is_not(None) & (SampleClock.unknown_at <= at)
        case "due":
            return in_time & known_until & (SampleClock.due_at <= at)
        case _:
            return known_until & (SampleClock.due_at > at)
