"""A report in each format: JSON, page, printed document, or its timeline alone."""

import json
from dataclasses import dataclass

from app.lab.reports.schemas import ReportFormat
from app.lab.reports.service import to_json
from lithoscope.rules.report import Report

MEDIA = {
    "json": "application/json",
    "html": "text/html",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
}


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes with their type and the headers they need."""

    content: bytes
    media_type: str
    headers: dict[str, str]


def document(report: Report, form: ReportFormat) -> Document:
    """
    Set a report in a format.

    The page may show its own figure and style and nothing else; its name is the identifier of what it is about, so no
    text of a person reaches a header.
    """
    headers = {"Content-Disposition": f'inline; filename="{report.target_id}-report.{form}"'}
    if form == "html":
        headers["Content-Security-Policy"] = _page_policy()
    return Document(_content(report, form), MEDIA[form], headers)


def _content(report: Report, form: ReportFormat) -> bytes:
    from lithoscope.writers import report as writers  # matplotlib takes half a second: not before the first report

    if form == "json":
        return json.dumps(to_json(report), ensure_ascii=False, allow_nan=False).encode()
    if form == "html":
        return writers.report_html(report).encode()
    if form == "pdf":
        return writers.report_pdf(report)
    return writers.figure_bytes(report, form)


def _page_policy() -> str:
    from lithoscope.writers.report import style_digest

    return (
        f"default-src 'none'; style-src '{style_digest()}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-downloads"
    )
