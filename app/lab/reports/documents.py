"""A report in each format: JSON, page, printed document, or its timeline alone."""

import json

from app.lab.reports.schemas import ReportFormat
from app.lab.reports.service import to_json
from lithoscope.rules.report import Report


def document(report: Report, form: ReportFormat) -> bytes:
    """Set a report in a format."""
    from lithoscope.writers import report as writers  # matplotlib takes half a second: not before the first report

    if form == "json":
        return json.dumps(to_json(report), ensure_ascii=False, allow_nan=False).encode()
    if form == "html":
        return writers.report_html(report).encode()
    if form == "pdf":
        return writers.report_pdf(report)
    return writers.figure_bytes(report, form)


def page_style() -> str:
    """Return the digest by which a browser knows the style of a report's page."""
    from lithoscope.writers.report import style_digest

    return style_digest()
