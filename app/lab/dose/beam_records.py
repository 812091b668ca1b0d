"""What valve and blanker logs or an operator say about the beam on a sample; nobody commits here."""

from datetime import timedelta

from app.errors import Invalid
from app.infra.clock import now
from app.infra.db.models import BeamRecord, Sample
from app.infra.ids import new_id
from app.lab.access import Action, Actor
from app.lab.audit.service import AuditLog
from app.lab.custody.service import CustodyService
from app.lab.dose.beam_record_types import NewBeamRecord
from app.lab.dose.repository import ExposureRepository
from app.lab.doubts import AlreadySuperseded, BeforeSample, TimeOrder
from app.lab.samples.service import SampleService
from lithoscope.rules.beam_coverage import BEAM_KINDS
from lithoscope.rules.custody import MAX_SKEW_S, true_moment


class BeamRecordService:
    """Keeps the records by which a dose is complete or a lower bound; all their times are by the service's clock."""

    def __init__(
        self, rows: ExposureRepository, samples: SampleService, custody: CustodyService, *, audit: AuditLog
    ) -> None:
        self._rows = rows
        self._samples = samples
        self._custody = custody
        self._audit = audit

    def record(self, actor: Actor, sample_id: str, new: NewBeamRecord) -> BeamRecord:
        """Append a record; a log answers for every kind of beam, a person for those declared."""
        sample = self._samples.get(actor, sample_id, need=Action.RECORD)
        received_at = now()
        offset_s = self._custody.measured_clock_offset(actor, new.sent_at, received_at)
        _check_times(new, true_moment(new.to_at, offset_s) - received_at)
        if sample.prepared_at is not None and true_moment(new.to_at, offset_s) <= sample.prepared_at:
            detail = "this ends before the sample was prepared: correct one of them"
            raise BeforeSample(detail, errors=[{"pointer": "/body/to_at", "detail": detail}])
        self._check_references(sample, new)
        row = BeamRecord(
            id=new_id("bmr"),
            sample_id=sample.id,
            instrument_id=actor.instrument_id or new.instrument_id,
            kind=new.kind,
            from_at=true_moment(new.from_at, offset_s),
            to_at=true_moment(new.to_at, offset_s),
            intervals=[
                [true_moment(each.from_at, offset_s).isoformat(), true_moment(each.to_at, offset_s).isoformat()]
                for each in new.intervals
            ],
            covers=list(BEAM_KINDS) if new.kind != "operator" else sorted(set(new.covers or ())),
            note=new.note,
            supersedes_id=new.supersedes_id,
            recorded_by=actor.id,
            received_at=received_at,
        )
        self._rows.add(row)
        details = {"kind": row.kind, "supersedes_id": row.supersedes_id}
        self._audit.record(actor, "beam-record.record", row.id, project_id=sample.project_id, **details)
        return row

    def of_sample(self, actor: Actor, sample_id: str) -> list[BeamRecord]:
        """Return the records of a sample that stand, oldest first, with those its ancestors had before the split."""
        line = self._custody.line(self._samples.get(actor, sample_id))
        rows = self._rows.beam_records(line.sample_ids)
        return [row for row in rows if line.counts(row.sample_id, row.from_at)]

    def _check_references(self, sample: Sample, new: NewBeamRecord) -> None:
        if new.instrument_id is not None and not self._rows.has_instrument(new.instrument_id):
            raise Invalid.field("/body/instrument_id", "The facility has no such instrument: leave it out or name one.")
        if new.supersedes_id is None:
            return
        old = self._rows.beam_record(new.supersedes_id)
        if old is None or old.sample_id != sample.id:
            raise Invalid.field("/body/supersedes_id", "No such record of this sample: correct it where it stands.")
        if self._rows.supersedes_beam_record(old.id):
            raise AlreadySuperseded("This record has been corrected before: supersede the correction.")


def _check_times(new: NewBeamRecord, ahead: timedelta) -> None:
    """Refuse a record that runs backwards, reaches into the future, or speaks of beam outside its own interval."""
    if new.to_at <= new.from_at:
        _refuse("/body/to_at", "to_at must lie after from_at: exchange or correct them")
    if ahead.total_seconds() > MAX_SKEW_S:
        _refuse("/body/to_at", "to_at lies in the future: record what has been")
    for number, each in enumerate(new.intervals):
        if each.to_at < each.from_at:
            _refuse(f"/body/intervals/{number}", "the beam went off before it came on: exchange or correct them")
        if each.from_at < new.from_at or each.to_at > new.to_at:
            _refuse(f"/body/intervals/{number}", "this lies outside from_at to to_at: widen them or correct it")


def _refuse(pointer: str, detail: str) -> None:
    raise TimeOrder(f"{detail}.", errors=[{"pointer": pointer, "detail": detail}])
