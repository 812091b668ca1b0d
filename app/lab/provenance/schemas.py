"""What is told of where a number comes from."""

from datetime import datetime
from typing import Any, Literal

from app.lab.dose.schemas import BeamSumOut
from app.lab.schemas import Out, QuantityOut


class TracedLabelOut(Out):
    """One label of a segmentation, what it is said to be (null: nobody said), and whether a beam may have made it."""

    label: int
    phase: str | None
    possibly_beam_made: Literal["true", "false", "unknown"]
    reason: str


class RunOut(Out):
    """One computation on the way, the last first."""

    job_id: str
    result_id: str | None
    method: str
    method_version: str
    params: dict[str, Any]
    seed: int
    software: dict[str, Any]
    finished_at: datetime | None
    depth: int


class RawDataOut(Out):
    """
    A raw dataset; `taken_at` is by the service's clock.

    `taken_at_source` says whose word that is: an `exposure` record, the `header` of the file, or only `received`, the
    latest moment it can have been taken. Of a tilt series `tilts` counts the images and `tilts_without_dose` those no
    recorded exposure accounts for; null where that is not known.
    """

    id: str
    filename: str
    sha256: str
    sample_id: str | None
    instrument_id: str | None
    taken_at: datetime
    taken_at_source: Literal["exposure", "header", "received"]
    tilts: int | None = None
    tilts_without_dose: int | None = None


class BeamOut(Out):
    """
    An exposure that gave the data, and what beams had given the sample before it began.

    `superseded_by` is set when the number was computed from a record that was corrected afterwards.
    """

    id: str
    sample_id: str
    dataset_id: str | None
    instrument_id: str | None
    region_id: str | None
    mode: str
    purpose: str | None
    started_at: datetime
    ended_at: datetime | None
    beam_energy: QuantityOut
    temperature_K: QuantityOut
    rate: QuantityOut
    fluence: QuantityOut
    before: list[BeamSumOut]
    superseded_by: str | None


class EventBeforeOut(Out):
    """
    A custody event that had happened to the sample or an ancestor of it; corrected ones are left out.

    `before` names the exposures (datasets, where no exposure is recorded) that came after it.
    """

    id: str
    sample_id: str
    type: str
    happened_at: datetime
    ended_at: datetime | None
    place: str | None
    details: dict[str, Any]
    inherited_from: str | None
    before: list[str]


class SampleStepOut(Out):
    """The sample or an ancestor of it; `until` is the split after which its history no longer counts."""

    id: str
    code: str
    name: str
    material: str
    electrolyte: str | None
    cell_history: str | None
    parent_id: str | None
    until: datetime | None


class ProvenanceOut(Out):
    """
    A number and everything that had been done to its sample, and how much beam it had taken, before it was measured.

    `place` is the index along each axis, `position` the same in the axis' own unit. `value` is null when neither a
    voxel nor a label was asked for and the output is not a single number. `cells` are the outermost ancestors.
    `unknowns` say what nobody recorded; `is_complete` is false when a walk ended at its limit of depth.
    """

    result_id: str
    output: str
    kind: str
    place: dict[str, int] | None
    position: dict[str, QuantityOut] | None
    value: QuantityOut | None
    label: TracedLabelOut | None
    runs: list[RunOut]
    datasets: list[RawDataOut]
    exposures: list[BeamOut]
    events: list[EventBeforeOut]
    samples: list[SampleStepOut]
    cells: list[str]
    unknowns: list[str]
    is_complete: bool


class LaterResultOut(Out):
    """A result of data taken after an event; `is_after` is null when nobody recorded when its data was taken."""

    result_id: str
    job_id: str
    method: str
    project_id: str
    sample_id: str | None
    outputs: list[str]
    created_at: datetime
    is_after: bool | None


class LaterResultsOut(Out):
    """
    The results that came after an event, newest first.

    `standing_event_id` is the event that stands in its place: itself, or its last correction, whose moment counts.
    """

    event_id: str
    standing_event_id: str
    happened_at: datetime
    sample_ids: list[str]
    items: list[LaterResultOut]
    next: str | None = None
