"""Where a thing came from that was taken in with a crate: `exchange/origin.html` takes what `origin_of` returns."""

from app.errors import NotFound
from app.lab.exchange.repository import Origin
from app.portal.visit import Visit


def origin_of(visit: Visit, object_id: str) -> Origin | None:
    """Return from which service and project a thing came, and what it is called there; None when it was made here."""
    try:
        return visit.lab.exchange.origin(visit.actor, object_id)
    except NotFound:
        return None
