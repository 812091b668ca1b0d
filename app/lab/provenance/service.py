"""From a number back to what had been done to its sample, and from an event on to the numbers after it."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.errors import Invalid
from app.infra.db.models import CustodyEvent, Dataset, Exposure, Job, Result, Sample
from app.infra.storage import Store
from app.lab.access import Actor, readable_projects
from app.lab.custody.lines import Line
from app.lab.custody.service import CustodyService
from app.lab.dose.service import DoseService
from app.lab.labels.service import LabelService
from app.lab.provenance import values
from app.lab.provenance.accounts import beam, tilts_of
from app.lab.provenance.moments import Taken, taken
from app.lab.provenance.repository import MAX_DEPTH, Follower, ProvenanceRepository
from app.lab.provenance.schemas import (
    BeamOut,
    EventBeforeOut,
    LaterResultOut,
    LaterResultsOut,
    ProvenanceOut,
    RawDataOut,
    RunOut,
    SampleStepOut,
    TracedLabelOut,
)
from app.lab.results.service import ResultService
from app.lab.schemas import QuantityOut


class ProvenanceService:
    """Answers what had been done to a sample before a number was measured, and which numbers follow an event."""

    def __init__(
        self,
        provenance: ProvenanceRepository,
        *,
        results: ResultService,
        custody: CustodyService,
        dose: DoseService,
        labels: LabelService,
        store: Store,
    ) -> None:
        self._provenance = provenance
        self._results = results
        self._custody = custody
        self._dose = dose
        self._labels = labels
        self._store = store

    def of_number(
        self, actor: Actor, result_id: str, name: str, *, voxel: str | None = None, label: int | None = None
    ) -> ProvenanceOut:
        """
        Trace a number; what cannot be known is said in ``unknowns``.

        Parameters
        ----------
        actor : Actor
            Who asks.
        result_id, name : str
            The result and its output.
        voxel : str, optional
            Index along each axis, ``z,y,x``.
        label : int, optional
            A label of a segmentation; neither is the whole output, or its single number.

        Raises
        ------
        NotFound, Invalid
            No such output, voxel or label.
        DamagedTree
            The stored bytes are not those that were written.
        """
        result = self._results.get(actor, result_id)
        summary = self._results.output(result, name)
        if voxel is not None and label is not None:
            raise Invalid.field("/query/label", "Ask for a voxel or for a label, not for both.")
        asked = self._asked(actor, result, summary, voxel=voxel, label=label)
        return ProvenanceOut(
            result_id=result.id, output=name, kind=summary["kind"], **asked, **self.history(actor, result.id)
        )

    def results_after(
        self, actor: Actor, event_id: str, *, before: str | None = None, limit: int = 50
    ) -> LaterResultsOut:
        """
        Return the results of data taken after an event, newest first, children of its sample included.

        A corrected event stands for its last correction. Results whose data nobody dated are given as perhaps after it.
        """
        asked = self._custody.get(actor, event_id).event
        event = self._provenance.standing(asked)
        found = self._provenance.results_after(event, readable_projects(actor), before, limit)
        return LaterResultsOut(
            event_id=asked.id,
            standing_event_id=event.id,
            happened_at=event.happened_at,
            sample_ids=self._provenance.heirs(event),
            items=[_later(follower) for follower in found],
        )

    def _asked(
        self, actor: Actor, result: Result, summary: dict[str, Any], *, voxel: str | None, label: int | None
    ) -> dict[str, Any]:
        """Return place, position, value and label."""
        if voxel is not None:
            place = values.place_of(voxel, summary)
            made_by = f"computed by {result.run_record.get('method')} {result.run_record.get('method_version')}"
            value = values.voxel(
                self._store, result.store_key or "", summary, place, made_by=made_by, siblings=result.outputs
            )
            if summary["kind"] == "labels" and value.value:
                label = int(value.value)
            where = {"place": dict(zip(summary["axes"], place, strict=True))}
            return {
                **where,
                "position": values.position_of(summary, place),
                "value": value,
                "label": self._label(actor, result, summary, label),
            }
        if label is not None:
            values.check_label(self._store, result.store_key or "", summary, label)
        number = summary.get("quantity")
        single = None if number is None else QuantityOut.model_validate(number)
        return {"place": None, "position": None, "value": single, "label": self._label(actor, result, summary, label)}

    def _label(self, actor: Actor, result: Result, summary: dict[str, Any], label: int | None) -> TracedLabelOut | None:
        if label is None:
            return None
        found = self._labels.of_label(actor, result.id, output=summary["name"], label=label)
        if found is None:
            reason = "nobody has said what this label is"
            return TracedLabelOut(label=label, phase=None, possibly_beam_made="unknown", reason=reason)
        made = found.made
        return TracedLabelOut(label=label, phase=found.row.phase, possibly_beam_made=made.verdict, reason=made.reason)

    def steps(self, object_id: str) -> list[tuple[Job, Result | None]]:
        """Return the jobs on the way to a result that the actor may read, with what they gave."""
        return self._provenance.jobs([row for row in self._provenance.origins(object_id) if row.startswith("job_")])

    def history(self, actor: Actor, object_id: str) -> dict[str, Any]:
        """Return what `ProvenanceOut` tells of the making of a result or dataset that the actor may read."""
        origins = self._provenance.origins(object_id)
        datasets = self._provenance.datasets([row for row in origins if row.startswith("ds_")])
        named = [row for row in origins if row.startswith("exp_")]
        exposures = self._provenance.exposures([row.id for row in datasets], named)
        moments = taken(datasets, exposures)
        samples = self._provenance.samples(_samples_of(moments))
        lines = [self._custody.line(sample) for sample in samples]
        return {
            "runs": self._runs(origins),
            "datasets": [_raw(dataset, moments, exposures) for dataset in datasets],
            "exposures": self._beams(actor, exposures),
            "events": self._events(samples, moments),
            "samples": _steps(lines),
            "cells": list(dict.fromkeys(line.sample_ids[-1] for line in lines)),
            "unknowns": [*_unknowns(datasets, moments, exposures), *self._lower_bounds(actor, moments)],
            "is_complete": max(origins.values()) < MAX_DEPTH,
        }

    def _runs(self, origins: dict[str, int]) -> list[RunOut]:
        rows = self._provenance.jobs([row for row in origins if row.startswith("job_")])
        return [
            RunOut(
                job_id=job.id,
                result_id=result.id if result is not None else None,
                method=job.method,
                method_version=job.method_version,
                params=job.params,
                seed=job.seed,
                software=result.run_record.get("software", {}) if result is not None else {},
                finished_at=job.finished_at,
                depth=origins[job.id],
            )
            for job, result in sorted(rows, key=lambda row: (origins[row[0].id], row[0].id))
        ]

    def _beams(self, actor: Actor, exposures: Sequence[Exposure]) -> list[BeamOut]:
        corrections = self._provenance.correction_of([exposure.id for exposure in exposures])
        samples = dict.fromkeys(exposure.sample_id for exposure in exposures)
        legs = {sample_id: self._dose.legs(actor, sample_id) for sample_id in samples}
        return [beam(each, legs[each.sample_id], corrections.get(each.id)) for each in exposures]

    def _lower_bounds(self, actor: Actor, moments: Sequence[Taken]) -> list[str]:
        """Say where beam may have been that nobody recorded."""
        words = []
        for sample_id in _samples_of(moments):
            last = max(each.moment for each in moments if each.sample_id == sample_id)
            found = self._dose.coverage(actor, sample_id, at=last)
            if not found.is_complete:
                words.append(f"beam on {sample_id}: {found.note}")
        return words

    def _events(self, samples: Sequence[Sample], moments: Sequence[Taken]) -> list[EventBeforeOut]:
        """Return each event once, naming the exposures it came before."""
        found: dict[str, CustodyEvent] = {}
        before: dict[str, list[str]] = {}
        for sample in samples:
            own = [each for each in moments if each.sample_id == sample.id]
            for event in self._custody.standing_before(sample, own[-1].moment):
                found[event.id] = event
                later = [each.id for each in own if each.moment >= event.happened_at]
                before[event.id] = [*before.get(event.id, []), *later]
        owners = {each.sample_id for each in moments}
        ordered = sorted(found.values(), key=lambda event: (event.happened_at, event.id))
        return [_event(event, before[event.id], is_inherited=event.sample_id not in owners) for event in ordered]


def _samples_of(moments: Iterable[Taken]) -> list[str]:
    return list(dict.fromkeys(each.sample_id for each in moments if each.sample_id is not None))


def _later(follower: Follower) -> LaterResultOut:
    result = follower.result
    return LaterResultOut(
        result_id=result.id,
        job_id=result.job_id,
        method=follower.method,
        project_id=result.project_id,
        sample_id=result.sample_id,
        outputs=[summary["name"] for summary in result.outputs],
        created_at=result.created_at,
        is_after=follower.is_after,
    )


def _event(event: CustodyEvent, before: list[str], *, is_inherited: bool) -> EventBeforeOut:
    names = ("id", "sample_id", "type", "happened_at", "ended_at", "place")
    own = {name: getattr(event, name) for name in names}
    origin = event.sample_id if is_inherited else None
    return EventBeforeOut.model_validate({**own, "details": event.payload, "inherited_from": origin, "before": before})


def _raw(dataset: Dataset, moments: Sequence[Taken], exposures: Sequence[Exposure]) -> RawDataOut:
    first = next(each for each in moments if each.dataset_id == dataset.id)
    names = ("id", "filename", "sha256", "sample_id", "instrument_id")
    own = {name: getattr(dataset, name) for name in names}
    tilts, without = tilts_of(dataset, exposures)
    told = {"tilts": tilts, "tilts_without_dose": without}
    return RawDataOut.model_validate({**own, **told, "taken_at": first.moment, "taken_at_source": first.source})


def _steps(lines: Iterable[Line]) -> list[SampleStepOut]:
    """Return samples and ancestors, each once, the sample before its ancestors."""
    steps: dict[str, SampleStepOut] = {}
    names = ("id", "code", "name", "material", "electrolyte", "cell_history", "parent_id")
    for ancestor in (ancestor for line in lines for ancestor in line.steps):
        own = {name: getattr(ancestor.sample, name) for name in names}
        steps.setdefault(ancestor.sample.id, SampleStepOut.model_validate({**own, "until": ancestor.until}))
    return list(steps.values())


def _unknowns(datasets: Sequence[Dataset], moments: Sequence[Taken], exposures: Sequence[Exposure]) -> list[str]:
    """Say in words what nobody recorded."""
    words = []
    for dataset in datasets:
        tilts, without = tilts_of(dataset, exposures)
        if tilts and without and without < tilts:
            words.append(f"{without} of {tilts} tilts of {dataset.id} have no record of dose")
    for each in moments:
        if each.source == "header":
            words.append(f"no exposure of {each.id} is recorded: its dose is unknown, its time is the header's")
        elif each.source == "received":
            words.append(
                f"no exposure of {each.id} is recorded: its dose is unknown, events until it was received are listed"
            )
        if each.sample_id is None:
            words.append(f"the sample of {each.id} is not recorded: nothing is known of its custody")
    return words if datasets or moments else ["nothing is recorded of the data this was computed from"]
