"""Room for what is stacked: a project whose quota is full keeps its series waiting, and they say so."""

from collections.abc import Sequence
from math import prod
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Dataset, GrowingSeries
from app.infra.db.quotas import lacking
from app.lab.series.facts import image_of
from app.lab.series.repository import SeriesRepository

WAITS = "/problems/series-waits-for-room"
_SWAPPED = "<>|="
#: What the file of a stack may take beside its images: its frame, a number and a place of each part, and a share for
#: where its pieces lie. Noise, which cannot be packed, takes less: `tests/workers/test_stacking.py`.
_FRAME_BYTES, _PART_BYTES, _SHARE = 32 * 1024, 32, 32


def is_waiting(series: GrowingSeries) -> bool:
    """Say whether a series waits for room."""
    return series.state in {"open", "closing"} and (series.problem or {}).get("type") == WAITS


def stack_bytes(parts: Sequence[Dataset]) -> int:
    """Return what the images of parts, stacked in one file, take at most; what packing spares is not counted on."""
    images = sum(_image_bytes(part) for part in parts)
    return images + images // _SHARE + _PART_BYTES * len(parts) + _FRAME_BYTES


class SeriesRoom:
    """Asks a project's quota before anything is stacked; what is under way has reserved what it may take."""

    def __init__(self, series: SeriesRepository) -> None:
        self._series = series

    def is_there(self, series: GrowingSeries, needed_bytes: int) -> bool:
        """
        Say whether so much has room within the quota of a series' project.

        The series says that it waits for room, or no longer does. Whoever else asks waits until this transaction ends:
        a job submitted within it has its room.
        """
        self._series.lock_quota(series.project_id)
        left_bytes = self._series.room_in(series.project_id)
        if needed_bytes <= left_bytes:
            self.go_on(series)
            return True
        said = series.problem if is_waiting(series) else None
        if said is None or said["needed_bytes"] != needed_bytes:
            since = (said or {}).get("since") or now().isoformat()
            series.problem = _problem(needed_bytes, left_bytes, since)
            series.version += 1
        return False

    def go_on(self, series: GrowingSeries) -> None:
        """Let a series say no longer that it waits."""
        if is_waiting(series):
            series.problem, series.version = None, series.version + 1


def _problem(needed_bytes: int, left_bytes: int, since: str) -> dict[str, Any]:
    return {
        "type": WAITS,
        "title": "Waits for room",
        "status": 413,
        "detail": f"Nothing more is stacked of the series: {lacking('its stack may take', needed_bytes, left_bytes)} "
        "The series then goes on by itself. Its parts are kept.",
        "needed_bytes": needed_bytes,
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
