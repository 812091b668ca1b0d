"""Gathers a report from the rooms that know: one history, one moment, one model."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.infra.clock import now
from app.infra.db.models import Sample
from app.infra.ids import prefix_of
from app.lab.access import Actor
from app.lab.budgets.service import BudgetService
from app.lab.clocks.service import ClockService
from app.lab.datasets.service import DatasetService
from app.lab.dose.legs import Accounted
from app.lab.dose.service import DoseService, Ledger
from app.lab.evaluations.service import EvaluationService
from app.lab.evaluations.targets import Target, Targets
from app.lab.instruments.service import InstrumentService
from app.lab.labels.service import LabelService
from app.lab.lineage.service import LineageService
from app.lab.regions.service import RegionService
from app.lab.reports.measurements import Measurements
from app.lab.reports.records import region_record, sample_record
from app.lab.reports.rows import ancestor, band, budget_row, clock_row, kept_verdict, label_row, sum_record, verdict_row
from app.lab.results.service import ResultService
from app.lab.samples.service import SampleService
from lithoscope.rules.accumulation import sums_by_beam
from lithoscope.rules.chain import chain, held_until
from lithoscope.rules.custody import Happening, storage_time
from lithoscope.rules.custody_state import CustodyState, state_at
from lithoscope.rules.report import LabelRow, Record, Report, Verdict
from lithoscope.rules.report_checklist import checklist
from lithoscope.rules.report_methods import methods_paragraph
from lithoscope.rules.report_records import event_record, lasting

MOST_VERDICTS = 20
KINDS: dict[str, Literal["sample", "dataset", "result"]] = {"smp": "sample", "ds": "dataset", "res": "result"}


@dataclass(frozen=True)
class Rooms:
    """The rooms a report is gathered from."""

    dose: DoseService
    regions: RegionService
    datasets: DatasetService
    results: ResultService
    instruments: InstrumentService
    evaluations: EvaluationService
    lineage: LineageService
    targets: Targets
    clocks: ClockService
    samples: SampleService
    budgets: BudgetService
    labels: LabelService


class Gathering:
    """Gathers reports, each as the actor may see it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._measured = Measurements(rooms.datasets, rooms.results, rooms.instruments)

    def report(self, actor: Actor, target_id: str, at: datetime | None = None) -> Report:
        """
        Return the report of a sample at a moment (now when left out), or of a dataset or result when it was measured.

        Parameters
        ----------
        actor : Actor
            Who asks.
        target_id : str
            A sample, dataset or result.
        at : datetime, optional
            For samples only: until when history counts.
        """
        target = self._rooms.targets.find(actor, target_id, at=at)
        moment = self._moment(actor, target)
        bare = self._derived(actor, target, self._rooms.dose.ledger(actor, target.sample.id, at=moment), at=moment)
        bare = replace(bare, checklist=checklist(bare))
        return replace(bare, methods=methods_paragraph(bare))

    def _moment(self, actor: Actor, target: Target) -> datetime:
        """Return until when history counts: to the end of the exposures in question."""
        if not target.judged:
            return target.at
        accounts = self._rooms.dose.accounts(actor, target.sample.id)
        ends = [each.leg.ended_at or each.leg.started_at for each in accounts if each.exposure.id in target.judged]
        return min(now(), max([target.at, *ends]))

    def _derived(self, actor: Actor, target: Target, ledger: Ledger, *, at: datetime) -> Report:
        rooms, sample = self._rooms, target.sample
        history, accounts, coverage = ledger.history, ledger.accounts, ledger.coverage
        state = state_at(history, at=at)
        regions = rooms.regions.of_sample(actor, sample.id)
        lineage = [node for node in rooms.lineage.walk(actor, target.id, "upstream").nodes if node.depth]
        measured = self._measured.find(actor, target.id, lineage, accounts)
        return Report(
            target_id=target.id,
            target_kind=KINDS[prefix_of(target.id) or "smp"],
            title=self._title(actor, target),
            at=at,
            sample=self._sample(sample, state, history, accounts),
            events=tuple(_event(history, number, state) for number in range(1, len(history) + 1)),
            exposures=measured.exposures({region.id: region.name for region in regions}),
            sums=tuple(sum_record(sample.id, each) for each in sums_by_beam(ledger.legs)),
            regions=tuple(region_record(region) for region in regions),
            others=measured.others,
            dose_is_complete=bool(accounts) and coverage.is_complete,
            dose_note=coverage.reasons,
            bands=tuple(band(stay) for stay in chain(history, at=at)),
            clocks=tuple(clock_row(clock) for clock in rooms.clocks.of_sample(actor, sample.id, at)),
            budgets=tuple(
                budget_row(each.region.id, each.region.name, each.worst)
                for each in rooms.budgets.of_sample(actor, sample.id, at=at)
            ),
            labels=self._labels(actor, target),
            verdicts=self._verdicts(actor, target, at),
            lineage=tuple(ancestor(node) for node in lineage),
            software=importlib.metadata.version("lithoscope"),
            notes=(target.note,) if target.note else (),
        )

    def _title(self, actor: Actor, target: Target) -> str:
        kind, sample = prefix_of(target.id), target.sample
        if kind == "ds":
            return f"{self._rooms.datasets.get(actor, target.id).filename} of {sample.name}"
        if kind == "res":
            method = self._rooms.results.get(actor, target.id).run_record.get("method", "result")
            return f"{method} of {sample.name}"
        return sample.name

    def _sample(
        self, sample: Sample, state: CustodyState, history: Sequence[Happening], accounts: Sequence[Accounted]
    ) -> Record:
        imaging = [entry.leg.started_at for entry in accounts if entry.leg.mode != "fib"]
        storage = storage_time(history, at=state.at)
        return sample_record(
            sample,
            state,
            specimen=self._rooms.clocks.specimen(sample),
            cell_history=self._cell_history(sample),
            storage=storage,
            exposed_at=min(imaging, default=None),
        )

    def _cell_history(self, sample: Sample) -> str | None:
        """Return the history of the cell a sample comes from, as the nearest of its line states it."""
        while sample.cell_history is None and sample.parent_id is not None:
            sample = self._rooms.samples.parent_of(sample)
        return sample.cell_history

    def _labels(self, actor: Actor, target: Target) -> tuple[LabelRow, ...]:
        if prefix_of(target.id) != "res":
            return ()
        return tuple(label_row(each) for each in self._rooms.labels.of_result(actor, target.id))

    def _verdicts(self, actor: Actor, target: Target, at: datetime) -> tuple[Verdict, ...]:
        """Return the verdicts kept of the target, newest first; without any, what the protocols in force would say."""
        kept = self._rooms.evaluations.page(actor, target_id=target.id, before=None, limit=MOST_VERDICTS)
        if kept:
            return tuple(kept_verdict(row.record, row.id) for row in kept)
        moment = at if prefix_of(target.id) == "smp" else None
        return tuple(verdict_row(each) for each in self._rooms.evaluations.preview(actor, target.id, at=moment))


def _event(history: Sequence[Happening], number: int, state: CustodyState) -> Record:
    """
    Return an event as a record.

    The time in air that its own interval tells counts as stated; a storage without end lasts until a record moves it.
    """
    event = history[number - 1]
    record = event_record(event, number)
    if event.type == "storage" and event.ended_at is None:
        record = lasting(record, held_until(event, history[number:], state.at), at=state.at, source=event.source)
    in_air = next((each.seconds for each in state.air_events if each.event_id == event.id), None)
    if in_air is None or record.states("air_exposure_s"):
        return record
    return replace(record, fields={**record.fields, "air_exposure_s": in_air})
