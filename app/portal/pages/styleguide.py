"""Every component of the portal in every state, on one page."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.portal.charts import Chart, chart_of
from app.portal.forms import fields_of
from app.portal.icons import PATHS
from app.portal.visit import CurrentVisit, portal_router
from lithoscope.tables import Line, Plot
from lithoscope.units import Quantity

router = portal_router()

MOST_ROWS = 10_000
LONG = "NMC811_2026-05-04_cycled-200_lifted-out_second-half_after-the-glovebox-was-opened_" * 3
QUANTITIES = (
    Quantity(655_100.0, "e/A^2", "measured", uncertainty=6_600.0, note="beam current calibrated the same day"),
    Quantity(4.63, "nm", "header", note="Scan.PixelSize"),
    Quantity(36.0, "h", "user"),
    Quantity(0.3, "nA", "assumed", interval=(0.25, 0.35)),
    Quantity.unknown("nA", "the header says zero current"),
)
STATES = {
    "jobs": ("queued", "running", "cancelling", "succeeded", "failed", "cancelled"),
    "datasets": ("received", "verified", "readable", "rejected", "deleted"),
    "clocks": ("fresh", "due", "overdue", "unknown"),
    "budgets": ("within", "near", "exceeded", "unknown"),
    "verdicts": ("pass", "relaxed_allowed", "fail", "not_recorded"),
}
TOKENS = ("ground", "sheet", "sunk", "line", "line-strong", "ink", "ink-soft", "accent", "good", "warn", "bad", "info")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TIMELINE = (  # sign, tone, what it was, details
    ("open", "", "Disassembly", {"Place": "Glovebox 2"}),
    ("transfer", "air", "Transfer: in air", {"Air exposure": "40 s", "Atmosphere": "unknown"}),
    ("cold", "", "Cooling", {"Corrected": "by a later record"}),
    ("exposure", "beam", "Tilt series", {"Dose of the series": "6.551 × 10⁵ e/Å²"}),
    ("dataset", "made", "needle.dm3", {"Size": "2.9 MB"}),
)
SEEN = {  # components that are drawn from records, and where
    "Rooms": "the header of every page",
    "Names": "every sentence of the service that names a thing",
    "History": "a sample",
    "Verdicts": "compliance of a sample",
    "Outline": "a region of a sample",
    "Plot": "a result with a table or curve",
    "Element marks": "spectra of a dataset, curves over an energy axis",
    "Viewer": "a dataset or result with an image, series or volume; the viewer",
    "In space": "the viewer of a volume: In three dimensions",
    "Spectra": "a dataset with a spectrum image",
    "Metadata": "a dataset that was read",
    "Refusal": "a dataset that could not be read",
    "Look at a table": "a result or dataset with a table",
    "Headings of a form": "the form of a recipe",
    "Ticks of datasets": "running a method or recipe on several datasets",
    "Document": "a report",
    "Facets": "the list of samples",
    "Tree": "samples as a tree, parts of a sample",
    "Label": "the label of a sample",
    "Choices by kind": "recording an event of a sample",
    "Transfer": "uploading data, running jobs on home",
    "Lineage": "where a result or dataset comes from",
    "Cite": "citing a result",
    "Review": "what a reviewer's link opens",
    "Picker": "the inputs of a method's form",
    "Advanced": "a method's form",
    "Checked form": "a method's form",
    "Estimate": "a method's form",
    "Total": "a recipe's form, several runs at once",
    "Doubt": "the form of a tomogram or recipe",
    "Rows": "forms that take a list of records",
    "Convergence": "a running job that iterates",
    "Sides": "two runs compared",
    "Attention": "the facility, for managers",
    "Filled": "the facility's disk, for managers",
    "Enrolment": "an instrument's new collector",
    "Verification": "checking the audit log, for managers",
    "Pictures": "datasets and results",
    "Guide": "help",
    "Tour": "offered on home",
}


class Example(BaseModel):
    """A form with one field of every kind."""

    name: str = Field(title="Name", description="As it stands on the vial", max_length=40)
    beam_current_nA: float | None = Field(None, title="Beam current", ge=0, json_schema_extra={"unit": "nA"})
    repeats: int = Field(1, title="Repeats", ge=1, le=9)
    is_cold: bool = Field(default=False, title="Cold", description="Below 100 K the whole time")
    note: str | None = Field(None, title="Note", json_schema_extra={"format": "longtext"})


def _chart() -> Chart | None:
    depth = [0.0, 5.0, 10.0, 15.0]
    columns = {
        "depth_nm": depth,
        "O": [44.0, 48.0, 49.5, 50.0],
        "O_sd": [0.5, 0.4, 0.3, 0.3],
        "Mn": [20.0, 18.0, 17.0, 17.0],
    }
    units = {"depth_nm": "nm", "O": "at%", "O_sd": "at%", "Mn": "at%"}
    plot = Plot("depth_nm", (Line("O", "O_sd"), Line("Mn")), "Depth profile", "Depth below the surface", "Composition")
    return chart_of(plot, columns, units)


@router.get("/styleguide")
def show_styleguide(visit: CurrentVisit, rows: Annotated[int, Query(ge=0, le=MOST_ROWS)] = 3) -> HTMLResponse:
    """Show every component; ``rows`` says how long the long table is."""
    context: dict[str, Any] = {
        "quantities": QUANTITIES,
        "state_names": STATES,
        "tokens": TOKENS,
        "icons": sorted(PATHS),
        "long": LONG,
        "rows": rows,
        "most_rows": MOST_ROWS,
        "chart": _chart(),
        "timeline": TIMELINE,
        "noon": NOON,
        "seen": SEEN,
        "form_fields": fields_of(Example.model_json_schema()),
        "values": {"beam_current_nA": "-1"},
        "errors": {"name": "Give a name.", "beam_current_nA": "Give a current of at least 0 nA."},
    }
    return visit.page("styleguide/page.html", **context)
