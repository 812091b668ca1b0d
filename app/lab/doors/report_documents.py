"""Reports over HTTP in any format, alike for members and reviewers."""

from typing import Annotated, Any

from fastapi import Query, Response

from app.lab.composition import Lab
from app.lab.reports.documents import document, page_style
from app.lab.reports.schemas import ReportFormat
from lithoscope.rules.report import Report

MEDIA = {
    "json": "application/json",
    "html": "text/html",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
}
Form = Annotated[ReportFormat, Query(alias="format", description="svg and png are the timeline alone")]
FORMATS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report; as JSON it is the model itself",
        "model": Report,
        "content": {
            "text/html": {"schema": {"type": "string"}},
            **{
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in (MEDIA["pdf"], MEDIA["svg"], MEDIA["png"])
            },
        },
    }
}


def serve_report(lab: Lab, report: Report, form: ReportFormat) -> Response:
    """
    Answer with a report in a format.

    A page may show its own figure and style and nothing else; a document's name is the identifier of what it is about,
    so no text of a person reaches a header.
    """
    lab.session.rollback()  # drawing takes a while: the connection goes back first
    headers = {"Content-Disposition": f'inline; filename="{report.target_id}-report.{form}"'}
    if form == "html":
        headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src '{page_style()}'; img-src data:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'self'; sandbox allow-downloads"
        )
    return Response(document(report, form), media_type=MEDIA[form], headers=headers)
