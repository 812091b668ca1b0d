"""The report as one self-contained page: no script, nothing loaded from elsewhere, every value escaped."""

import hashlib
from base64 import b64encode
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from lithoscope.rules.report import Report
from lithoscope.writers.report.figure import figure_bytes
from lithoscope.writers.report.view import view


def report_html(report: Report) -> str:
    """
    Set a report as an HTML page.

    Parameters
    ----------
    report : Report
        What to show. Its figure is inside the page.
    """
    figure = b64encode(figure_bytes(report, "svg")).decode("ascii")
    return _template().render(r=view(report), style=Markup(_style()), figure=figure)  # noqa: S704 - our own file


def style_digest() -> str:
    """Return what a content security policy names the page's style by: ``sha256-...``."""
    return "sha256-" + b64encode(hashlib.sha256(_style().encode()).digest()).decode("ascii")


@cache
def _style() -> str:
    return (resources.files("lithoscope.writers.report") / "report.css").read_text(encoding="utf-8")


@cache
def _template() -> Template:
    rooms = Environment(
        loader=PackageLoader("lithoscope.writers.report", ""), autoescape=True, undefined=StrictUndefined
    )
    return rooms.get_template("report.html.j2")
