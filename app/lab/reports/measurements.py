"""What was measured: exposures with their instruments, the data they gave, the runs behind a result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import NotFound
from app.infra.db.models import Dataset, Instrument, Result
from app.infra.ids import prefix_of
from app.lab.access import Actor
from app.lab.datasets.service import DatasetService
from app.lab.dose.legs import Accounted
from app.lab.instruments.service import InstrumentService
from app.lab.lineage.schemas import NodeOut
from app.lab.reports.records import beam_record, dataset_record, instrument_name, instrument_record, result_record
from app.lab.results.service import ResultService
from lithoscope.rules.report import Record


@dataclass(frozen=True)
class Measured:
    """The exposures of a report and what belongs to them, by id."""

    accounts: Sequence[Accounted]
    datasets: Mapping[str, Dataset]
    results: Mapping[str, Result]
    instruments: Mapping[str, Instrument]

    def exposures(self, regions: Mapping[str, str]) -> tuple[Record, ...]:
        """Return every exposure as a record; ``regions`` are names by id."""
        return tuple(self._exposure(entry, number, regions) for number, entry in enumerate(self.accounts, 1))

    @property
    def others(self) -> tuple[Record, ...]:
        """Return instruments, datasets and results as records."""
        data = [dataset_record(each, self._taken_with(each)) for each in self.datasets.values()]
        made = [result_record(each) for each in self.results.values()]
        return (*(instrument_record(each) for each in self.instruments.values()), *data, *made)

    def _taken_with(self, dataset: Dataset) -> Instrument | None:
        """Return the instrument of a dataset: that of its upload, else that of the exposure that gave it."""
        given = [entry.exposure.instrument_id for entry in self.accounts if entry.exposure.dataset_id == dataset.id]
        named = [each for each in (dataset.instrument_id, *given) if each is not None]
        return self.instruments.get(named[0]) if named else None

    def _exposure(self, entry: Accounted, number: int, regions: Mapping[str, str]) -> Record:
        exposure = entry.exposure
        dataset = self.datasets.get(exposure.dataset_id or "")
        instrument_id = exposure.instrument_id or (dataset.instrument_id if dataset else None)
        instrument = self.instruments.get(instrument_id or "")
        return beam_record(
            entry,
            number,
            instrument=None if instrument is None else instrument_name(instrument),
            region=regions.get(exposure.region_id or ""),
            gave=None if dataset is None else dataset.filename,
        )


class Measurements:
    """Finds what was measured, as far as the actor may see it and it was not deleted."""

    def __init__(self, datasets: DatasetService, results: ResultService, instruments: InstrumentService) -> None:
        self._datasets = datasets
        self._results = results
        self._instruments = instruments

    def find(self, actor: Actor, target_id: str, lineage: Sequence[NodeOut], accounts: Sequence[Accounted]) -> Measured:
        """Return the data the exposures gave, and data and results the target is or was made from."""
        upstream = [target_id, *(node.id for node in lineage)]
        given = [entry.exposure.dataset_id for entry in accounts if entry.exposure.dataset_id]
        datasets = {}
        for dataset_id in dict.fromkeys([*(each for each in upstream if prefix_of(each) == "ds"), *given]):
            if (dataset := self._dataset(actor, dataset_id)) is not None:
                datasets[dataset_id] = dataset
        results = {}
        for result_id in dict.fromkeys(each for each in upstream if prefix_of(each) == "res"):
            if (result := self._result(actor, result_id)) is not None:
                results[result_id] = result
        named = [entry.exposure.instrument_id for entry in accounts] + [
            each.instrument_id for each in datasets.values()
        ]
        wanted = dict.fromkeys(each for each in named if each is not None)
        instruments = {each: self._instruments.get(actor, each) for each in wanted}
        return Measured(accounts, datasets, results, instruments)

    def _dataset(self, actor: Actor, dataset_id: str) -> Dataset | None:
        try:
            return self._datasets.get(actor, dataset_id)
        except NotFound:  # deleted since: its tombstone says so, the report goes on without it
            return None

    def _result(self, actor: Actor, result_id: str) -> Result | None:
        try:
            return self._results.get(actor, result_id)
        except NotFound:  # deleted since
            return None
