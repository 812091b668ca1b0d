"""Histories for tests of the rules: events at hours after noon."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lithoscope.rules.custody import Happening

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ATMOSPHERE_Pa = 101_325.0


def hours(count: float) -> datetime:
    """Return a moment."""
    return NOON + timedelta(hours=count)


def event(type: str, start: float, end: float | None = None, *, place: str | None = None, **details: Any) -> Happening:  # noqa: A002 - the field's name
    """Return an event from one hour to another; its id tells type and start."""
    ended_at = None if end is None else hours(end)
    return Happening(type, hours(start), ended_at, details, "user", id=f"{type}@{start:g}", place=place)


def glovebox(start: float, end: float | None = None, **more: Any) -> Happening:
    """Return a storage in the glovebox."""
    known = {"atmosphere": "argon", "o2_ppm": 0.1, "h2o_ppm": 0.1, "pressure_Pa": ATMOSPHERE_Pa, "temperature_K": 298.0}
    return event("storage", start, end, container="glovebox", place="glovebox", **{**known, **more})
