"""The report in type: typst with its own fonts, from memory, without network or system fonts."""

import json
from functools import cache
from importlib import resources

import typst

from lithoscope.rules.report import Report
from lithoscope.writers.report.figure import figure_bytes
from lithoscope.writers.report.printed import printed
from lithoscope.writers.report.view import view

EPOCH_S = 0  # the document carries no time of making, so that equal reports are equal files


def report_pdf(report: Report) -> bytes:
    """
    Set a report as PDF.

    Everything a person wrote goes in as data and never as typst source, so no name can hold code. Long tables are cut
    in the middle, and say so.
    """
    made = typst.compile(
        _source(), format="pdf", ignore_system_fonts=True, sys_inputs=_inputs(report), timestamp=EPOCH_S
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gives a document as one run of bytes")
    return made


def report_pages(report: Report, *, ppi: float = 110.0) -> list[bytes]:
    """Set a report as pictures of its pages (PNG)."""
    made = typst.compile(_source(), format="png", ppi=ppi, ignore_system_fonts=True, sys_inputs=_inputs(report))
    return [made] if isinstance(made, bytes) else list(made or ())


def _inputs(report: Report) -> dict[str, str]:
    return {"report": json.dumps(printed(view(report))), "figure": figure_bytes(report, "svg").decode("utf-8")}


@cache
def _source() -> bytes:
    return (resources.files("lithoscope.writers.report") / "report.typ").read_bytes()
