"""Every component of the portal in every state, on one page."""

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
        "form_fields": fields_of(Example.model_json_schema()),
        "values": {"beam_current_nA": "-1"},
        "errors": {"name": "Give a name.", "beam_current_nA": "Give a current of at least 0 nA."},
    }
    return visit.page("styleguide/page.html", **context)
