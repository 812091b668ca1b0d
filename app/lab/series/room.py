"""Room for what is stacked: a project whose quota is full keeps its series waiting, and they say so."""

from collections.abc import Iterable
from math import prod
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Dataset, GrowingSeries
from app.lab.series.facts import image_of
from app.lab.series.repository import SeriesRepository

WAITS = "/problems/series-waits-for-room"
_SWAPPED = "<>|="


def is_waiting(series: GrowingSeries) -> bool:
    """Say whether a series waits for room."""
    return series.state in {"open", "closing"} and (series.problem or {}).get("type") == WAITS


class SeriesRoom:
    """Asks a project's quota before anything is stacked; what is under way was asked for before it began."""

    def __init__(self, series: SeriesRepository) -> None:
        self._series = series

    def is_there(self, series: GrowingSeries, parts: Iterable[Dataset]) -> bool:
        """
        Say whether the images of parts, stacked, have room within the quota of their project.

        The series says that it waits for room, or no longer does. What compression spares is not counted on.
        """
        needed = sum(_image_bytes(part) for part in parts)
        self._series.lock_quota(series.project_id)
        left = self._series.room_in(series.project_id)
        if needed <= left:
            self.go_on(series)
            return True
        said = series.problem if is_waiting(series) else None
        if said is None or said["needed_bytes"] != needed:
            series.problem = _problem(needed, max(left, 0), (said or {}).get("since") or now().isoformat())
            series.version += 1
        return False

    def go_on(self, series: GrowingSeries) -> None:
        """Let a series say no longer that it waits."""
        if is_waiting(series):
            series.problem, series.version = None, series.version + 1


def _problem(needed: int, left: int, since: str) -> dict[str, Any]:
    return {
        "type": WAITS,
        "title": "The project's quota is full",
        "status": 413,
        "detail": f"Nothing more is stacked of the series: its parts take up to {needed} bytes, and {left} are left of "
        "the project's quota. Delete what is not needed, or ask the facility manager for more: the series then goes on "
        "by itself. Its parts are kept.",
        "needed_bytes": needed,
        "since": since,
    }


def _image_bytes(part: Dataset) -> int:
    """Return the bytes that the one image of a part takes."""
    image = image_of(part)
    return 0 if image is None else prod(image["shape"]) * _item_bytes(image["dtype"])


def _item_bytes(dtype: str) -> int:
    """Return the bytes of one number: NumPy says ``uint16`` in bits and ``>u2`` in bytes."""
    count = int("".join(mark for mark in dtype if mark.isdigit()) or 8)
    return count if dtype[0] in _SWAPPED else max(count // 8, 1)
