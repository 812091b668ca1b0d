"""One object of every kind straight in the database, for tests that ask every route."""

import inspect
from datetime import timedelta
from typing import Any

from app.infra.clock import now
from app.infra.db.base import Base
from app.infra.db.models import (
    Blob,
    CrateImport,
    Dataset,
    ImportedObject,
    Instrument,
    Job,
    Project,
    Publication,
    RecipeRun,
    RecipeStep,
    Result,
    Sample,
    Upload,
    User,
)
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.access import SYSTEM
from app.lab.alarms.findings import Finding
from app.lab.alarms.schemas import NewWebhook
from app.lab.annotations.schemas import NewNote, NewTag
from app.lab.composition import Lab
from app.lab.custody.event_types import Note
from app.lab.dose.schemas import StemRaster
from app.lab.evaluations.schemas import NewEvaluation
from app.lab.regions.schemas import NewRegion
from app.lab.reports.service import digest_of, to_json
from app.lab.review_links.schemas import NewReviewLink
from app.lab.rules.schemas import NewRule
from app.lab.series.schemas import NewSeries
from app.lab.titrations.schemas import NewGasCalibration, NewTitrationSeries

DIGEST = "ab" * 32
BY = "usr_nobody"


def add_everything(house: House, project: Project, sample: Sample, instrument: Instrument) -> dict[str, str]:
    """
    Add one object of every kind to a project.

    Returns
    -------
    ids : dict of str
        By the names that path parameters have.
    """
    person = User(id=new_id("usr"), login="someone", display_name="S", facility_role="member", created_at=now())
    rows = {"user_id": person, **_data(project, sample, instrument)}
    with house.database.writing() as session:
        for row in rows.values():
            session.add(_filled(row))
            session.flush()
        lab = Lab(house, session)
        session.add(_filled(_step(rows["run_id"], rows["job_id"])))
        ids_of_import = _imported(lab, rows["dataset_id"])
        recorded = add_records(lab, sample, instrument) | ids_of_import
    ids = recorded | {name: row.id for name, row in rows.items() if name != "blob"}
    return ids | {
        "limit_id": new_id("lim"),
        "project_id": project.id,
        "sample_id": sample.id,
        "instrument_id": instrument.id,
        "object_id": ids["dataset_id"],
        "token_id": new_id("key"),
        "key_id": new_id("key"),
        "rule_id": new_id("rul"),
        "method_id": "raster_dose",
        "recipe_id": "tilt_series_to_particle",
        "protocol_id": "simultaneous_tomography",
        "number": "1",
        "name": "volume",
        "axis": "z",
        "form": "png",
        "path": "zarr.json",
        "code": "no-such-problem",
        "queue": "cpu-short",
        "tag": "cathode",
        "token": "no-such-link",
    }


def add_records(lab: Lab, sample: Sample, instrument: Instrument) -> dict[str, str]:
    """Record one of everything that people record, through the rooms themselves; return the ids by their names."""
    said = _alarms(lab, sample) | _said(lab, sample) | _ruled(lab, sample) | _growing(lab, sample, instrument)
    return _records(lab, sample) | _titrations(lab, sample, instrument) | said


def _filled(row: Any) -> Base:
    """Give empty lists and objects to columns that need one, so that a new column does not break every test."""
    filled: Base = row
    for column in filled.__table__.columns:
        if not column.nullable and column.default is None and getattr(row, column.key) is None:
            kind = str(inspect.get_annotations(type(row))[column.key])
            setattr(row, column.key, [] if "list" in kind else {})
    return filled


def _data(project: Project, sample: Sample, instrument: Instrument) -> dict[str, Any]:
    place = {"project_id": project.id, "sample_id": sample.id, "created_at": now()}
    upload = Upload(
        id=new_id("upl"),
        **place,
        created_by=BY,
        instrument_id=instrument.id,
        filename="a.dm3",
        size_bytes=9,
        state="receiving",
        expires_at=now(),
    )
    dataset = Dataset(
        id=new_id("ds"), **place, created_by=BY, filename="a.dm3", sha256=DIGEST, size_bytes=9, state="readable"
    )
    job = Job(
        id=new_id("job"),
        **place,
        created_by=BY,
        kind="analysis",
        method="raster_dose",
        method_version="1",
        queue="cpu-short",
        seed=0,
        state="succeeded",
    )
    result = Result(id=new_id("res"), **place, job_id=job.id, digest=DIGEST, size_bytes=1, state="kept")
    blob = Blob(sha256=DIGEST, size_bytes=9, created_at=now())
    run = RecipeRun(
        id=new_id("run"),
        **place,
        created_by=BY,
        recipe="tilt_series_to_particle",
        recipe_version="1",
        seed=0,
        state="failed",
        finished_at=now(),
    )
    made = {"upload_id": upload, "dataset_id": dataset, "job_id": job, "result_id": result, "run_id": run}
    return {"blob": blob, **made}


def _imported(lab: Lab, dataset: Dataset) -> dict[str, str]:
    """Say that a dataset came with a crate, which is kept as that dataset."""
    crate = CrateImport(
        id=new_id("imp"),
        project_id=dataset.project_id,
        dataset_id=dataset.id,
        sha256=DIGEST,
        title="x",
        counts={},
        record={"people": {}, "instruments": {}, "project": {}},
        warnings=[],
        created_by=BY,
        created_at=now(),
    )
    lab.session.add(crate)
    lab.session.flush()
    origin = ImportedObject(object_id=dataset.id, origin_id=new_id("ds"), import_id=crate.id, record={})
    lab.session.add(origin)
    return {"import_id": crate.id}


def _step(run: RecipeRun, job: Job) -> RecipeStep:
    """Return a step of a run that is a job."""
    return RecipeStep(run_id=run.id, name="background", position=0, title="x", method=job.method, job_id=job.id)


def _records(lab: Lab, sample: Sample) -> dict[str, str]:
    """Record an event and an exposure as a person would: their rows hold what their rooms make of them."""
    when = {"occurred_at": now() - timedelta(hours=1)}
    event, _ = lab.custody.record(SYSTEM, sample.id, Note(type="note", note="x", **when))
    exposure, _ = lab.dose.record(SYSTEM, sample.id, StemRaster(mode="stem_raster", **when))
    region = lab.regions.create(SYSTEM, sample.id, NewRegion(name="edge", polygon_um=[[0, 0], [1, 0], [0, 1]]))
    judged = lab.evaluations.create(SYSTEM, NewEvaluation(target_id=sample.id, protocol_id="simultaneous_tomography"))
    return {
        "publication_id": _published(lab, sample),
        "evaluation_id": judged.id,
        "event_id": event.event.id,
        "exposure_id": exposure.exposure.id,
        "region_id": region.id,
    }


def _published(lab: Lab, sample: Sample) -> str:
    """Freeze the report as it stands, complete or not."""
    report = lab.reports.of(SYSTEM, sample.id)
    frozen = {"report": to_json(report), "digest": digest_of(report)}
    row = Publication(
        id=new_id("pub"),
        target_id=sample.id,
        project_id=sample.project_id,
        published_by=BY,
        published_at=now(),
        **frozen,
    )
    lab.session.add(row)
    return row.id


def titration_of(project_id: str, gas_calibration_id: str) -> dict[str, Any]:
    """Return the smallest body of a titration series."""
    bottles = [{"storage_h": 24.0 * step, "areas": [3.0 - step]} for step in range(3)]
    electrode = {"project_id": project_id, "material": "lithium_electrodeposited", "electrolyte": "Gen2"}
    return {**electrode, "gas_calibration_id": gas_calibration_id, "bottles": bottles}


def standards_of(instrument_id: str) -> dict[str, Any]:
    """Return the smallest body of a gas calibration."""
    points = [{"amount": float(step), "area": float(step)} for step in range(1, 4)]
    when = {"instrument_id": instrument_id, "measured_at": "2026-05-04T10:00:00Z"}
    return {**when, "standard": "lithium_mg", "points": points}


def _titrations(lab: Lab, sample: Sample, instrument: Instrument) -> dict[str, str]:
    """Record standards of a gas chromatograph and a storage series titrated by them."""
    calibration = lab.titrations.record_calibration(SYSTEM, NewGasCalibration(**standards_of(instrument.id)))
    body = titration_of(sample.project_id, calibration.id)
    series = lab.titrations.record_series(SYSTEM, NewTitrationSeries(**body))
    return {"gas_calibration_id": calibration.id, "series_id": series.id}


def _alarms(lab: Lab, sample: Sample) -> dict[str, str]:
    """Raise an alarm, with somebody who listens."""
    webhook = lab.alarms.add_webhook(SYSTEM, NewWebhook(url="https://10.0.0.9/x", project_id=sample.project_id))
    lab.alarms.raise_alarm(
        Finding(f"clock.due:{sample.id}", "clock.due", sample.project_id, sample.id, "x", now()), now()
    )
    latest, *_ = lab.alarms.page(SYSTEM, project_id=sample.project_id)
    return {"webhook_id": webhook.id, "alarm_id": latest.alarm.id}


def rule_of(project_id: str, **more: Any) -> dict[str, Any]:
    """Return the smallest body of a rule of automatic processing."""
    return {"project_id": project_id, "name": "x", "action": {"method": "tomogram_sirt"}, **more}


def _ruled(lab: Lab, sample: Sample) -> dict[str, str]:
    """Make a rule of automatic processing that is switched off."""
    return {"processing_rule_id": lab.rules.create(SYSTEM, NewRule(**rule_of(sample.project_id))).rule.id}


def series_of(project_id: str, sample_id: str, **more: Any) -> dict[str, Any]:
    """Return the smallest body of a series that grows."""
    return {"project_id": project_id, "sample_id": sample_id, "name": "x", "kind": "tilt_series", **more}


def _growing(lab: Lab, sample: Sample, instrument: Instrument) -> dict[str, str]:
    """Begin a series of an instrument that has no part yet."""
    body = series_of(sample.project_id, sample.id, instrument_id=instrument.id)
    return {"live_series_id": lab.series.create(SYSTEM, NewSeries(**body)).id}


def _said(lab: Lab, sample: Sample) -> dict[str, str]:
    """Write a note, give a tag, make a link for a reviewer."""
    lab.annotations.write(SYSTEM, sample.id, NewNote(text="x"))
    lab.annotations.tag(SYSTEM, sample.id, NewTag(tag="cathode"))
    link, text = lab.review_links.make(SYSTEM, NewReviewLink(target_id=sample.id, purpose="x"))
    return {"link_id": link.id, "token": text}
