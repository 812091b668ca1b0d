"""The dose of a sample: its exposures, whether they are all the beam there was, its regions."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Sample
from app.lab.access import Action, allow
from app.lab.dose.account import sample_dose
from app.lab.dose.beam_record_types import NewBeamRecord
from app.portal import outlines, words
from app.portal.forms import Field, Values, body_of, fields_of
from app.portal.rendering import seen
from app.portal.samples import head
from app.portal.visit import CurrentVisit, Visit, portal_router
from app.portal.windows import Around, Number, window

router = portal_router()
INSTRUMENTS = 200
CURVE_ROWS = 200


@router.get("/samples/{sample_id}/dose")
def show_dose(sample_id: str, visit: CurrentVisit, number: Number = 0, around: Around = None) -> HTMLResponse:
    """Show what beams gave a sample, and where; of many exposures a part, of their doses all sums."""
    lab, actor = visit.lab, visit.actor
    sample = lab.samples.get(actor, sample_id)
    history = lab.dose.history(actor, sample_id)
    account = sample_dose(lab.dose, actor, sample_id)
    ledger = lab.dose.ledger(actor, sample_id, at=now())
    regions = lab.regions.of_sample(actor, sample_id)
    part = window(history[::-1], lambda entry: entry.exposure.id, number=number, around=around)
    return visit.page(
        "dose/sample.html",
        account=account,
        doses={entry.exposure_id: entry for entry in account.exposures},
        part=part,
        count=len(history),
        coverage=ledger.coverage,
        regions=regions,
        picture=outlines.draw(regions, ledger.legs, listed=part.names),
        beam_records=lab.beam_records.of_sample(actor, sample_id),
        may_register=allow(actor, Action.REGISTER, sample.project_id),
        **head(visit, sample, "/dose"),
    )


@router.get("/exposures/{exposure_id}/dose-curve")
def show_curve(exposure_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the dose of an exposure frame by frame, and the sum so far."""
    exposure = visit.lab.dose.get(visit.actor, exposure_id).exposure
    table = visit.lab.dose.curve(visit.actor, exposure_id, most_rows=CURVE_ROWS)
    heads = [(name, *words.label_and_unit(name), table.units.get(name, "1")) for name in table.columns]
    sample = visit.lab.samples.get(visit.actor, exposure.sample_id)
    rows = list(zip(*table.columns.values(), strict=True))
    return visit.page("dose/curve.html", exposure=exposure, heads=heads, rows=rows, sample=sample)


@router.get("/samples/{sample_id}/beam-records/new")
def new_beam_record(sample_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that says when the beam was on."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    return visit.page("form.html", values={}, **_form(visit, sample))


@router.post("/samples/{sample_id}/beam-records/new")
def record_beam(sample_id: str, visit: CurrentVisit) -> Response:
    """Append what a log or a person says about the beam."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    try:
        new = body_of(NewBeamRecord, visit.form, **_nothing_on(visit.form))
        visit.lab.beam_records.record(visit.actor, sample_id, new)
    except LabError as error:
        return visit.refused(error, "form.html", **_form(visit, sample))
    return seen(f"/samples/{sample_id}/dose", "beam-recorded")


def _nothing_on(form: Values) -> dict[str, Any]:
    """State that there was no beam when every row is empty: the schema wants it said."""
    rows = {name: text for name, text in form.items() if name.startswith("intervals.") and not name.endswith("zone")}
    return {} if any(text.strip() for text in rows.values()) else {"intervals": []}


def _form(visit: Visit, sample: Sample) -> dict[str, Any]:
    left_out = frozenset({"supersedes_id", "sent_at", "instrument_id"})
    instruments = visit.lab.instruments.page(visit.actor, None, INSTRUMENTS)
    instrument = Field(
        "instrument_id", "Instrument", "choice", choices=tuple((row.id, row.name) for row in instruments)
    )
    return {
        "heading": "When was the beam on?",
        "lead": "A valve or blanker log answers for every kind of beam. An operator says which kinds the declaration "
        "covers, and when the beam was on beside the recorded exposures; no times declare that it was not. "
        "Search and focus come before an exposure: the record must begin before it, too.",
        "crumbs": [(f"/samples/{sample.id}", sample.name), (f"/samples/{sample.id}/dose", "Dose and regions")],
        "action": f"/samples/{sample.id}/beam-records/new",
        "hidden": {},
        "form_fields": (*fields_of(NewBeamRecord.model_json_schema(), leave_out=left_out), instrument),
        "button": "Record",
        "back": f"/samples/{sample.id}/dose",
    }
