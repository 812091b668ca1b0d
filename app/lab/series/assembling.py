"""What is stacked of a series becomes a dataset, in the transaction that ends the job; nobody commits here."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Dataset, GrowingSeries, SeriesAssembly
from app.infra.ids import new_id
from app.infra.queue import Claim, Leases
from app.infra.storage import Store, blob_key
from app.lab.access import SYSTEM, Actor
from app.lab.audit.service import AuditLog
from app.lab.datasets.service import DatasetService
from app.lab.jobs.bench import Bench, Made
from app.lab.lineage.service import HasDependents, LineageService
from app.lab.series.repository import SeriesRepository

FORMAT = "hdf5"
OVERTAKEN = "The series was stacked with more parts, and nothing was made of this."


class SeriesAssembling:
    """Publishes what was stacked, and seals what is whole."""

    def __init__(
        self,
        series: SeriesRepository,
        bench: Bench,
        *,
        leases: Leases,
        datasets: DatasetService,
        lineage: LineageService,
        store: Store,
        audit: AuditLog,
        on_sealed: Callable[[Dataset], None],
    ) -> None:
        self._series = series
        self._bench = bench
        self._leases = leases
        self._datasets = datasets
        self._lineage = lineage
        self._store = store
        self._audit = audit
        self._on_sealed = on_sealed

    def publish(self, claim: Claim, made: Made) -> bool:
        """
        Make an assembly succeed with a readable dataset; False when another holds the job, or it was cancelled.

        The row is changed first, so that the files of a worker that was replaced never reach the store.
        """
        if not self._leases.succeed(claim, None):
            return False
        row = self._series.assembly(claim.params["assembly_id"])
        series = None if row is None else self._series.get(row.series_id)
        if row is None or series is None or row.dataset_id is not None:
            return True
        named = parts_of(claim)
        sent = [self._series.dataset(part["dataset_id"]) for part in named]
        parts = [dataset for dataset in sent if dataset is not None]
        dataset = self._dataset(series, row, parts, made)
        dataset.attributes = {"series": {**said_of(series, row), "parts": named}}
        dataset.store_key = self._bench.keep(made)
        self._keep_file(made)
        self._datasets.add_made(_maker(series), dataset, made_from=[part.id for part in parts], made_by=claim.job_id)
        row.dataset_id = dataset.id
        self._series.flush()
        self._series.note([series.id])
        return True

    def _keep_file(self, made: Made) -> None:
        """Put the whole as one file into the store, where no sweeper may remove it until this transaction ends."""
        if made.file is None:
            raise ValueError("an assembly leaves a file")
        path, sha256 = made.file
        self._datasets.hold_blob(sha256, path.stat().st_size)
        self._datasets.lock_blob(sha256)
        self._store.put_file(blob_key(sha256), path)

    def _dataset(self, series: GrowingSeries, row: SeriesAssembly, parts: Sequence[Dataset], made: Made) -> Dataset:
        if made.file is None:
            raise ValueError("an assembly leaves a file")
        path, sha256 = made.file
        first = min(parts, key=lambda part: part.acquired_at or "~")
        return Dataset(
            id=new_id("ds"),
            project_id=series.project_id,
            sample_id=series.sample_id,
            instrument_id=series.instrument_id,
            filename=_filename(series, row),
            sha256=sha256,
            size_bytes=path.stat().st_size,
            state="readable",
            format=FORMAT,
            kind=made.arrays[0]["kind"],
            arrays=made.arrays,
            quantities=_shared(parts),
            calibration=parts[0].calibration,
            calibration_history=[],
            original={},
            attributes={},
            warnings=[*_warnings(row), *made.report.get("warnings", [])],
            acquired_at=first.acquired_at,
            is_interim=True,
            created_by=series.created_by,
            created_at=now(),
        )

    def let_go(self, series: GrowingSeries) -> None:
        """
        Delete what was stacked of fewer parts and nobody uses.

        Every assembly holds all parts before it: kept, they would fill the quota that the next parts need, and their
        arrows to each part the database. Which parts they were, their jobs say.
        """
        for dataset_id, job_id in self._series.overtaken(series.id):
            with suppress(HasDependents):
                self._datasets.delete(SYSTEM, dataset_id, OVERTAKEN)
                self._lineage.forget([dataset_id, job_id])

    def seal(self, series: GrowingSeries, row: SeriesAssembly) -> None:
        """Make what was stacked of all parts the dataset of the series; its last reconstruction is yet to begin."""
        dataset = self._series.dataset(row.dataset_id or "")
        if dataset is None:
            raise ValueError("only what was stacked is sealed")
        row.is_final = True
        if row.outcome != "started" or row.start is not None or row.action != series.action:
            row.outcome, row.reason = "", ""
        series.state, series.problem, series.version = "sealed", None, series.version + 1
        said = {**dataset.attributes["series"], **said_of(series, row)}
        dataset.is_interim, dataset.attributes = False, {**dataset.attributes, "series": said}
        dataset.version += 1
        self._series.flush()
        self._on_sealed(dataset)
        details = {"dataset_id": dataset.id, "parts": row.part_count}
        self._audit.record(_maker(series), "series.seal", series.id, project_id=series.project_id, **details)


def said_of(series: GrowingSeries, row: SeriesAssembly) -> dict[str, Any]:
    """Return what a stacked dataset says of the series it is of, besides its parts."""
    return {
        "id": series.id,
        "name": series.name,
        "rule_id": series.rule_id,
        "is_sealed": row.is_final,
        "expected": series.expected,
        "left_out": row.left_out,
    }


def parts_of(job: Claim) -> list[dict[str, Any]]:
    """Return which parts a job stacks, in order of their places."""
    numbers, places = job.params["numbers"], job.params["places"]
    return [
        {"number": number, "dataset_id": given.partition("/")[0], "place": place}
        for number, place, given in zip(numbers, places, job.inputs["parts"], strict=True)
    ]


def _maker(series: GrowingSeries) -> Actor:
    return replace(SYSTEM, id=series.created_by, label="the series", instrument_id=series.instrument_id)


def _filename(series: GrowingSeries, row: SeriesAssembly) -> str:
    name = "".join("_" if mark in '/\\:*?"<>|' else mark for mark in series.name)
    return f"{name.encode()[:200].decode(errors='ignore')}_{row.part_count}.h5"


def _shared(parts: Sequence[Dataset]) -> dict[str, Any]:
    """Return the quantities that all parts state alike; what differs is each part's own."""
    first, *rest = (part.quantities for part in parts)
    return {
        name: record
        for name, record in first.items()
        if all((other.get(name) or {}).get("value") == record["value"] for other in rest)
    }


def _warnings(row: SeriesAssembly) -> list[str]:
    return [f"part-left-out: part {each['number']} is not in it: {each['reason']}" for each in row.left_out]
