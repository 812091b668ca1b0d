"""A facility's worth of rows for measurements: chains of samples from the cell, with events, exposures and results."""

import gc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from app.infra.db.models import (
    Blob,
    CustodyEvent,
    Dataset,
    Exposure,
    Job,
    LineageEdge,
    Project,
    Result,
    Sample,
)
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.storage import tree_key
from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from workers import trees
from workers.folders import seal

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
GENERATIONS = 5  # cell, electrode, piece, lamella, thinned lamella
BATCH = 5000
NOBODY = {"created_by": "system"}
TABLES = (Blob, Sample, CustodyEvent, Dataset, Exposure, Job, Result, LineageEdge)


@dataclass
class Rows:
    """Rows by table, and what to ask about afterwards."""

    project_id: str
    tree: tuple[str, list[Any], int]
    by_table: dict[type, list[dict[str, Any]]] = field(default_factory=lambda: {table: [] for table in TABLES})
    sample_ids: list[str] = field(default_factory=list)
    event_ids: list[str] = field(default_factory=list)
    result_ids: list[str] = field(default_factory=list)
    disassembly_of: dict[str, str] = field(default_factory=dict)

    def link(self, source: str, target: str, relation: str, at: datetime) -> None:
        """Draw an arrow."""
        edge = {"source_id": source, "target_id": target, "relation": relation, "created_at": at}
        self.by_table[LineageEdge].append(edge)


def seed(house: House, *, samples: int = 10_000, events: int = 100_000) -> Rows:
    """
    Fill an empty database.

    Parameters
    ----------
    house : House
        With all tables.
    samples, events : int
        How many; every sample has the same number of events, every fifth generation's end a dataset and a result.
    """
    project_id = new_id("prj")
    with house.database.writing() as session:
        project = {"id": project_id, "code": "BENCH", "title": "Bench", "quota_bytes": 2**40, "created_at": BEGIN}
        session.execute(insert(Project), [{**project, **NOBODY}])
    rows = Rows(project_id, _tree(house))
    for number in range(samples // GENERATIONS):
        _chain(rows, number, events // samples)
    with house.database.writing() as session:
        for table, found in rows.by_table.items():
            for first in range(0, len(found), BATCH):
                session.execute(insert(table), found[first : first + BATCH])
    rows.by_table.clear()
    gc.collect()
    gc.freeze()  # as the service does after start: the rows of this seeding are not looked through in its answers
    return rows


def _tree(house: House) -> tuple[str, list[Any], int]:
    """Publish one volume of noise that all results share, so that a voxel is a real chunk of a real shard."""
    values = np.random.default_rng(0).random((256, 256, 256)).astype("f4")
    steps = {axis: Quantity(1.0, "nm", "header") for axis in "zyx"}
    folder = Path(house.staging) / "bench-tree"
    volume = LabelledArray(values, "zyx", steps, "counts", kind="volume", name="volume")
    summaries = trees.write(folder, {"volume": volume}, {})
    digest, size = seal(folder, summaries)
    house.store.put_tree(tree_key(digest), folder)
    return digest, summaries, size


def _chain(rows: Rows, number: int, events: int) -> None:
    """Add one cell and what was cut from it, each from the one before, two days apart."""
    parent: str | None = None
    opened = ""
    for generation in range(GENERATIONS):
        begin = BEGIN + timedelta(days=2 * generation, minutes=number)
        sample_id = new_id("smp")
        rows.sample_ids.append(sample_id)
        rows.by_table[Sample].append(_sample(rows, sample_id, parent, begin, f"B-{number:05d}-{generation}"))
        if parent is not None:
            rows.link(sample_id, parent, "wasDerivedFrom", begin)
        last = events - 1
        for place in range(events):
            kind = (
                "disassembly"
                if generation == place == 0
                else ("split" if place == last else ("transfer", "storage")[place % 2])
            )
            event = _event(rows, sample_id, kind, begin + timedelta(hours=4 * place))
            opened = opened or event
        parent = sample_id
    _measured(rows, parent or "", BEGIN + timedelta(days=2 * GENERATIONS, minutes=number), opened)


def _sample(rows: Rows, sample_id: str, parent: str | None, at: datetime, code: str) -> dict[str, Any]:
    own = {"id": sample_id, "project_id": rows.project_id, "parent_id": parent, "code": code, "name": code}
    kind = {"material": "lithium_electrodeposited", "electrolyte": "Gen2", "version": 1}
    return {**own, **kind, **NOBODY, "created_at": at, "split_at": at if parent else None}


def _event(rows: Rows, sample_id: str, kind: str, at: datetime) -> str:
    event_id = new_id("evt")
    rows.event_ids.append(event_id)
    rows.by_table[CustodyEvent].append(
        {
            "id": event_id,
            "sample_id": sample_id,
            "type": kind,
            "occurred_at": at,
            "happened_at": at,
            "ended_at": at + timedelta(hours=4) if kind == "storage" else None,
            "received_at": at,
            "recorded_by": "system",
            "place": "glovebox 1" if kind == "storage" else None,
            "payload": _PAYLOADS[kind],
            "evidence": [],
            "warnings": [],
        }
    )
    rows.link(sample_id, event_id, "wasGeneratedBy", at)
    return event_id


_GAS = {"atmosphere": "argon", "o2_ppm": 0.1, "h2o_ppm": 0.1, "temperature_K": 293.0, "pressure_Pa": 1e5}
_STATED = {"source": "user", "note": None}
_PAYLOADS: dict[str, dict[str, Any]] = {
    "disassembly": {**_GAS, **_STATED, "state_of_charge_percent": None},
    "storage": {**_GAS, **_STATED},
    "transfer": {**_GAS, **_STATED, "method": "inert_gas_shuttle", "air_exposure_s": 0.0, "destination": None},
    "split": {**_GAS, **_STATED, "child_ids": [], "process": None},
}


def _measured(rows: Rows, sample_id: str, at: datetime, opened: str) -> None:
    """Add an exposure of a sample, the dataset it gave and a result of that."""
    place = {"project_id": rows.project_id, "sample_id": sample_id, "created_at": at}
    dataset, exposure, job, result = (new_id(prefix) for prefix in ("ds", "exp", "job", "res"))
    sha256 = new_id("ds")[3:] * 2
    digest, outputs, size = rows.tree
    rows.by_table[Blob].append({"sha256": sha256, "size_bytes": 9, "created_at": at})
    empty = {"arrays": [], "quantities": {}, "calibration": {}, "calibration_history": [], "original": {}}
    rows.by_table[Dataset].append(
        {"id": dataset, **place, **NOBODY, **empty, "attributes": {}, "warnings": [], "filename": "a.dm3", "version": 1,
         "sha256": sha256, "size_bytes": 9, "state": "readable"}
    )  # fmt: skip
    rows.by_table[Exposure].append(
        {"id": exposure, "sample_id": sample_id, "dataset_id": dataset, "mode": "tem_field", "is_running": False,
         "conditions": _CONDITIONS, "geometry": {}, "warnings": [], "frames": 1, "recorded_scans": 1,
         "occurred_at": at, "happened_at": at, "received_at": at, "recorded_by": "system"}
    )  # fmt: skip
    rows.by_table[Job].append(
        {"id": job, **place, **NOBODY, "kind": "analysis", "method": "tomogram_sirt", "method_version": "1", "seed": 0,
         "queue": "cpu-short", "inputs": {"tilt_series": dataset}, "params": {}, "state": "succeeded",
         "result_id": result}
    )  # fmt: skip
    rows.by_table[Result].append(
        {"id": result, **place, "job_id": job, "digest": digest, "store_key": tree_key(digest), "size_bytes": size,
         "outputs": outputs, "run_record": {"method": "tomogram_sirt", "method_version": "1"}, "state": "available"}
    )  # fmt: skip
    for source, target, relation in (
        (dataset, sample_id, "wasDerivedFrom"), (exposure, sample_id, "used"), (dataset, exposure, "wasGeneratedBy"),
        (job, dataset, "used"), (result, job, "wasGeneratedBy"), (result, dataset, "wasDerivedFrom"),
    ):  # fmt: skip
        rows.link(source, target, relation, at)
    rows.result_ids.append(result)
    rows.disassembly_of[result] = opened


def _quantity(value: float, unit: str) -> dict[str, Any]:
    return Quantity(value, unit, "user").to_json()


_CONDITIONS = {
    "beam_energy_kV": _quantity(200.0, "kV"),
    "dose_rate_e_per_A2_s": _quantity(100.0, "e/(A^2 s)"),
    "exposure_s": _quantity(0.5, "s"),
    "temperature_K": _quantity(293.0, "K"),
}
