"""What growing series look like from outside."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from app.lab.dose.schemas import BeamSumOut
from app.lab.rules.schemas import Named, RuleAction
from app.lab.schemas import Body, Name, ObjectId, Out, QuantityOut, Real, Stamped, Whole

SeriesKind = Literal["tilt_series", "slices"]
SeriesState = Literal["open", "closing", "sealed", "failed"]
PartState = Literal["waiting", "readable", "refused", "deleted"]
MOST_PARTS = 5000
Count = Annotated[Whole, Field(ge=1, le=MOST_PARTS)]


class SeriesAction(Named):
    """What is run on the series as it grows: a method or a recipe, started with your rights as they are then."""

    parameters: Annotated[dict[str, Any], Field(max_length=200)] = Field(default_factory=dict)

    @classmethod
    def of_rule(cls, action: RuleAction) -> Self:
        """Return what a rule says as a series says it."""
        return cls(**action.model_dump(exclude={"params"}), parameters=action.params)

    def as_rule(self) -> RuleAction:
        """Return the same as a rule would say it."""
        said = self.model_dump(exclude={"parameters"})
        return RuleAction(**said, params=self.parameters)


class NewSeries(Body):
    """
    A series that begins to grow. `every` says how many further parts make a refresh.

    `region_id` says where on the sample its beam lies: each part that states its dose is an exposure there. `rule_id`
    instead of an action takes what a rule of the project that is on runs, and acts for who made its version in force.
    """

    project_id: ObjectId
    sample_id: ObjectId
    instrument_id: ObjectId | None = None
    region_id: ObjectId | None = None
    name: Name
    kind: SeriesKind
    every: Annotated[Count, Field(description="Further parts that make a refresh")] = 1
    action: SeriesAction | None = None
    rule_id: Annotated[ObjectId | None, Field(description="apr_...: a rule that says what is run")] = None

    @model_validator(mode="after")
    def _runs_one_thing(self) -> Self:
        if self.action is not None and self.rule_id is not None:
            raise ValueError("name either an action or a rule that says it")
        return self


class NewPart(Body):
    """One tilt or slice: a dataset of the same sample. Numbers run from 1; repeating a part changes nothing."""

    dataset_id: ObjectId
    number: Count
    tilt_deg: Annotated[Real | None, Field(ge=-360, le=360, description="Left out: what the file says")] = None
    z_nm: Annotated[Real | None, Field(ge=-1e12, le=1e12, description="Depth of a slice")] = None


class SeriesClosing(Body):
    """How many parts the series has: with the last of them readable it is sealed."""

    parts: Count


class PartOut(Stamped):
    """A part of a series; `reason` says why it is refused, `exposure_id` which exposure gave it."""

    series_id: str
    number: int
    dataset_id: str
    tilt_deg: float | None
    z_nm: float | None
    state: PartState
    reason: str | None
    exposure_id: str | None
    created_by: str


class PartCounts(Out):
    """Parts by state."""

    total: int
    waiting: int
    readable: int
    refused: int
    deleted: int


class AssemblyOut(Out):
    """The parts that were stacked last; `dataset_id` is null until that is done. `left_out` are refused or deleted."""

    id: str
    parts: int
    numbers: list[int]
    left_out: list[int]
    is_final: bool
    state: Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
    job_id: str | None
    dataset_id: str | None
    outcome: Annotated[
        Literal["", "started", "refused", "superseded", "none"],
        Field(description="What became of the action on it; empty while that is not decided"),
    ]
    reason: str
    created_at: datetime


class RefreshOut(Out):
    """What the action made of an assembly; `start` is the volume it went on from, null when from nothing."""

    assembly_id: str
    parts: int
    is_final: bool
    start: str | None
    job_id: str | None
    run_id: str | None
    state: str
    result_id: str | None
    output: Annotated[str | None, Field(description="res_.../volume, where the action makes a volume")]
    started_at: datetime


class SeriesDoseOut(Out):
    """
    Dose of the parts so far, each beam by itself; `total` is unknown as soon as one part's dose is.

    `silent` are numbers of parts without any exposure on record.
    """

    total: QuantityOut
    known_part: QuantityOut
    by_beam: list[BeamSumOut]
    parts: int
    silent: list[int]
    note: str


class SeriesRow(Stamped):
    """
    A series as lists show it; `acts_for` is whose rights its action is started with.

    `rule_id` and `rule_version` say which rule the action was taken from; what the rule says later changes nothing.
    """

    project_id: str
    sample_id: str
    instrument_id: str | None
    region_id: str | None
    name: str
    kind: SeriesKind
    every: int
    action: SeriesAction | None
    acts_for: str | None
    rule_id: str | None
    rule_version: int | None
    state: SeriesState
    problem: dict[str, Any] | None
    expected: int | None
    parts: PartCounts
    created_by: str
    closed_at: datetime | None
    version: int


class SeriesOut(SeriesRow):
    """
    A series with what was made of it so far.

    `missing` are numbers no part was sent for, `newest_assembly` what was stacked last, `newest_refresh` what was
    started last, and `newest_result` the latest that is finished.
    """

    missing: list[int]
    newest_assembly: AssemblyOut | None
    newest_refresh: RefreshOut | None
    newest_result: RefreshOut | None
    sealed_dataset_id: str | None
    dose: SeriesDoseOut
