"""Reports, publications and statistics of reporting over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.paging import Paging
from app.lab.doors.report_documents import FORMATS, Form, serve_report
from app.lab.reports.schemas import (
    LiteratureOut,
    NewPublication,
    PublicationOut,
    PublicationRow,
    ReportingStatisticsOut,
)
from app.lab.schemas import Instant, Page, QuantityOut
from lithoscope.rules.reporting import literature

router = room_router("reports")


@router.get(
    "/samples/{sample_id}/report",
    operation_id="getSampleReport",
    response_class=Response,
    responses={**refuses(), **FORMATS},
)
def get_sample_report(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    form: Form = "json",
    at: Annotated[Instant | None, Query(description="Until when history counts; now when left out")] = None,
) -> Response:
    """Report what was done to a sample: custody, clocks, dose, checklist, methods paragraph, timeline."""
    return serve_report(lab, lab.reports.of(actor, sample_id, at), form)


@router.get(
    "/datasets/{dataset_id}/report",
    operation_id="getDatasetReport",
    response_class=Response,
    responses={**refuses(), **FORMATS},
)
def get_dataset_report(dataset_id: str, actor: CurrentActor, lab: CurrentLab, form: Form = "json") -> Response:
    """Report what was done to the sample of a dataset until it was measured."""
    return serve_report(lab, lab.reports.of(actor, dataset_id), form)


@router.get(
    "/results/{result_id}/report",
    operation_id="getResultReport",
    response_class=Response,
    responses={**refuses(), **FORMATS},
)
def get_result_report(result_id: str, actor: CurrentActor, lab: CurrentLab, form: Form = "json") -> Response:
    """Report what was done to the sample of a result until its data were measured, and how it was computed."""
    return serve_report(lab, lab.reports.of(actor, result_id), form)


@router.post("/publications", status_code=201, operation_id="createPublication", responses=refuses(409))
def create_publication(new: NewPublication, actor: CurrentActor, lab: CurrentLab, response: Response) -> PublicationOut:
    """Freeze a report; 409 `report-incomplete` lists in `missing` what nobody recorded."""
    publication = lab.reports.publish(actor, new.target_id)
    response.headers["Location"] = f"/api/v1/publications/{publication.id}"
    return PublicationOut.model_validate(publication)


@router.get("/publications", operation_id="listPublications", responses=refuses())
def list_publications(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    target_id: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[PublicationRow]:
    """List publications, newest first."""
    rows = lab.reports.page(
        actor, project_id=project_id, target_id=target_id, before=page.cursor.before, limit=page.cursor.limit
    )
    return Page(items=[PublicationRow.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/publications/{publication_id}", operation_id="getPublication", responses=refuses())
def get_publication(publication_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> PublicationOut:
    """Return a published report as it stood; it never changes, so the ETag is its digest."""
    publication = lab.reports.get(actor, publication_id)
    response.headers["ETag"] = f'"{publication.digest}"'
    return PublicationOut.model_validate(publication)


@router.get(
    "/publications/{publication_id}/report",
    operation_id="getPublicationReport",
    response_class=Response,
    responses={**refuses(), **FORMATS},
)
def get_publication_report(publication_id: str, actor: CurrentActor, lab: CurrentLab, form: Form = "json") -> Response:
    """Return a published report in any format, made from what was frozen."""
    return serve_report(lab, lab.reports.published(actor, publication_id), form)


@router.get("/reporting-statistics", operation_id="getReportingStatistics", responses=refuses())
def get_reporting_statistics(
    actor: CurrentActor,
    lab: CurrentLab,
    project_id: Annotated[
        str | None, Query(max_length=40, description="One project; all that may be seen when left out")
    ] = None,
) -> ReportingStatisticsOut:
    """Count the datasets that report their dose and those of low dose, beside the literature's numbers."""
    counted = lab.reports.statistics(actor, project_id)
    shares = {name: QuantityOut.model_validate(getattr(counted, name)) for name in ("complete_share", "low_dose_share")}
    return ReportingStatisticsOut(
        project_id=project_id,
        datasets=counted.datasets,
        with_exposure=counted.with_exposure,
        complete=counted.complete,
        of_electrons=counted.of_electrons,
        low_dose=counted.low_dose,
        literature=[LiteratureOut.model_validate(row) for row in literature()],
        **shares,
    )
