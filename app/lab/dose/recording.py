"""The recording of exposures: what is asked of one before it is appended; nobody commits here."""

from typing import Any, NoReturn

from app.errors import Conflict, Invalid, LabError
from app.infra.clock import now
from app.infra.db.models import Dataset, Exposure, Sample
from app.infra.ids import new_id
from app.lab.access import Actor
from app.lab.audit.service import AuditLog
from app.lab.custody.service import CustodyService
from app.lab.dose.conditions import conditions_of, numbers_of
from app.lab.dose.exposure_types import NewExposure
from app.lab.dose.legs import polygon_of, recorded_of, true_end
from app.lab.dose.repository import ExposureRepository
from app.lab.doubts import AlreadySuperseded, BeforeSample, ClientEventIdReused, check_clock, check_interval, question
from app.lab.lineage.service import LineageService
from lithoscope.rules.custody import Happening, true_moment
from lithoscope.rules.field_dose import routes_disagree
from lithoscope.rules.regions import polygon_problem
from lithoscope.units import Quantity

SAME_ENERGY = 0.01  # relative; headers round the accelerating voltage
GEOMETRY = ("frame_pixels", "counted_in", "ion_source")


class MetadataConflict(Conflict):
    """Two records of one measurement contradict each other."""

    code, title = "metadata-conflict", "Records contradict each other"


class OutOfRange(LabError):
    """Numbers that cannot be together."""

    code, status, title = "out-of-range", 422, "Out of range"


class Recording:
    """Appends exposures to samples the caller was already given."""

    def __init__(
        self, exposures: ExposureRepository, custody: CustodyService, *, lineage: LineageService, audit: AuditLog
    ) -> None:
        self._exposures = exposures
        self._custody = custody
        self._lineage = lineage
        self._audit = audit

    def append(self, actor: Actor, sample: Sample, new: NewExposure) -> tuple[Exposure, bool]:
        """Append an exposure; says whether it is new (a repeated client_event_id gives the first one)."""
        conditions = conditions_of(new)
        check_interval(new.occurred_at, new.ended_at)
        exposure = self._row(actor, sample, new, conditions)
        if (first := self._repeated(actor, exposure)) is not None:
            return first, False
        warnings = question(numbers_of(conditions), is_confirmed=new.confirm)
        self._check(sample, exposure)
        exposure.warnings = [*warnings, *_doubts(exposure, conditions)]
        self._exposures.add(exposure)
        self._draw(exposure)
        details = {"mode": exposure.mode, "supersedes_id": exposure.supersedes_id, "confirmed": new.confirm}
        self._audit.record(actor, "exposure.record", exposure.id, project_id=sample.project_id, **details)
        self._custody.changed(sample)
        return exposure, True

    def _row(self, actor: Actor, sample: Sample, new: NewExposure, conditions: dict[str, Quantity]) -> Exposure:
        received_at = now()
        offset_s = self._custody.measured_clock_offset(actor, new.sent_at, received_at)
        stated = {name: getattr(new, name, None) for name in GEOMETRY}
        return Exposure(
            id=new_id("exp"),
            sample_id=sample.id,
            dataset_id=new.dataset_id,
            instrument_id=actor.instrument_id or new.instrument_id,
            mode=new.mode,
            purpose=new.purpose,
            region_id=new.region_id,
            field_um=None if new.field_um is None else [list(point) for point in new.field_um],
            is_running=new.is_running,
            conditions={name: quantity.to_json() for name, quantity in conditions.items()},
            geometry={name: value for name, value in stated.items() if value is not None},
            frames=new.frames,
            recorded_scans=new.frames if new.recorded_scans is None else new.recorded_scans,
            occurred_at=new.occurred_at,
            happened_at=true_moment(new.occurred_at, offset_s),
            ended_at=new.ended_at,
            received_at=received_at,
            clock_offset_s=offset_s,
            recorded_by=actor.id,
            note=new.note,
            supersedes_id=new.supersedes_id,
            client_event_id=new.client_event_id,
        )

    def _repeated(self, actor: Actor, exposure: Exposure) -> Exposure | None:
        if exposure.client_event_id is None:
            return None
        first = self._exposures.by_client_id(actor.id, exposure.client_event_id)
        if first is not None and _content(first) != _content(exposure):
            raise ClientEventIdReused("Another exposure was sent under this client_event_id: give each its own.")
        return first

    def _check(self, sample: Sample, exposure: Exposure) -> None:
        if exposure.recorded_scans < exposure.frames:
            detail = "recorded_scans counts every frame on record, so it cannot be below frames"
            raise OutOfRange(detail, errors=[{"pointer": "/body/recorded_scans", "detail": detail}])
        self._check_within_life(sample, exposure)
        if exposure.dataset_id is not None:
            self._check_dataset(sample, exposure)
        self._check_place(sample, exposure)
        if exposure.supersedes_id is None:
            return
        old = self._exposures.get(exposure.supersedes_id)
        if old is None or old.sample_id != sample.id:
            raise Invalid.field("/body/supersedes_id", "No such exposure of this sample: correct it where it stands.")
        if self._exposures.superseding([old.id]):
            raise AlreadySuperseded("This exposure has been corrected before: supersede the correction.")

    def _check_place(self, sample: Sample, exposure: Exposure) -> None:
        if exposure.instrument_id is not None and not self._exposures.has_instrument(exposure.instrument_id):
            raise Invalid.field("/body/instrument_id", "The facility has no such instrument: leave it out or name one.")
        if exposure.region_id is not None and not self._exposures.has_region(exposure.region_id, sample.id):
            raise Invalid.field("/body/region_id", "No such region of this sample: create it first.")
        if exposure.field_um is not None and (problem := polygon_problem(polygon_of(exposure.field_um) or ())):
            raise Invalid.field("/body/field_um", problem)

    def _check_within_life(self, sample: Sample, exposure: Exposure) -> None:
        """Refuse a beam on what was not yet made or is no more, or electrons on a closed cell (X-rays pass it)."""
        if sample.prepared_at is not None and exposure.happened_at < sample.prepared_at:
            _refuse_time("occurred_at lies before the sample was prepared: correct one of them")
        opened_at = self._custody.disassembled_at(sample)
        if exposure.mode != "xray" and opened_at is not None and exposure.happened_at < opened_at:
            _refuse_time("occurred_at lies before the recorded disassembly: correct one of them")
        self._custody.check_not_disposed(sample, happening_of(exposure))

    def _check_dataset(self, sample: Sample, exposure: Exposure) -> None:
        dataset = self._exposures.dataset(exposure.dataset_id or "")
        if dataset is None or dataset.project_id != sample.project_id or dataset.sample_id not in {None, sample.id}:
            raise Invalid.field("/body/dataset_id", "No such dataset of this sample: give the id of one of its own.")
        if conflict := contradiction(exposure, dataset):
            raise MetadataConflict(
                f"{conflict}: correct one of them.",
                errors=[{"pointer": "/body/beam_energy_kV", "detail": "contradicts the header of the dataset"}],
            )

    def _draw(self, exposure: Exposure) -> None:
        self._lineage.link(exposure.id, exposure.sample_id, "used")
        if exposure.dataset_id is not None:
            self._lineage.link(exposure.dataset_id, exposure.id, "wasGeneratedBy")
        if exposure.supersedes_id is not None:
            self._lineage.link(exposure.id, exposure.supersedes_id, "wasInformedBy")


def happening_of(exposure: Exposure) -> Happening:
    """Return an exposure as an event of the sample's history, by the service's clock."""
    details = {"is_running": exposure.is_running}
    return Happening("exposure", exposure.happened_at, true_end(exposure), details, id=exposure.id)


def _refuse_time(detail: str) -> NoReturn:
    raise BeforeSample(detail, errors=[{"pointer": "/body/occurred_at", "detail": detail}])


def contradiction(exposure: Exposure, dataset: Dataset | None) -> str | None:
    """Say where the header of an exposure's file contradicts it; what either does not know contradicts nothing."""
    name = "beam_energy_kV"
    if dataset is None or name not in dataset.quantities or name not in exposure.conditions:
        return None
    in_file, stated = dataset.quantities[name]["value"], exposure.conditions[name]["value"]
    if in_file is None or stated is None or abs(in_file - stated) <= SAME_ENERGY * in_file:
        return None
    return f"the file says {name} {in_file:g}, the exposure says {stated:g}"


def _doubts(exposure: Exposure, conditions: dict[str, Quantity]) -> list[str]:
    """Say what a person should look at again."""
    skew = check_clock(
        occurred_at=exposure.occurred_at, received_at=exposure.received_at, clock_offset_s=exposure.clock_offset_s
    )
    disagreement = None
    if exposure.mode == "tem_field":
        known = recorded_of(exposure, conditions).known()
        disagreement = routes_disagree(known, counted_in=exposure.geometry.get("counted_in"))
    return skew if disagreement is None else [*skew, disagreement]


def _content(exposure: Exposure) -> tuple[Any, ...]:
    what = ("sample_id", "dataset_id", "mode", "purpose", "conditions", "geometry", "frames", "recorded_scans")
    where = ("region_id", "field_um", "is_running", "occurred_at", "ended_at", "note", "supersedes_id")
    return tuple(getattr(exposure, name) for name in (*what, *where))
