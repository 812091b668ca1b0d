"""Reviewers' links over HTTP, and what their readers get: no credential, no cookie, the link itself."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.infra.db.models import ReviewLink
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.archives import ZIP, serve_archive
from app.lab.doors.arrays import FILE, ArrayName, StoredArray, add_array_routes
from app.lab.doors.dependencies import public_address
from app.lab.doors.inspection import AskedPart, AskedPlace, part_of, statistics_of, voxel_of
from app.lab.doors.outputs import (
    CITED,
    DRAWN,
    CitationFormat,
    PictureFormat,
    address_of,
    serve_citation,
    serve_copy,
    serve_picture,
)
from app.lab.doors.paging import Paging
from app.lab.doors.report_documents import FORMATS, Form, serve_report
from app.lab.doors.reviews import CurrentReading
from app.lab.inspection.schemas import StatisticsOut, VoxelOut
from app.lab.results.schemas import ExportFormat, ResultOut, ResultSummaryOut
from app.lab.review_links.schemas import (
    MadeReviewLink,
    NewReviewLink,
    ReviewedNode,
    ReviewedResultOut,
    ReviewLinkOut,
    ReviewOut,
)
from app.lab.review_links.service import kind_of, state_of
from app.lab.schemas import Page

router = room_router("review links")
UNDER = "/review/{token}"


@router.post("/review-links", status_code=201, operation_id="createReviewLink", responses=refuses())
def create_review_link(
    new: NewReviewLink, actor: CurrentActor, lab: CurrentLab, request: Request, response: Response
) -> MadeReviewLink:
    """Make a link by which somebody without an account reads one result, sample or publication; shown this once."""
    link, text = lab.review_links.make(actor, new)
    response.headers["Location"] = f"/api/v1/review-links/{link.id}"
    response.headers["Cache-Control"] = "no-store"
    address = f"{public_address(request)}/review/{text}"
    return MadeReviewLink(**link_out(link, actor.label).model_dump(), address=address)


@router.get("/review-links", operation_id="listReviewLinks", responses=refuses())
def list_review_links(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    target_id: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[ReviewLinkOut]:
    """List reviewers' links, newest first: for whom, until when, how often they were used."""
    rows = lab.review_links.page(
        actor, project_id=project_id, target_id=target_id, before=page.cursor.before, limit=page.cursor.limit
    )
    return Page(items=[link_out(link, name) for link, name in rows], next=page.next([link.id for link, _ in rows]))


@router.delete("/review-links/{link_id}", status_code=204, operation_id="revokeReviewLink", responses=refuses())
def revoke_review_link(link_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """End a reviewer's link at once; ending it twice changes nothing."""
    lab.review_links.revoke(actor, link_id)


@router.get(UNDER, operation_id="readReview", responses=refuses())
def read_review(reading: CurrentReading) -> ReviewOut:
    """Return what a reviewer's link leads to, and the results that belong to it."""
    reading.note("page")
    lab, review = reading.lab, reading.review
    return ReviewOut(
        kind=review.kind,
        title=lab.review_links.title(review),
        purpose=review.link.purpose,
        expires_at=review.link.expires_at,
        results=[ResultSummaryOut.of(result) for result in lab.review_links.results(review)],
    )


@router.get(f"{UNDER}/results/{{result_id}}", operation_id="readReviewedResult", responses=refuses())
def read_reviewed_result(result_id: str, reading: CurrentReading) -> ReviewedResultOut:
    """Return one of the results a reviewer may read, with the names of what it came from."""
    links = reading.lab.review_links
    result = links.result(reading.review, result_id)
    reading.note(f"result {result.id}")
    found = links.lineage(reading.review, result)
    told = ResultOut.told(result, reading.lab.house.methods).model_dump()
    nodes = [ReviewedNode.model_validate(node) for node in found.nodes]
    return ReviewedResultOut(**told, lineage=nodes, edges=found.edges)


@router.get(
    f"{UNDER}/report", operation_id="readReviewedReport", response_class=Response, responses={**refuses(), **FORMATS}
)
def read_reviewed_report(reading: CurrentReading, form: Form = "json") -> Response:
    """Return the report of the sample or publication that a reviewer's link leads to."""
    report = reading.lab.review_links.report(reading.review)
    reading.note(f"report as {form}")
    return serve_report(reading.lab, report, form)


@router.get(
    f"{UNDER}/results/{{result_id}}/citation",
    operation_id="citeReviewed",
    response_class=Response,
    responses={**refuses(), **CITED},
)
def cite_reviewed(
    result_id: str,
    reading: CurrentReading,
    request: Request,
    form: Annotated[CitationFormat, Query(alias="format")] = "text",
) -> Response:
    """Say how a result that a reviewer may read is cited."""
    result = reading.lab.review_links.result(reading.review, result_id)
    reading.note(f"citation of {result.id}")
    return serve_citation(reading.lab, request, result, form)


def reviewed_array(result_id: str, name: ArrayName, reading: CurrentReading) -> StoredArray:
    """Return one output of a result a reviewer may read."""
    results = reading.lab.results
    result = reading.lab.review_links.result(reading.review, result_id)
    summary = results.output(result, name)
    reading.note(f"output {summary['name']} of {result.id}", is_piece=True)
    return StoredArray(result.store_key, name, partial(results.output, result, name))


add_array_routes(router, f"{UNDER}/results/{{result_id}}/outputs/{{name}}", "Reviewed", reviewed_array)


@router.get(
    f"{UNDER}/results/{{result_id}}/outputs/{{name}}/voxel", operation_id="getReviewedVoxel", responses=refuses(500)
)
def get_reviewed_voxel(result_id: str, name: ArrayName, place: AskedPlace, reading: CurrentReading) -> VoxelOut:
    """Look at one voxel of a result a reviewer may read: value, uncertainty, and the run, data and dose behind it."""
    result = reading.lab.review_links.result(reading.review, result_id)
    found = voxel_of(reading.lab, reading.review.actor, result.id, name=name, place=place)
    reading.note(f"voxels of {name} of {result.id}", is_piece=True)
    return found


@router.get(
    f"{UNDER}/results/{{result_id}}/outputs/{{name}}/statistics",
    operation_id="getReviewedStatistics",
    responses=refuses(500, 503),
)
def get_reviewed_statistics(result_id: str, name: ArrayName, part: AskedPart, reading: CurrentReading) -> StatisticsOut:
    """Sum up a part of an output a reviewer may read; labels and depths come from results the same link leads to."""
    links = reading.lab.review_links
    result = links.result(reading.review, result_id)
    links.check_chooser(reading.review, part.by)
    found = part_of(reading.lab, reading.review.actor, result.id, name=name, part=part)
    reading.note(f"statistics of {name} of {result.id}", is_piece=True)
    return statistics_of(reading.lab, found)


@router.get(
    f"{UNDER}/results/{{result_id}}/outputs/{{name}}/picture.{{form}}",
    operation_id="getReviewedPicture",
    response_class=Response,
    responses={**refuses(416, 500), **DRAWN},
)
def get_picture(
    output: Annotated[StoredArray, Depends(reviewed_array)], form: PictureFormat, lab: CurrentLab, request: Request
) -> Response:
    """Return a figure or film of a result a reviewer may read."""
    return serve_picture(lab, request, output, form)


@router.get(
    f"{UNDER}/results/{{result_id}}/archive",
    operation_id="downloadReviewedArchive",
    response_class=Response,
    responses={**refuses(), **ZIP},
)
def download_archive(result_id: str, reading: CurrentReading, request: Request) -> Response:
    """Download a whole result that a reviewer may read as a zip."""
    result = reading.lab.review_links.result(reading.review, result_id)
    reading.note(f"archive of {result.id}")
    return serve_archive(reading.lab, result, address_of(request, result))


@router.get(
    f"{UNDER}/results/{{result_id}}/download",
    operation_id="downloadReviewed",
    response_class=Response,
    responses={**refuses(416, 500, 503), **FILE},
)
def download(
    result_id: str,
    reading: CurrentReading,
    export_format: Annotated[ExportFormat, Query(alias="format")],
    output: Annotated[str | None, Query(max_length=120, description="May be left out when there is only one")] = None,
) -> Response:
    """Download one output of a result a reviewer may read."""
    result = reading.lab.review_links.result(reading.review, result_id)
    name = reading.lab.results.output(result, output)["name"]
    reading.note(f"download {name} of {result.id} as {export_format}")
    return serve_copy(reading.lab, result, name, export_format)


def link_out(link: ReviewLink, author: str | None) -> ReviewLinkOut:
    """Describe a link."""
    given = {"kind", "state", "author"}
    own = {name: getattr(link, name) for name in ReviewLinkOut.model_fields if name not in given}
    return ReviewLinkOut(**own, kind=kind_of(link), state=state_of(link), author=author)
