"""
What goes from one facility to another: each thing with every field that must survive the way.

The same models write `lithoscope-records.json` and judge what arrives in one; unknown fields are refused.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from app.lab.custody.event_types import COMMON_FIELDS, Evidence, NewEvent
from app.lab.datasets.schemas import CalibrationChange
from app.lab.dose.exposure_types import Mode, Polygon, Purpose
from app.lab.exchange.pieces import (
    Count,
    DatasetId,
    EventId,
    ExposureId,
    InstrumentId,
    JobId,
    Json,
    PersonId,
    Piece,
    ProjectId,
    Quantities,
    RegionId,
    ResultId,
    SampleId,
    Text,
    Word,
    Words,
    as_said,
)
from app.lab.exchange.readings import BeamReadingPiece, ReadingId
from app.lab.exchange.remarks import EvaluationPiece, LabelPiece, NotePiece, TagPiece
from app.lab.exchange.runs import JobPiece, RunPiece
from app.lab.exchange.titrations import SeriesId, TitrationPiece
from app.lab.lineage.schemas import Relation
from app.lab.results.schemas import OutputOut
from app.lab.samples.schemas import LabelText, Material, SampleKindName
from app.lab.schemas import Flag, Instant, LongText, Name, Real, Sha256, Whole
from lithoscope.recipes.paragraph import result_paragraph
from lithoscope.writers.record_tables import KINDS

MOST = 200_000  # records of one kind: more is a facility, not a crate
_EVENT: TypeAdapter[Any] = TypeAdapter(NewEvent)
_PERSON: TypeAdapter[str] = TypeAdapter(PersonId)


class PersonPiece(Piece):
    """Who did or recorded something: a person, or a program such as an instrument's PC."""

    name: Text
    kind: Literal["person", "program"]


class InstrumentPiece(Piece):
    """An instrument, by the words its facility has for it."""

    code: Text
    name: Text
    technique: Text
    vendor: Text | None
    model: Text | None


class ProjectPiece(Piece):
    """The project it comes from."""

    id: ProjectId
    code: Text
    title: Text


class SamplePiece(Piece):
    """A sample."""

    id: SampleId
    parent_id: SampleId | None
    code: LabelText
    name: Name
    material: Material
    kind: SampleKindName | None
    electrolyte: Name | None
    cell_history: LongText | None
    prepared_at: Instant | None
    capacity_mAh_per_cm2: Real | None
    split_at: Instant | None
    created_by: PersonId
    created_at: Instant


class RegionPiece(Piece):
    """A region of a sample."""

    id: RegionId
    sample_id: SampleId
    name: Name
    polygon_um: Polygon
    phases: Annotated[list[Text], Field(max_length=100)]
    note: LongText | None
    retired_at: Instant | None
    created_by: PersonId
    created_at: Instant


class EventPiece(Piece):
    """A custody event; its payload is judged by the schema of its type."""

    id: EventId
    sample_id: SampleId
    type: Word
    occurred_at: Instant
    happened_at: Instant
    ended_at: Instant | None
    received_at: Instant
    clock_offset_s: Real | None
    recorded_by: PersonId
    operator: Annotated[Name, Field(max_length=200)] | None
    place: Name | None
    payload: Json
    evidence: Annotated[list[Evidence], Field(max_length=50)]
    warnings: Words
    supersedes_id: EventId | None

    @model_validator(mode="after")
    def _is_of_its_type(self) -> Self:
        if {"type", *COMMON_FIELDS} & set(self.payload) or "source" not in self.payload:
            raise ValueError("a payload has a source, and none of the fields every event has")
        ended = {} if self.ended_at is None else {"ended_at": self.ended_at.isoformat()}
        stated = {"type": self.type, "occurred_at": self.occurred_at.isoformat(), **ended}
        try:
            _EVENT.validate_python({**self.payload, **stated})
        except ValidationError as error:
            raise ValueError(f"the payload is not that of its type: {error.errors()[0]['msg']}") from None
        return self


class Geometry(Piece):
    """Plain counts of an exposure."""

    frame_pixels: Annotated[list[Whole], Field(min_length=2, max_length=2)] | None = None
    counted_in: Word | None = None
    ion_source: Word | None = None


class ExposurePiece(Piece):
    """An exposure, with the dose its facility accounts to it and the readings of beam current that went into it."""

    id: ExposureId
    sample_id: SampleId
    dataset_id: DatasetId | None
    instrument_id: InstrumentId | None
    mode: Mode
    purpose: Purpose | None
    region_id: RegionId | None
    field_um: Polygon | None
    is_running: Flag
    conditions: Quantities
    geometry: Geometry
    dose: Quantities
    calibrated_by: Annotated[list[ReadingId], Field(max_length=100, default_factory=list)]
    frames: Count
    recorded_scans: Count
    occurred_at: Instant
    happened_at: Instant
    ended_at: Instant | None
    received_at: Instant
    clock_offset_s: Real | None
    recorded_by: PersonId
    note: LongText | None
    warnings: Words
    supersedes_id: ExposureId | None


class DatasetPiece(Piece):
    """
    A dataset; `tree` is the digest of the folder with what was read from the file.

    `absent` says how its file was found where the crate was packed without it; nobody can take such a crate in.
    """

    id: DatasetId
    sample_id: SampleId | None
    instrument_id: InstrumentId | None
    filename: Name
    sha256: Sha256
    size_bytes: Annotated[Whole, Field(gt=0)]
    state: Literal["received", "verified", "readable", "rejected"]
    problem: Json | None
    format: Word | None
    kind: Word | None
    arrays: Annotated[list[Json], Field(max_length=1000)]
    quantities: Quantities
    calibration: Quantities
    calibration_history: Annotated[list[Json], Field(max_length=1000)]
    original: Json
    attributes: Json
    warnings: Words
    acquired_at: Annotated[str, Field(max_length=40)] | None
    absent: Literal["missing", "changed"] | None = None
    tree: Sha256 | None
    created_by: PersonId
    created_at: Instant

    @model_validator(mode="after")
    def _has_arrays_in_order(self) -> Self:
        _check_arrays(self.arrays)
        for change in self.calibration_history:
            _PERSON.validate_python(as_said(CalibrationChange, change).changed_by)
        return self


class ResultPiece(Piece):
    """A result; its digest is that of its folder."""

    id: ResultId
    job_id: JobId
    sample_id: SampleId | None
    digest: Sha256
    tree: Sha256 | None
    size_bytes: Annotated[Whole, Field(ge=0)]
    outputs: Annotated[list[Json], Field(max_length=1000)]
    run_record: Json
    created_at: Instant

    @model_validator(mode="after")
    def _has_outputs_in_order(self) -> Self:
        _check_arrays(self.outputs)
        try:
            result_paragraph(self.run_record, {})
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError("a run record tells method, inputs, parameters and software") from error
        return self


def _check_arrays(summaries: list[Json]) -> None:
    for summary in summaries:
        OutputOut.of(summary)
        if not isinstance(summary.get("path"), str) or {"", "..", "."} & set(summary["path"].split("/")):
            raise ValueError("an array's path is a plain one within its folder")


class EdgePiece(Piece):
    """An arrow of the lineage."""

    source_id: Annotated[str, Field(max_length=40)]
    target_id: Annotated[str, Field(max_length=40)]
    relation: Relation


Many = Field(max_length=MOST)
Kind = TypeVar("Kind", bound=Piece)
Later = Annotated[list[Kind], Field(max_length=MOST, default_factory=list)]  # the first crates had none of these


class Records(Piece):
    """All that an export tells of; `not_included` are things it names and does not hold."""

    format: Literal["lithoscope-records-1", "lithoscope-records-2", "lithoscope-records-3"] = "lithoscope-records-3"
    target: Annotated[str, Field(max_length=40)]
    project: ProjectPiece
    people: dict[PersonId, PersonPiece]
    instruments: dict[InstrumentId, InstrumentPiece]
    readings: Annotated[dict[ReadingId, BeamReadingPiece], Field(max_length=MOST, default_factory=dict)]
    titrations: Annotated[dict[SeriesId, TitrationPiece], Field(max_length=MOST, default_factory=dict)]
    samples: Annotated[list[SamplePiece], Many]
    regions: Annotated[list[RegionPiece], Many]
    events: Annotated[list[EventPiece], Many]
    exposures: Annotated[list[ExposurePiece], Many]
    datasets: Annotated[list[DatasetPiece], Many]
    jobs: Annotated[list[JobPiece], Many]
    results: Annotated[list[ResultPiece], Many]
    runs: Later[RunPiece]
    notes: Later[NotePiece]
    tags: Later[TagPiece]
    labels: Later[LabelPiece]
    evaluations: Later[EvaluationPiece]
    edges: Annotated[list[EdgePiece], Many]
    not_included: Annotated[list[Annotated[str, Field(max_length=40)]], Many]

    @property
    def kinds(self) -> Mapping[str, Sequence[Any]]:
        """Return everything that has an identifier, kind by kind."""
        return {name: getattr(self, name) for name in KINDS}

    @property
    def things(self) -> Mapping[str, Piece]:
        """Return everything that has an identifier, by it."""
        return {each.id: each for kind in self.kinds.values() for each in kind}
