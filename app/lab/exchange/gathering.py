"""What belongs to an export: the thing asked for, what it came from, whom it happened to, and what was done to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.infra.db.models import (
    CustodyEvent,
    Dataset,
    Evaluation,
    Exposure,
    Job,
    LabelPhase,
    Note,
    RecipeRun,
    RecipeStep,
    Region,
    Result,
    Sample,
    Tag,
)
from app.infra.ids import prefix_of
from app.lab.access import SYSTEM
from app.lab.dose.service import DoseService
from app.lab.exchange.naming import identifiers_in, renamed
from app.lab.exchange.pieces import Piece
from app.lab.exchange.readings import BeamReadingPiece
from app.lab.exchange.records import (
    DatasetPiece,
    EventPiece,
    ExposurePiece,
    InstrumentPiece,
    Records,
    RegionPiece,
    ResultPiece,
    SamplePiece,
)
from app.lab.exchange.remarks import EvaluationPiece, LabelPiece, NotePiece, TagPiece
from app.lab.exchange.repository import ExchangeRepository, Origin
from app.lab.exchange.runs import JobPiece, RunPiece, StepPiece, things_in
from app.lab.exchange.titrations import TitrationPiece
from app.lab.schemas import QuantityOut

DOSES = ("per_frame", "series", "recorded", "rate")
_BY = ("created_by", "recorded_by", "assigned_by", "evaluated_by", "changed_by")


@dataclass
class Held:
    """The rows of an export, each once."""

    samples: dict[str, Sample] = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)
    events: list[CustodyEvent] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    results: dict[str, Result] = field(default_factory=dict)
    runs: list[tuple[RecipeRun, list[RecipeStep]]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    labels: list[LabelPhase] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)

    @property
    def data(self) -> tuple[Any, ...]:
        """Return datasets and results."""
        return (*self.datasets.values(), *self.results.values())

    @property
    def ids(self) -> set[str]:
        """Return what is held."""
        done: tuple[Any, ...] = (*self.regions, *self.events, *self.exposures, *self.jobs)
        said: tuple[Any, ...] = (*self.notes, *self.tags, *self.labels, *self.evaluations)
        rows = (*done, *said, *(run for run, _ in self.runs))
        return {*self.samples, *self.datasets, *self.results, *(row.id for row in rows)}


class Gathering:
    """Collects what an export tells of; whoever calls it was given the thing already, so its project may be read."""

    def __init__(self, exchange: ExchangeRepository, dose: DoseService) -> None:
        self._exchange = exchange
        self._dose = dose

    def of(self, target_id: str, project_id: str) -> Records:
        """
        Return the records of an export, by the identifiers things have where they come from.

        Parameters
        ----------
        target_id : str
            A sample, dataset, result or project.
        project_id : str
            The project it belongs to: nothing of another one is held.
        """
        held = self._held(target_id, project_id)
        origins = self._exchange.origins(held.ids)
        pieces = self._pieces(held, origins)
        mentioned = {each for kind in pieces.values() for piece in kind for each in identifiers_in(piece)}
        names = {each.object_id: each.origin_id for each in self._exchange.origins(mentioned | held.ids).values()}
        target = names.get(target_id, target_id)
        told = {kind: _in_order(renamed(found, names)) for kind, found in pieces.items()}
        own = self._titrations(project_id, None if prefix_of(target_id) == "prj" else set(held.samples))
        titrated = renamed(own, names) | _brought(origins, told, is_all=prefix_of(target_id) == "prj")
        edges = [
            {"source_id": edge.source_id, "target_id": edge.target_id, "relation": edge.relation}
            for edge in self._exchange.edges(held.ids)
        ]
        outside = {*renamed(sorted(mentioned - held.ids), names), *identifiers_in(titrated)}
        known = {each["id"] for kind in told.values() for each in kind}
        records = {
            "target": target,
            "project": self._project(project_id, origins.get(target_id)),
            **self._named({**told, "titrations": list(titrated.values())}, origins),
            "titrations": dict(sorted(titrated.items())),
            **told,
            "edges": sorted(renamed(edges, names), key=lambda edge: tuple(edge.values())),
            "not_included": sorted(outside - known),
        }
        return Records.model_validate(records)

    def data_of(self, target_id: str, project_id: str) -> set[str]:
        """Return the datasets and results of an export."""
        return self._reached(target_id, project_id)[1]

    def _titrations(self, project_id: str, samples: set[str] | None) -> dict[str, dict[str, Any]]:
        """Return the series of a project of which bottles held these samples; None for all."""
        return {
            row.id: _plain(TitrationPiece, row)
            for row in self._exchange.titrations(project_id)
            if samples is None or samples & _titrated(row.record)
        }

    def counts(self, target_id: str, project_id: str) -> dict[str, int]:
        """Say how many things of each kind an export holds, without reading them."""
        samples, data = self._reached(target_id, project_id)
        kinds = [prefix_of(each) for each in data]
        return {
            "samples": len(samples),
            "events": self._exchange.count_of(CustodyEvent, samples),
            "exposures": self._exchange.count_of(Exposure, samples),
            "datasets": kinds.count("ds"),
            "results": kinds.count("res"),
        }

    def _held(self, target_id: str, project_id: str) -> Held:
        samples, data = self._reached(target_id, project_id)
        results = self._exchange.results(each for each in data if prefix_of(each) == "res")
        datasets = self._exchange.datasets(each for each in data if prefix_of(each) == "ds")
        held = Held(
            samples={row.id: row for row in self._exchange.samples(samples)},
            regions=self._exchange.regions(samples),
            events=self._exchange.events(samples),
            exposures=self._exchange.exposures(samples),
            datasets={row.id: row for row in datasets},
            jobs=[*self._exchange.jobs(row.job_id for row in results), *self._failed(data)],
            results={row.id: row for row in results},
        )
        self._add_remarks(held, project_id)
        return held

    def _failed(self, data: set[str]) -> list[Job]:
        """Return the jobs that failed on these data and on nothing else."""
        return [job for job in self._exchange.failed_jobs(data) if things_in(job.inputs) <= data]

    def _add_remarks(self, held: Held, project_id: str) -> None:
        """Add what was said and judged of what is held, and the runs of recipes of which every step is."""
        things = {*held.samples, *held.datasets, *held.results}
        runs = self._exchange.runs(project_id, {job.id for job in held.jobs})
        held.runs = [each for each in runs if each[0].sample_id is None or each[0].sample_id in held.samples]
        held.notes = self._exchange.notes(things)
        held.tags = self._exchange.tags(things)
        held.labels = self._exchange.labels(held.results)
        held.evaluations = [row for row in self._exchange.evaluations(things) if row.sample_id in held.samples]

    def _reached(self, target_id: str, project_id: str) -> tuple[set[str], set[str]]:
        """
        Return the samples and data of an export.

        Of a sample: all below it and what was measured on them; of any data: what it came from. All samples come with
        their ancestors up to the cell.
        """
        there = self._exchange.data_of(project_id)
        kind = prefix_of(target_id)
        if kind == "prj":
            samples, data = self._exchange.samples_of(project_id), set(there)
        else:
            samples = self._exchange.descendants(target_id) if kind == "smp" else set()
            own = {each for each, sample_id in there.items() if sample_id in samples}
            data = self._exchange.upstream({target_id, *own}) & set(there)
        owners = {there[each] for each in data}
        return self._exchange.ancestors(samples | {each for each in owners if each is not None}), data

    def _pieces(self, held: Held, origins: Mapping[str, Origin]) -> dict[str, list[dict[str, Any]]]:
        doses = self._doses(held)
        trees = {row.id: _digest_in(row.store_key) for row in held.data}
        kinds: dict[str, tuple[type[Piece], Iterable[Any]]] = {
            "samples": (SamplePiece, held.samples.values()),
            "regions": (RegionPiece, held.regions),
            "events": (EventPiece, held.events),
            "exposures": (ExposurePiece, held.exposures),
            "datasets": (DatasetPiece, held.datasets.values()),
            "jobs": (JobPiece, held.jobs),
            "results": (ResultPiece, held.results.values()),
            "runs": (RunPiece, [run for run, _ in held.runs]),
            "notes": (NotePiece, held.notes),
            "tags": (TagPiece, held.tags),
            "labels": (LabelPiece, held.labels),
            "evaluations": (EvaluationPiece, held.evaluations),
        }
        steps = {run.id: [_step(each) for each in own] for run, own in held.runs}

        def derived(row_id: str) -> dict[str, Any]:
            dose = doses.get(row_id, {"dose": {}, "calibrated_by": []})
            return {**dose, "tree": trees.get(row_id), "steps": steps.get(row_id)}

        found = {}
        for name, (piece, rows) in kinds.items():
            found[name] = [_record(piece, row, origins.get(row.id), derived(row.id)) for row in rows]
        for exposure in found["exposures"]:
            if exposure["dataset_id"] not in held.datasets:
                exposure["dataset_id"] = None  # it gave a file that is not part of this export
        known = {job.id for job in held.jobs}
        for job in found["jobs"]:
            if job["retry_of"] not in known:
                job["retry_of"] = None  # what it repeats is not part of this export
        return found

    def _doses(self, held: Held) -> dict[str, dict[str, Any]]:
        """Return dose and readings of current of each exposure that stands and is over, as the ledger has them."""
        doses: dict[str, dict[str, Any]] = {}
        for sample_id in sorted({exposure.sample_id for exposure in held.exposures}):
            own = [
                entry
                for entry in self._dose.history(SYSTEM, sample_id)
                if entry.inherited_from is None and entry.superseded_by is None and not entry.exposure.is_running
            ]
            for account in self._dose.account_for(own):
                stated = {name: QuantityOut.model_validate(getattr(account.dose, name)) for name in DOSES}
                doses[account.exposure.id] = {
                    "dose": {name: each.model_dump(mode="json") for name, each in stated.items()},
                    "calibrated_by": list(account.reading_ids),
                }
        return doses

    def _project(self, project_id: str, origin: Origin | None) -> dict[str, Any]:
        if origin is not None:
            return dict(origin.crate.record["project"])
        row = self._exchange.project(project_id)
        return {"id": row.id, "code": row.code, "title": row.title}

    def _named(self, told: Mapping[str, Sequence[Mapping[str, Any]]], origins: Mapping[str, Origin]) -> dict[str, Any]:
        """Return who and what apparatus the records name: those of here, and those of where things came from."""
        people: dict[str, Any] = {}
        instruments: dict[str, Any] = {}
        readings: dict[str, Any] = {}
        for crate in {origin.crate.id: origin.crate for origin in origins.values()}.values():
            people |= crate.record["people"]
            instruments |= crate.record["instruments"]
            readings |= crate.record.get("readings", {})
        used = {each for exposure in told["exposures"] for each in exposure["calibrated_by"]}
        readings |= {row.id: _plain(BeamReadingPiece, row) for row in self._exchange.readings(used)}
        readings = {each: readings[each] for each in sorted(used) if each in readings}
        changes = [change for dataset in told["datasets"] for change in dataset["calibration_history"]]
        every = [*(each for kind in told.values() for each in kind), *readings.values(), *changes]
        by = {str(each[name]) for each in every for name in _BY if name in each}
        with_what = {str(each["instrument_id"]) for each in every if each.get("instrument_id")}
        here = self._exchange.people(by)
        people |= {each: {"name": name, "kind": kind} for each, (name, kind) in here.items()}
        nobody = {each: {"name": each, "kind": "program"} for each in by}
        instruments |= {row.id: _plain(InstrumentPiece, row) for row in self._exchange.instruments(with_what)}
        return {
            "people": {each: people.get(each, nobody[each]) for each in sorted(by)},
            "instruments": {each: instruments[each] for each in sorted(with_what) if each in instruments},
            "readings": readings,
        }


def _brought(
    origins: Mapping[str, Origin], told: Mapping[str, Sequence[Mapping[str, Any]]], *, is_all: bool
) -> dict[str, dict[str, Any]]:
    """Return the series that came with crates and of which bottles held samples that are told of; or all."""
    samples = {sample["id"] for sample in told["samples"]}
    crates = {origin.crate.id: origin.crate for origin in origins.values()}.values()
    return {
        name: series
        for crate in crates
        for name, series in crate.record.get("titrations", {}).items()
        if is_all or samples & _titrated(series["record"])
    }


def _titrated(record: Mapping[str, Any]) -> set[str]:
    return {bottle["sample_id"] for bottle in record["bottles"] if bottle["sample_id"]}


def _plain(piece: type[Piece], row: Any) -> dict[str, Any]:
    return piece.model_validate(row, from_attributes=True).model_dump(mode="json")


def _step(row: RecipeStep) -> dict[str, Any]:
    return {name: getattr(row, name) for name in StepPiece.model_fields}


def _record(piece: type[Piece], row: Any, origin: Origin | None, derived: Mapping[str, Any]) -> dict[str, Any]:
    """Write a row as a piece; what only its origin can know comes from there."""
    own = {name: getattr(row, name) for name in piece.model_fields if hasattr(row, name)}
    own |= {name: value for name, value in derived.items() if name in piece.model_fields}
    return {**piece.model_validate(own).model_dump(mode="json"), **(origin.record if origin else {})}


def _digest_in(store_key: str | None) -> str | None:
    return store_key.rpartition("/")[2] if store_key else None


def _in_order(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(records, key=lambda record: str(record["id"]))
