"""Titration gas chromatography: calibrations, storage series with their fits, recording either."""

import re
from dataclasses import replace
from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import Invalid, LabError
from app.lab.access import Action, allow, require
from app.lab.doubts import ImplausibleValue
from app.lab.titrations.schemas import GasCalibrationOut, NewGasCalibration, NewTitrationSeries, TitrationSeriesOut
from app.portal import words
from app.portal.forms import Field, Values, body_of, fields_of
from app.portal.pages.projects import ALL, choices_of_projects
from app.portal.rendering import seen
from app.portal.titration_plots import Curve, Plot, Point, plot
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
ROWS = 50
STANDARDS = {"lithium_mg": "lithium [mg]", "hydrogen_percent": "hydrogen [%]"}
_SEPARATORS = re.compile(r"[\s,;]+")


@router.get("/titrations")
def list_titrations(visit: CurrentVisit) -> HTMLResponse:
    """Show the storage series and the calibrations they are read by."""
    lab, actor = visit.lab, visit.actor
    series = lab.titrations.page(actor, before=None, limit=ROWS)
    calibrations = lab.titrations.calibrations(actor, instrument_id=None, before=None, limit=ROWS)
    return visit.page(
        "titrations/list.html",
        series=series,
        series_corrected=lab.titrations.series_corrections(series),
        calibrations=calibrations,
        calibrations_corrected=lab.titrations.calibration_corrections(calibrations),
        instruments={row.id: row.name for row in lab.instruments.page(actor, None, ALL)},
        may_calibrate=allow(actor, Action.MANAGE),
        may_record=bool(choices_of_projects(visit, Action.RECORD)),
    )


@router.get("/titrations/calibrations/new")
def new_calibration(visit: CurrentVisit) -> HTMLResponse:
    """Show the form that records a calibration."""
    require(visit.actor, Action.MANAGE)
    return visit.page("form.html", values={}, **_calibration_form(visit))


@router.post("/titrations/calibrations/new")
def record_calibration(visit: CurrentVisit) -> Response:
    """Record the standards of a gas chromatograph."""
    try:
        points = [dict(zip(("amount", "area"), row, strict=True)) for row in _rows(visit.form, "points", 2)]
        row = visit.lab.titrations.record_calibration(
            visit.actor, body_of(NewGasCalibration, visit.form, points=points)
        )
    except LabError as error:
        return visit.refused(_gathered(error, "points"), "form.html", **_calibration_form(visit))
    return seen(f"/titrations/calibrations/{row.id}", "gas-calibrated")


def _calibration_form(visit: Visit) -> dict[str, Any]:
    instruments = tuple((row.id, row.name) for row in visit.lab.instruments.page(visit.actor, None, ALL))
    every = fields_of(NewGasCalibration.model_json_schema(), leave_out=frozenset({"supersedes_id"}))
    fields = [_calibration_field(field, instruments) for field in every]
    return {
        "heading": "Calibrate a gas chromatograph",
        "lead": "Injections of known amounts; the line through them reads the peaks of titrations.",
        "crumbs": [("/titrations", "Titrations")],
        "action": "/titrations/calibrations/new",
        "hidden": {},
        "form_fields": fields,
        "button": "Record",
        "back": "/titrations",
    }


def _calibration_field(field: Field, instruments: tuple[tuple[str, str], ...]) -> Field:
    if field.name == "instrument_id":
        return replace(field, kind="choice", label="Instrument", choices=instruments)
    if field.name == "points":
        return replace(field, kind="longtext", help="One injection a line: amount, peak area.")
    return replace(field, choices=tuple(STANDARDS.items())) if field.name == "standard" else field


@router.get("/titrations/calibrations/{calibration_id}")
def show_calibration(calibration_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a calibration line with its standards."""
    row = visit.lab.titrations.calibration(visit.actor, calibration_id)
    newer = visit.lab.titrations.calibration_corrections([row]).get(row.id)
    shown = GasCalibrationOut.of(row, newer)
    return visit.page("titrations/calibration.html", calibration=shown, plot=_line_of(shown))


def _line_of(shown: GasCalibrationOut) -> Plot:
    line, most = shown.line, max(shown.line.amount_range[1], 1e-30)
    ends = [(x, line.intercept + line.slope * x) for x in (0.0, most)]
    rows = [(x, y, y - 2 * line.residual_sd, y + 2 * line.residual_sd) for x, y in ends]
    points = [Point(point.amount, point.area) for point in shown.points]
    curve = Curve("line, and twice the scatter of the points about it", rows)
    return plot("Calibration", STANDARDS[shown.standard], "peak area", points=points, curves=[curve])


@router.get("/titrations/series/new")
def new_series(visit: CurrentVisit) -> HTMLResponse:
    """Show the form that records a storage series."""
    return visit.page("form.html", values={}, **_series_form(visit))


@router.post("/titrations/series/new")
def record_series(visit: CurrentVisit) -> Response:
    """Record electrodes that were titrated after different times in storage."""
    try:
        bottles = [{"storage_h": row[0], "areas": row[1:]} for row in _rows(visit.form, "bottles", 2, exactly=False)]
        row = visit.lab.titrations.record_series(visit.actor, body_of(NewTitrationSeries, visit.form, bottles=bottles))
    except LabError as error:
        confirm = isinstance(error, ImplausibleValue)
        return visit.refused(_gathered(error, "bottles"), "form.html", **_series_form(visit, confirm=confirm))
    return seen(f"/titrations/series/{row.id}", "titrated")


def _series_form(visit: Visit, *, confirm: bool = False) -> dict[str, Any]:
    left_out = frozenset({"supersedes_id"}) | (frozenset() if confirm else {"confirm"})
    every = fields_of(NewTitrationSeries.model_json_schema(), leave_out=left_out)
    return {
        "heading": "Record a storage series",
        "lead": "Electrodes of one material and electrolyte, titrated after different times in storage. "
        "Three or more of each time; some that were not stored at all.",
        "crumbs": [("/titrations", "Titrations")],
        "action": "/titrations/series/new",
        "hidden": {},
        "form_fields": [_series_field(visit, field) for field in every],
        "button": "Record",
        "back": "/titrations",
    }


def _series_field(visit: Visit, field: Field) -> Field:
    if field.name == "project_id":
        return replace(field, kind="choice", label="Project", choices=choices_of_projects(visit, Action.RECORD))
    if field.name == "gas_calibration_id":
        rows = visit.lab.titrations.calibrations(visit.actor, instrument_id=None, before=None, limit=ROWS)
        choices = tuple(
            (row.id, f"{words.instant(row.measured_at)}, {STANDARDS[row.record['standard']]}") for row in rows
        )
        return replace(field, kind="choice", label="Gas calibration", choices=choices)
    if field.name == "bottles":
        return replace(field, kind="longtext", help="One electrode a line: hours stored, peak area of each injection.")
    return field


@router.get("/titrations/series/{series_id}")
def show_series(series_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a storage series: losses, both laws with their bands, shelf life."""
    row = visit.lab.titrations.series(visit.actor, series_id)
    newer = visit.lab.titrations.series_corrections([row]).get(row.id)
    shown = TitrationSeriesOut.of(row, newer)
    project = visit.lab.projects.get(visit.actor, row.project_id)
    return visit.page("titrations/series.html", series=shown, project=project, plot=_losses_of(shown))


def _losses_of(shown: TitrationSeriesOut) -> Plot:
    points = [
        Point(time.storage_h, time.loss.value, time.loss.uncertainty)
        for time in shown.times
        if time.loss.value is not None
    ]
    curves = [
        Curve(
            f"{words.word(fit.model)}, 90 % band",
            [(place.hours, place.loss_percent, place.lower_percent, place.upper_percent) for place in fit.curve],
        )
        for fit in shown.fits
    ]
    return plot("Loss on storage", "hours stored", "lithium lost [%]", points=points, curves=curves)


def _rows(form: Values, name: str, least: int, *, exactly: bool = True) -> list[list[float]]:
    """Read lines of numbers."""
    rows: list[list[float]] = []
    for number, line in enumerate(form.get(name, "").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = [float(text.replace("−", "-")) for text in _SEPARATORS.split(line.strip().strip(",;"))]
        except ValueError:
            row = []
        if len(row) < least or (exactly and len(row) != least):
            wanted = f"{least}" if exactly else f"at least {least}"
            raise Invalid.field(f"/body/{name}", f"Line {number}: write {wanted} numbers with commas between them.")
        rows.append(row)
    return rows


def _gathered(error: LabError, name: str) -> LabError:
    """Let findings within a list stand at its one field, with the number of their line."""
    found = []
    for each in error.errors:
        parts = [part for part in each["pointer"].split("/") if part]
        if parts[:2] == ["body", name] and len(parts) > 2:
            line = f"Line {int(parts[2]) + 1}: " if parts[2].isdigit() else ""
            found.append({"pointer": f"/body/{name}", "detail": f"{line}{each['detail']}"})
        else:
            found.append(each)
    return Invalid(error.detail, errors=found) if found else error
