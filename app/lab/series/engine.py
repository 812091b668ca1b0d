"""What is done about a series that has grown, within one transaction; nobody commits here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Dataset, GrowingSeries, SeriesAssembly, SeriesPart
from app.infra.ids import new_id
from app.infra.queue import TERMINAL
from app.lab.jobs.service import JobService
from app.lab.series.acting import SeriesActing
from app.lab.series.assembling import SeriesAssembling
from app.lab.series.exposing import SeriesExposing
from app.lab.series.facts import facts_of, image_of, kind_of, standing_of
from app.lab.series.repository import SeriesRepository
from app.lab.series.room import SeriesRoom, stack_bytes
from lithoscope.rules.growing_series import Standing

Rows = Sequence[tuple[SeriesPart, Dataset]]
Parts = Sequence[Mapping[str, Any]]
NOTHING_LEFT: dict[str, Any] = {
    "type": "/problems/series-empty",
    "title": "No part of the series can be used",
    "status": 422,
    "detail": "Every part was refused, rejected or deleted: begin another series and send them anew.",
}


class SeriesEngine:
    """Carries series from part to part: what can be stacked is stacked, what was stacked is acted on."""

    def __init__(
        self,
        series: SeriesRepository,
        *,
        jobs: JobService,
        assembling: SeriesAssembling,
        acting: SeriesActing,
        exposing: SeriesExposing,
        room: SeriesRoom,
    ) -> None:
        self._series = series
        self._jobs = jobs
        self._assembling = assembling
        self._acting = acting
        self._exposing = exposing
        self._room = room

    def look_at(self, series_id: str) -> bool:
        """
        Do what there is to do about a series that changed; False when another looks at it.

        What is started and that the series waits no longer is one transaction: a process killed on the way leaves it
        waiting, and nothing started.
        """
        taken = self._series.take(series_id)
        if taken is None:
            return False
        series, candidates = taken
        self._go_on(series)
        self._series.drop(candidates)
        return True

    def _go_on(self, series: GrowingSeries) -> None:
        assemblies = self._series.assemblies(series.id)
        if series.state in {"open", "closing"}:
            rows = self._series.parts(series.id)
            standing = standing_of(series, rows)
            _note_refusals(rows, standing)
            self._exposing.record(series, rows)
            self._stack(series, rows, standing, assemblies)
            assemblies = self._series.assemblies(series.id)
        self._acting.act(series, assemblies)
        self._series.flush()
        self._assembling.let_go(series)

    def _stack(
        self, series: GrowingSeries, rows: Rows, standing: Standing, assemblies: Sequence[SeriesAssembly]
    ) -> None:
        """Stack what can be stacked: one assembly of a series at a time."""
        if any(map(self._is_under_way, assemblies)):
            return
        is_final = series.state == "closing" and standing.is_complete
        if is_final and not standing.usable:
            series.state, series.problem, series.version = "failed", NOTHING_LEFT, series.version + 1
            return
        parts = _usable(series, rows, standing)
        digest = _fingerprint(series, parts)
        same = next((row for row in assemblies if row.fingerprint == digest), None)
        if is_final and same is not None and self._was_tried(same):
            self._finish(series, same)
            return
        if not is_final and (same is not None or not self._is_due(series, len(parts), assemblies)):
            self._room.go_on(series)
            return
        needed_bytes = stack_bytes([dataset for part, dataset in rows if part.number in standing.usable])
        if not self._room.is_there(series, needed_bytes):
            return
        if same is None:
            same = SeriesAssembly(
                id=new_id("asm"),
                series_id=series.id,
                fingerprint=digest,
                part_count=len(parts),
                left_out=_left_out(rows, standing),
                created_at=now(),
            )
            self._series.add(same)
        self._submit(series, same, parts, needed_bytes)

    def _is_under_way(self, row: SeriesAssembly) -> bool:
        """Say whether these parts are being stacked; of parts that were stacked before, it need not be the newest."""
        job = None if row.dataset_id is not None else self._series.job(row.job_id)
        return job is not None and job.state not in TERMINAL

    def _is_due(self, series: GrowingSeries, parts: int, assemblies: Sequence[SeriesAssembly]) -> bool:
        done = next((row.part_count for row in assemblies if row.dataset_id is not None), 0)
        return parts > 0 and parts - done >= series.every

    def _was_tried(self, row: SeriesAssembly) -> bool:
        """Say whether the stacking of these parts has ended well or not; what was deleted since is stacked anew."""
        if row.dataset_id is None:
            return self._series.job(row.job_id) is not None
        stacked = self._series.dataset(row.dataset_id)
        return stacked is not None and stacked.state == "readable"

    def _finish(self, series: GrowingSeries, row: SeriesAssembly) -> None:
        """Seal a series with what was stacked of all its parts, or say why that failed."""
        if row.dataset_id is not None:
            self._assembling.seal(series, row)
            return
        job = self._series.job(row.job_id)
        if job is None:
            raise ValueError("only what was tried is finished")
        series.state, series.version = "failed", series.version + 1
        words = str((job.problem or {}).get("detail") or "the job was cancelled")
        series.problem = {
            "type": "/problems/series-not-stacked",
            "title": "The parts could not be stacked",
            "status": 422,
            "detail": f"{words} Close the series again to try once more.",
            "job_id": job.id,
        }

    def _submit(self, series: GrowingSeries, row: SeriesAssembly, parts: Parts, needed_bytes: int) -> None:
        row.dataset_id = None
        row.job_id = self._jobs.submit_assembly(
            project_id=series.project_id,
            sample_id=series.sample_id,
            created_by=series.created_by,
            inputs={"parts": [f"{part['dataset_id']}/{part['array']}" for part in parts]},
            params=_params(series, row, parts),
            reserved_bytes=needed_bytes,
        ).id
        self._series.flush()


def _note_refusals(rows: Rows, standing: Standing) -> None:
    for part, _ in rows:
        reason = standing.refused.get(part.number)
        if part.refusal != reason:
            part.refusal = reason


def _usable(series: GrowingSeries, rows: Rows, standing: Standing) -> list[dict[str, Any]]:
    """Name the parts that can be stacked, in order of their places."""
    found = []
    for part, dataset in rows:
        image = image_of(dataset)
        if part.number in standing.usable and image is not None:
            place = facts_of(part, dataset, kind_of(series)).place
            content = {"array": image["name"], "store_key": dataset.store_key}
            found.append({"number": part.number, "dataset_id": dataset.id, "place": place, **content})
    return sorted(found, key=lambda each: (each["place"] is not None, each["place"] or 0.0, each["number"]))


def _left_out(rows: Rows, standing: Standing) -> list[dict[str, Any]]:
    """Name the parts before the last usable one that the series goes on without, and why."""
    last = max(standing.usable)
    found = []
    for part, dataset in rows:
        if part.number in standing.usable or part.number > last:
            continue
        words = standing.refused.get(part.number)
        if words is None:
            words = "it was deleted" if dataset.state == "deleted" else "its file cannot be read"
        found.append({"number": part.number, "dataset_id": dataset.id, "reason": words})
    return found


def _fingerprint(series: GrowingSeries, parts: Parts) -> str:
    record = {"kind": series.kind, "parts": list(parts)}
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _params(series: GrowingSeries, row: SeriesAssembly, parts: Parts) -> dict[str, Any]:
    """Return what the job that stacks is told besides its inputs."""
    named = {"series_id": series.id, "assembly_id": row.id, "name": series.name, "kind": series.kind}
    return {**named, "numbers": [each["number"] for each in parts], "places": [each["place"] for each in parts]}
