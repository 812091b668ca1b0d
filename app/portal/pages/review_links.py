"""Links for reviewers: made, shown once, listed with their use, ended."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.doors.dependencies import public_address
from app.lab.review_links.schemas import LONGEST_DAYS, NewReviewLink
from app.lab.review_links.service import state_of
from app.portal import links
from app.portal.forms import Field, body_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
MOST_LINKS = 100
FIELDS = (
    Field("purpose", "For whom or what", "text", required=True, help="Such as the journal; the audit log keeps it."),
    Field("days", "It ends after", "integer", unit="d", default=30, minimum=1, maximum=LONGEST_DAYS),
)


@router.get("/review-links/{target_id}")
def show_links(target_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the links to one thing, with the form for another."""
    return visit.page("reviews/links.html", values={}, made=None, **_page(visit, target_id))


@router.post("/review-links/{target_id}")
def make_link(target_id: str, visit: CurrentVisit) -> Response:
    """Make a link and show its text on the answer itself, the only time it exists."""
    try:
        new = body_of(NewReviewLink, visit.form, target_id=target_id)
        link, text = visit.lab.review_links.make(visit.actor, new)
    except LabError as error:
        return visit.refused(error, "reviews/links.html", made=None, **_page(visit, target_id))
    address = f"{public_address(visit.request)}/review/{text}"
    made = {"purpose": link.purpose, "address": address, "expires_at": link.expires_at}
    return visit.page("reviews/links.html", values={}, made=made, **_page(visit, target_id))


@router.post("/review-links/{link_id}/revocation")
def end_link(link_id: str, visit: CurrentVisit) -> Response:
    """End a link."""
    target_id = visit.lab.review_links.get(visit.actor, link_id).target_id
    visit.lab.review_links.revoke(visit.actor, link_id)
    return seen(f"/review-links/{target_id}", "review-link-revoked")


def _page(visit: Visit, target_id: str) -> dict[str, Any]:
    rooms, actor = visit.lab.review_links, visit.actor
    name, project_id = rooms.named(actor, target_id)
    rows = rooms.page(actor, target_id=target_id, limit=MOST_LINKS)
    return {
        "target_id": target_id,
        "name": name,
        "kind": links.KINDS[target_id.partition("_")[0]].capitalize(),
        "home": links.address(target_id),
        "links": [(link, author, state_of(link)) for link, author in rows],
        "may_share": allow(actor, Action.RUN, project_id),
        "form_fields": FIELDS,
    }
