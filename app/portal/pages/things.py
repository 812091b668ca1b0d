"""From an identifier to the page that shows the thing."""

from fastapi.responses import RedirectResponse

from app.errors import NotFound
from app.portal import links
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()


@router.get("/things/{object_id}")
def find_thing(object_id: str, visit: CurrentVisit) -> RedirectResponse:
    """Lead from an identifier to its page; what the visitor may not see is not found."""
    prefix = object_id.partition("_")[0]
    if prefix in links.DIRECT:
        return seen(links.address(object_id))
    if prefix not in _WHERE:
        raise NotFound
    return seen(_WHERE[prefix](visit, object_id))


def _event(visit: Visit, event_id: str) -> str:
    return f"/samples/{visit.lab.custody.get(visit.actor, event_id).event.sample_id}?around={event_id}#{event_id}"


def _exposure(visit: Visit, exposure_id: str) -> str:
    exposure = visit.lab.dose.get(visit.actor, exposure_id).exposure
    return f"/samples/{exposure.sample_id}?around={exposure_id}#{exposure_id}"


_WHERE = {"evt": _event, "exp": _exposure}
