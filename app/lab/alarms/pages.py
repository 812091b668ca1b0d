"""Where an alarm leads people."""

from app.infra.db.models import Alarm

#: The field of an alarm's record that names what has a page, and the room of that page.
_ROOMS = {"rule_id": "rules", "series_id": "series"}


def page_of(alarm: Alarm) -> str | None:
    """Return the page about what an alarm tells of; None for what is about neither rule, series nor sample."""
    for name, room in _ROOMS.items():
        if identifier := alarm.record.get(name):
            return f"/{room}/{identifier}"
    return f"/samples/{alarm.sample_id}" if alarm.sample_id else None
