"""The tour's stops among the visitor's own data, and its end."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import Response

from app.errors import NotFound
from app.infra.db.models import Result
from app.lab.datasets.repository import DatasetFilter
from app.portal.rendering import seen
from app.portal.tour import COOKIE, OVER, STEPS
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
YEAR_S = 365 * 24 * 3600
DAY_S = 24 * 3600
LOOKED_AT = 10  # runs; among all results those of one method would have to be sorted
METHOD = "tomogram_sirt"  # the demonstration's; a facility that has none of it yet is not offered the tour


def example(visit: Visit) -> Result | None:
    """Return the newest tomogram of a sample the visitor may see, by its job: what the tour is about."""
    lab, actor = visit.lab, visit.actor
    for job in lab.jobs.page(actor, method=METHOD, state="succeeded", before=None, limit=LOOKED_AT):
        for result in lab.results.page(actor, job_id=job.id, limit=1):  # none where it was deleted
            return result if result.sample_id else None
    return None


@router.get("/tour/{number}")
def go_to_step(number: Annotated[int, Path(ge=1, le=len(STEPS))], visit: CurrentVisit) -> Response:
    """Lead to a stop of the tour."""
    result = example(visit)
    if result is None:
        raise NotFound
    response = seen(_address(visit, STEPS[number - 1].place, result))
    response.set_cookie(COOKIE, str(number), max_age=DAY_S, samesite="lax", secure=_is_secure(visit))
    return response


@router.post("/tour/end")
def end_tour(visit: CurrentVisit) -> Response:
    """End the tour, or decline it; it stands under Help from then on."""
    response = seen("/")
    response.set_cookie(COOKIE, OVER, max_age=YEAR_S, samesite="lax", secure=_is_secure(visit))
    return response


def _is_secure(visit: Visit) -> bool:
    return visit.lab.house.settings.secure_cookies


def _address(visit: Visit, place: str, result: Result) -> str:
    sample = f"/samples/{result.sample_id}"
    if place == "dataset":
        wanted = DatasetFilter(sample_id=result.sample_id, state="readable")
        found = visit.lab.datasets.page(visit.actor, wanted=wanted, limit=1)
        return f"/datasets/{found[0].id}" if found else sample
    return {
        "home": "/",
        "sample": sample,
        "dose": f"{sample}/dose",
        "job": f"/jobs/{result.job_id}",
        "result": f"/results/{result.id}",
        "provenance": f"/results/{result.id}/outputs/{result.outputs[0]['name']}/provenance?voxel={_middle(result)}",
    }[place]


def _middle(result: Result) -> str:
    """Return the voxel in the middle of a result's first array."""
    return ",".join(str(length // 2) for length in result.outputs[0].get("shape", ()))
