"""The report on paper and screen: its figure, its page, its printed document."""

from lithoscope.writers.report.figure import figure_bytes
from lithoscope.writers.report.html import report_html, style_digest
from lithoscope.writers.report.pdf import report_pages, report_pdf

__all__ = ["figure_bytes", "report_html", "report_pages", "report_pdf", "style_digest"]
