"""Beams on samples and the dose they gave; nobody commits here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.errors import Conflict, Invalid, LabError, NotFound
from app.infra.clock import now
from app.infra.db.models import Dataset, Exposure, Sample
from app.infra.ids import new_id
from app.lab.access import Action, Actor
from app.lab.audit.service import AuditLog
from app.lab.custody.service import CustodyService
from app.lab.dose.conditions import conditions_of, numbers_of
from app.lab.dose.repository import ExposureRepository
from app.lab.dose.schemas import NewExposure
from app.lab.doubts import AlreadySuperseded, ClientEventIdReused, TimeOrder, check_interval, question
from app.lab.lineage.service import LineageService
from app.lab.samples.service import SampleService
from lithoscope.rules.custody import clock_skew, true_moment
from lithoscope.rules.exposure import RasterExposure
from lithoscope.units import Quantity

SAME_ENERGY = 0.01  # relative; headers round the accelerating voltage


class MetadataConflict(Conflict):
    """Two records of one measurement contradict each other."""

    code, title = "metadata-conflict", "Records contradict each other"


class OutOfRange(LabError):
    """Numbers that cannot be together."""

    code, status, title = "out-of-range", 422, "Out of range"


class NotARaster(LabError):
    """The exposure is of another mode than the analysis needs."""

    code, status, title = "not-a-raster", 422, "Not a raster exposure"


@dataclass(frozen=True, slots=True)
class RecordedExposure:
    """
    An exposure in the history of a sample; inherited when an ancestor took it before the split.

    ``conflict`` says what the header of its file contradicts: a file may be read after its exposure was recorded.
    """

    exposure: Exposure
    superseded_by: str | None
    inherited_from: str | None
    conflict: str | None = None

    @property
    def warnings(self) -> list[str]:
        """Return what a person should know: doubts when it was recorded, and what its file said later."""
        return [*self.exposure.warnings, *([f"metadata-conflict: {self.conflict}"] if self.conflict else [])]

    @property
    def conditions(self) -> dict[str, Quantity]:
        """Return its quantities by name."""
        return {name: Quantity.from_json(record) for name, record in self.exposure.conditions.items()}


class DoseService:
    """Records exposures; accounts for them are drawn by `account.sample_dose`."""

    def __init__(
        self,
        exposures: ExposureRepository,
        samples: SampleService,
        custody: CustodyService,
        *,
        lineage: LineageService,
        audit: AuditLog,
    ) -> None:
        self._exposures = exposures
        self._samples = samples
        self._custody = custody
        self._lineage = lineage
        self._audit = audit

    def record(self, actor: Actor, sample_id: str, new: NewExposure) -> tuple[RecordedExposure, bool]:
        """Append an exposure; says whether it is new (a repeated client_event_id gives the first one)."""
        sample = self._samples.get(actor, sample_id, need=Action.RECORD)
        conditions = conditions_of(new)
        check_interval(new.occurred_at, new.ended_at)
        exposure = self._row(actor, sample, new, conditions)
        if (first := self._repeated(actor, exposure)) is not None:
            return self._entry(first), False
        warnings = question(numbers_of(conditions), is_confirmed=new.confirm)
        self._check(sample, exposure)
        skew = clock_skew(
            occurred_at=exposure.occurred_at, received_at=exposure.received_at, clock_offset_s=exposure.clock_offset_s
        )
        exposure.warnings = [*warnings, *([skew] if skew else [])]
        self._exposures.add(exposure)
        self._draw(exposure)
        details = {"mode": exposure.mode, "supersedes_id": exposure.supersedes_id, "confirmed": new.confirm}
        self._audit.record(actor, "exposure.record", exposure.id, project_id=sample.project_id, **details)
        return RecordedExposure(exposure, None, None), True

    def get(self, actor: Actor, exposure_id: str) -> RecordedExposure:
        """Return an exposure."""
        exposure = self._exposures.get(exposure_id)
        if exposure is None:
            raise NotFound
        self._samples.get(actor, exposure.sample_id)
        return self._entry(exposure)

    def project_of(self, exposure: Exposure) -> str:
        """Return the project of an exposure another room was already given."""
        return self._samples.project_of(exposure.sample_id)

    def history(self, actor: Actor, sample_id: str) -> list[RecordedExposure]:
        """Return a sample's exposures, oldest first, with those its ancestors had before the split."""
        sample = self._samples.get(actor, sample_id)
        return sorted(self._history(sample), key=lambda entry: (entry.exposure.occurred_at, entry.exposure.id))

    def of_dataset(self, dataset: Dataset) -> list[RecordedExposure]:
        """Return the exposures a dataset came from that still stand; the caller was already given the dataset."""
        entries = [self._entry(exposure) for exposure in self._exposures.of_dataset(dataset.id)]
        return [entry for entry in entries if entry.superseded_by is None]

    def raster(self, exposure: Exposure) -> RasterExposure:
        """Return a scanned exposure as the dose methods take it."""
        if exposure.mode != "stem_raster":
            raise NotARaster("This exposure was not made by a scanned beam: choose one of mode stem_raster.")
        pixels = exposure.geometry.get("frame_pixels")
        names = ("beam_energy_kV", "beam_current_nA", "dwell_s", "step_nm")
        return RasterExposure(
            **{name: Quantity.from_json(exposure.conditions[name]) for name in names},
            frame_pixels=(pixels[0], pixels[1]) if pixels else None,
            frames=exposure.frames,
            recorded_scans=exposure.recorded_scans,
        )

    def _entry(self, exposure: Exposure) -> RecordedExposure:
        superseded_by = self._exposures.superseding([exposure.id]).get(exposure.id)
        return RecordedExposure(exposure, superseded_by, None, self._conflict(exposure))

    def _history(self, sample: Sample) -> Iterator[RecordedExposure]:
        for owner_id, until in self._custody.ancestry(sample):
            exposures = self._exposures.of_sample(owner_id, until)
            superseded = self._exposures.superseding([exposure.id for exposure in exposures])
            origin = owner_id if owner_id != sample.id else None
            for exposure in exposures:
                yield RecordedExposure(exposure, superseded.get(exposure.id), origin, self._conflict(exposure))

    def _row(self, actor: Actor, sample: Sample, new: NewExposure, conditions: dict[str, Quantity]) -> Exposure:
        received_at = now()
        offset_s = self._custody.measured_clock_offset(actor, new.sent_at, received_at)
        return Exposure(
            id=new_id("exp"),
            sample_id=sample.id,
            dataset_id=new.dataset_id,
            instrument_id=actor.instrument_id,
            mode=new.mode,
            conditions={name: quantity.to_json() for name, quantity in conditions.items()},
            geometry={"frame_pixels": new.frame_pixels} if new.mode == "stem_raster" else {},
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
        self._check_after_disassembly(sample, exposure)
        if exposure.dataset_id is not None:
            self._check_dataset(sample, exposure)
        if exposure.supersedes_id is None:
            return
        old = self._exposures.get(exposure.supersedes_id)
        if old is None or old.sample_id != sample.id:
            raise Invalid.field("/body/supersedes_id", "No such exposure of this sample: correct it where it stands.")
        if self._exposures.superseding([old.id]):
            raise AlreadySuperseded("This exposure has been corrected before: supersede the correction.")

    def _check_after_disassembly(self, sample: Sample, exposure: Exposure) -> None:
        """Refuse an electron exposure of a closed cell; X-rays pass its walls."""
        if exposure.mode == "xray":
            return
        opened_at = self._custody.disassembled_at(sample)
        if opened_at is not None and exposure.occurred_at < opened_at:
            detail = "occurred_at lies before the recorded disassembly: correct one of them"
            raise TimeOrder(detail, errors=[{"pointer": "/body/occurred_at", "detail": detail}])

    def _check_dataset(self, sample: Sample, exposure: Exposure) -> None:
        dataset = self._exposures.dataset(exposure.dataset_id or "")
        if dataset is None or dataset.project_id != sample.project_id or dataset.sample_id not in {None, sample.id}:
            raise Invalid.field("/body/dataset_id", "No such dataset of this sample: give the id of one of its own.")
        if conflict := self._conflict(exposure):
            raise MetadataConflict(
                f"{conflict}: correct one of them.",
                errors=[{"pointer": "/body/beam_energy_kV", "detail": "contradicts the header of the dataset"}],
            )

    def _conflict(self, exposure: Exposure) -> str | None:
        """Say where the header of an exposure's file contradicts it; what either does not know contradicts nothing."""
        dataset = self._exposures.dataset(exposure.dataset_id or "")
        name = "beam_energy_kV"
        if dataset is None or name not in dataset.quantities or name not in exposure.conditions:
            return None
        in_file, stated = dataset.quantities[name]["value"], exposure.conditions[name]["value"]
        if in_file is None or stated is None or abs(in_file - stated) <= SAME_ENERGY * in_file:
            return None
        return f"the file says {name} {in_file:g}, the exposure says {stated:g}"

    def _draw(self, exposure: Exposure) -> None:
        self._lineage.link(exposure.id, exposure.sample_id, "used")
        if exposure.dataset_id is not None:
            self._lineage.link(exposure.dataset_id, exposure.id, "wasGeneratedBy")
        if exposure.supersedes_id is not None:
            self._lineage.link(exposure.id, exposure.supersedes_id, "wasInformedBy")


def _content(exposure: Exposure) -> tuple[Any, ...]:
    same = ("sample_id", "dataset_id", "mode", "conditions", "geometry", "frames", "recorded_scans")
    times = ("occurred_at", "ended_at", "note", "supersedes_id")
    return tuple(getattr(exposure, name) for name in (*same, *times))
