"""What reviewers see by a link: no sign-in, no cookie, one thing and what belongs to it."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.lab.doors.outputs import address_of
from app.lab.doors.reviews import CurrentReading, Reading
from app.portal import rendering
from app.portal.pages.results import results_parts
from app.portal.visit import portal_router

router = portal_router()


@router.get("/review/{token}")
def show_review(reading: CurrentReading, request: Request) -> HTMLResponse:
    """Show what a link leads to: a result itself, or the report of a sample or publication with its results."""
    links, review = reading.lab.review_links, reading.review
    reading.note("page")
    if review.kind == "result":
        return _result(reading, request, review.link.target_id)
    return _page(
        reading,
        request,
        "reviews/report.html",
        title=links.title(review),
        publication=links.publication(review) if review.kind == "publication" else None,
        results=links.results(review),
        documents=f"/api/v1/review/{reading.text}/report",
    )


@router.get("/review/{token}/results/{result_id}")
def show_reviewed_result(result_id: str, reading: CurrentReading, request: Request) -> HTMLResponse:
    """Show one of the results a reviewer may read."""
    reading.note(f"result {reading.lab.review_links.result(reading.review, result_id).id}")
    return _result(reading, request, result_id)


def _result(reading: Reading, request: Request, result_id: str) -> HTMLResponse:
    lab, links = reading.lab, reading.lab.review_links
    result = links.result(reading.review, result_id)
    found = links.lineage(reading.review, result)
    parts = results_parts(
        lab,
        result,
        f"/api/v1/review/{reading.text}/results/{result.id}",
        found=found,
        address=address_of(request, result),
        addresses={},
    )
    history = links.history(reading.review, result)
    return _page(reading, request, "reviews/result.html", **parts, history=history)


def _page(reading: Reading, request: Request, template: str, **context: Any) -> HTMLResponse:
    home = f"/review/{reading.text}"
    shown = {"link": reading.review.link, "kind": reading.review.kind, "home": home, **context}
    page = rendering.page(request, template, reviewed=True, front=home, **shown)
    page.headers["Referrer-Policy"] = "no-referrer"  # the address itself is the secret
    return page
