"""Beams on samples and the dose they gave; nobody commits here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import LabError, NotFound
from app.infra.db.models import Dataset, Exposure, Sample
from app.lab.access import SYSTEM, Action, Actor, readable_projects
from app.lab.custody.lines import Line
from app.lab.custody.service import MOST_READ, CustodyService
from app.lab.dose.exposure_types import NewExposure
from app.lab.dose.legs import (
    Accounted,
    Conditions,
    accounted,
    beam_records_of,
    filled_in,
    header_of,
    polygon_of,
    recorded_of,
    with_calibrated_current,
    with_custody_temperature,
)
from app.lab.dose.recording import Recording, contradiction, happening_of
from app.lab.dose.repository import ExposureRepository
from app.lab.samples.service import SampleService
from lithoscope.rules.absorbed_dose import phase_of_material
from lithoscope.rules.beam_calibration import BeamReading
from lithoscope.rules.beam_coverage import Coverage, coverage
from lithoscope.rules.custody import Happening
from lithoscope.rules.exposure import RasterExposure
from lithoscope.rules.exposure_dose import dose_curve, raster_of
from lithoscope.rules.legs import Leg
from lithoscope.tables import Table
from lithoscope.units import Quantity

Readings = Callable[[list[str]], Mapping[str, Sequence[BeamReading]]]

DOSED_BEAMS = frozenset({"electron", "xray", "ion"})


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
        """Return its quantities by name, as recorded."""
        return {name: Quantity.from_json(record) for name, record in self.exposure.conditions.items()}


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    What is known of the beam on a sample until a moment, from one reading.

    Parameters
    ----------
    history : tuple of Happening
        The custody events that stand, oldest first; notes of beam among them are checked against the exposures.
    entries : tuple of RecordedExposure
        The exposures that stand, oldest first.
    accounts : tuple of Accounted
        What each of them amounts to.
    coverage : Coverage
        Whether they are all the beam there was, or a lower bound.
    """

    history: tuple[Happening, ...]
    entries: tuple[RecordedExposure, ...]
    accounts: tuple[Accounted, ...]
    coverage: Coverage

    @property
    def legs(self) -> list[Leg]:
        """Return the beam itself."""
        return [account.leg for account in self.accounts]


class DoseService:
    """The ledger: exposures, the legs that budgets are made of, and whether they are all the beam there was."""

    def __init__(
        self,
        exposures: ExposureRepository,
        samples: SampleService,
        custody: CustodyService,
        *,
        recording: Recording,
        readings: Readings,
    ) -> None:
        self._exposures = exposures
        self._samples = samples
        self._custody = custody
        self._recording = recording
        self._readings = readings
        self._read: dict[str, tuple[Line, tuple[RecordedExposure, ...]]] = {}

    def record(self, actor: Actor, sample_id: str, new: NewExposure) -> tuple[RecordedExposure, bool]:
        """Append an exposure; says whether it is new (a repeated client_event_id gives the first one)."""
        sample = self._samples.get(actor, sample_id, need=Action.RECORD)
        exposure, is_new = self._recording.append(actor, sample, new)
        return self._entry(exposure), is_new

    def get(self, actor: Actor, exposure_id: str) -> RecordedExposure:
        """Return an exposure."""
        return self._entry(self._one(actor, exposure_id))

    def moment_of(self, actor: Actor, exposure_id: str) -> datetime:
        """Return when an exposure began."""
        return self._one(actor, exposure_id).happened_at

    def _one(self, actor: Actor, exposure_id: str) -> Exposure:
        exposure = self._exposures.get(exposure_id)
        if exposure is None:
            raise NotFound
        self._samples.get(actor, exposure.sample_id)
        return exposure

    def project_of(self, exposure: Exposure) -> str:
        """Return the project of an exposure another room was already given."""
        return self._samples.project_of(exposure.sample_id)

    def history(self, actor: Actor, sample_id: str) -> list[RecordedExposure]:
        """Return a sample's exposures, oldest first, with those its ancestors had before the split."""
        sample = self._samples.get(actor, sample_id)
        return list(self._history(sample))

    def newest(
        self, actor: Actor, *, text: str, sample_id: str | None, project_id: str | None, limit: int
    ) -> list[tuple[Exposure, Sample]]:
        """Return the newest exposures that stand, with their samples, among all the actor may read."""
        if sample_id is not None:
            self._samples.get(actor, sample_id)
        projects = readable_projects(actor, project_id)
        return self._exposures.newest(projects, text=text, sample_id=sample_id, limit=limit)

    def happenings_of(self, sample: Sample) -> list[Happening]:
        """Return the exposures of a sample itself that stand, as events of its history."""
        own = [entry for entry in self._standing(sample, None) if entry.inherited_from is None]
        return [happening_of(entry.exposure) for entry in own]

    def of_dataset(self, dataset: Dataset) -> list[RecordedExposure]:
        """Return the exposures a dataset came from that still stand; the caller was already given the dataset."""
        entries = [self._entry(exposure) for exposure in self._exposures.of_dataset(dataset.id)]
        return [entry for entry in entries if entry.superseded_by is None]

    def legs(self, actor: Actor, sample_id: str, *, at: datetime | None = None) -> list[Leg]:
        """
        Return the beam a sample and its ancestors took until a moment (left out: all that is on record), oldest first.

        Each leg is one exposure that still stands: its gaps filled from the header of its file, its current calibrated.
        """
        return [entry.leg for entry in self.accounts(actor, sample_id, at=at)]

    def accounts(self, actor: Actor, sample_id: str, *, at: datetime | None = None) -> list[Accounted]:
        """Return the exposures that legs are made of, with their accounts."""
        return self.account_for(self._standing(self._samples.get(actor, sample_id), at), at=at)

    def account_for(self, entries: Sequence[RecordedExposure], *, at: datetime | None = None) -> list[Accounted]:
        """Account for exposures another room was already given; an ancestor's lay in other coordinates."""
        exposures = [entry.exposure for entry in entries]
        conditions = self._conditions(exposures)
        places = self._exposures.places(exposure.region_id for exposure in exposures if exposure.region_id)
        found = []
        for entry, exposure in zip(entries, exposures, strict=True):
            place = exposure.field_um or places.get(exposure.region_id or "")
            own_place = polygon_of(place) if entry.inherited_from is None else None
            found.append(accounted(exposure, conditions[exposure.id], own_place, at=at))
        return found

    def ledger(self, actor: Actor, sample_id: str, *, at: datetime | None = None) -> Ledger:
        """Return events and exposures until a moment (left out: all on record), and whether they are all the beam."""
        sample = self._samples.get(actor, sample_id)
        line = self._custody.line(sample)
        known = self._exposures.beam_records(line.sample_ids)
        rows = [row for row in known if line.counts(row.sample_id, row.from_at) and (at is None or row.from_at <= at)]
        entries = self._standing(sample, at)
        accounts = self.account_for(entries, at=at)
        history = self._custody.happenings_of(sample, at=at)
        told = [
            (event.occurred_at, event.ended_at or event.occurred_at)
            for event in history
            if event.type == "exposure" and event.details.get("beam") in DOSED_BEAMS
        ]
        found = coverage([account.stay for account in accounts], beam_records_of(rows, until=at), told=told)
        return Ledger(tuple(history), tuple(entries), tuple(accounts), found)

    def coverage(self, actor: Actor, sample_id: str, *, at: datetime | None = None) -> Coverage:
        """Say whether the recorded exposures are all the beam a sample took until a moment, or a lower bound."""
        return self.ledger(actor, sample_id, at=at).coverage

    def stopping_phase(self, actor: Actor, sample_id: str) -> str | None:
        """Return the phase whose stopping power stands for a sample's material, or None."""
        return phase_of_material(self._samples.get(actor, sample_id).material)

    def curve(self, actor: Actor, exposure_id: str, *, most_rows: int = 1000) -> Table:
        """Return the dose of an exposure frame by frame."""
        entry = self.get(actor, exposure_id)
        (account,) = self.account_for([entry])
        return dose_curve(account.dose, entry.exposure.recorded_scans, most_rows=most_rows)

    def raster(self, exposure: Exposure) -> RasterExposure:
        """Return a scanned exposure as the dose methods take it."""
        if exposure.mode != "stem_raster":
            raise NotARaster("This exposure was not made by a scanned beam: choose one of mode stem_raster.")
        return raster_of(recorded_of(exposure, self._conditions([exposure])[exposure.id].quantities))

    def _conditions(self, exposures: Sequence[Exposure]) -> dict[str, Conditions]:
        """Return the quantities to account with, by exposure: gaps filled from its file, its current calibrated."""
        datasets = self._exposures.datasets(exposure.dataset_id for exposure in exposures if exposure.dataset_id)
        given = {exposure.id: datasets.get(exposure.dataset_id or "") for exposure in exposures}
        instruments = {exposure.id: exposure.instrument_id for exposure in exposures}
        for exposure_id, dataset in given.items():
            instruments[exposure_id] = instruments[exposure_id] or (dataset.instrument_id if dataset else None)
        readings = self._readings(sorted({name for name in instruments.values() if name is not None}))
        filled = self._filled_in(exposures, given)
        return {
            exposure.id: with_calibrated_current(
                exposure, filled[exposure.id], readings.get(instruments[exposure.id] or "", [])
            )
            for exposure in exposures
        }

    def _filled_in(
        self, exposures: Sequence[Exposure], given: Mapping[str, Dataset | None]
    ) -> dict[str, Mapping[str, Quantity]]:
        """Return quantities with their gaps filled, first from the file, then the temperature from custody."""
        found: dict[str, Mapping[str, Quantity]] = {
            exposure.id: filled_in(exposure, header_of(given[exposure.id])) for exposure in exposures
        }
        silent = [exposure for exposure in exposures if found[exposure.id]["temperature_K"].value is None]
        histories = {
            sample_id: self._custody.happenings(SYSTEM, sample_id)
            for sample_id in {exposure.sample_id for exposure in silent if exposure.sample_id}
        }
        for exposure in silent:
            history = histories.get(exposure.sample_id, [])
            found[exposure.id] = with_custody_temperature(exposure, found[exposure.id], history)
        return found

    def _entry(self, exposure: Exposure) -> RecordedExposure:
        superseded_by = self._exposures.superseding([exposure.id]).get(exposure.id)
        conflict = contradiction(exposure, self._exposures.dataset(exposure.dataset_id or ""))
        return RecordedExposure(exposure, superseded_by, None, conflict)

    def _standing(self, sample: Sample, at: datetime | None) -> list[RecordedExposure]:
        """Return what no correction took the place of, until a moment (None: all on record)."""
        standing = [entry for entry in self._history(sample) if entry.superseded_by is None]
        return [entry for entry in standing if at is None or entry.exposure.happened_at <= at]

    def _history(self, sample: Sample) -> tuple[RecordedExposure, ...]:
        """Read a sample's exposures again only when custody reads its line again: an exposure tells it of itself."""
        line = self._custody.line(sample)
        read, entries = self._read.get(sample.id, (None, ()))
        if read is not line:
            if len(self._read) == MOST_READ:
                self._read.clear()
            entries = tuple(self._entries(line))
            self._read[sample.id] = (line, entries)
        return entries

    def _entries(self, line: Line) -> Iterator[RecordedExposure]:
        exposures = self._exposures.of_samples(line.sample_ids)
        corrections = {each.supersedes_id: each.id for each in exposures if each.supersedes_id is not None}
        given = self._exposures.datasets(exposure.dataset_id for exposure in exposures if exposure.dataset_id)
        for exposure in exposures:
            if line.counts(exposure.sample_id, exposure.happened_at):
                conflict = contradiction(exposure, given.get(exposure.dataset_id or ""))
                origin = line.inherited_from(exposure.sample_id)
                yield RecordedExposure(exposure, corrections.get(exposure.id), origin, conflict)
