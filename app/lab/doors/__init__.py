"""What every endpoint shares: the request's transaction, its actor, pages, versions, problems."""

from app.lab.doors.dependencies import CurrentActor, CurrentLab
from app.lab.doors.paging import Cursor, PageQuery, Paging
from app.lab.doors.problems import refuses
from app.lab.doors.route import LabRoute, room_router
from app.lab.doors.versions import IfMatch, etag

__all__ = [
    "CurrentActor",
    "CurrentLab",
    "Cursor",
    "IfMatch",
    "LabRoute",
    "PageQuery",
    "Paging",
    "etag",
    "refuses",
    "room_router",
]
