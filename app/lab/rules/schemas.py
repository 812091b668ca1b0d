"""What rules of automatic processing look like from outside."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Strict, model_validator

from app.lab.instruments.schemas import Technique
from app.lab.jobs.schemas import Reference, References, Seed
from app.lab.samples.schemas import Material
from app.lab.schemas import Body, Flag, Name, ObjectId, Out, Real, Stamped, Whole

Kind = Literal["image", "tilt_series", "stack", "volume", "spectra", "table", "points"]
#: What ranges are most often about: sizes along the axes of the first array, then what headers say.
MEASURED = ("tilts", "slices", "frames", "channels", "width_px", "height_px", "size_MB")
COMMON = ("pixel_size_nm", "beam_energy_kV", "beam_current_nA", "dwell_s", "exposure_s", "temperature_K")
Outcome = Literal["started", "skipped", "refused", "failed"]
Id = Annotated[str, Strict(), Field(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]


class Bound(Body):
    """Limits of one quantity; a dataset that does not say it does not match."""

    quantity: Annotated[
        str,
        Strict(),
        Field(max_length=60, pattern=r"^[a-z][A-Za-z0-9_]*$", examples=["tilts"], description=", ".join(MEASURED)),
    ]
    at_least: Real | None = None
    at_most: Real | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a range has a lower end, an upper end or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("a range begins below its end")
        return self


class Trigger(Body):
    """Which datasets a rule is about; what is left empty holds for all. Of a list, one that fits is enough."""

    kinds: Annotated[list[Kind], Field(max_length=7, title="Kinds")] = Field(default_factory=list)
    instrument_ids: Annotated[list[ObjectId], Field(max_length=50, title="Instruments")] = Field(default_factory=list)
    techniques: Annotated[list[Technique], Field(max_length=10)] = Field(default_factory=list)
    name_pattern: Annotated[
        Name | None, Field(title="File name", description="* stands for any letters, ? for one: *_tilt*.mrc")
    ] = None
    materials: Annotated[list[Material], Field(max_length=20)] = Field(default_factory=list)
    tags: Annotated[list[Name], Field(max_length=20, description="Of the sample or the dataset")] = Field(
        default_factory=list
    )
    ranges: Annotated[list[Bound], Field(max_length=20)] = Field(default_factory=list)
    includes_results: Annotated[
        Flag,
        Field(title="Files of results too", description="Files that this service wrote itself, sent back as datasets"),
    ] = False


class Named(Body):
    """A method or a recipe, with what is given to it beside its parameters."""

    method: Id | None = None
    recipe: Id | None = None
    preset: Annotated[Name | None, Field(description="Of a recipe")] = None
    inputs: Annotated[dict[str, Reference | References], Field(max_length=40)] = Field(default_factory=dict)
    seed: Seed = 0

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.method is None) == (self.recipe is None):
            raise ValueError("name either a method or a recipe")
        if self.preset is not None and self.recipe is None:
            raise ValueError("a preset is a recipe's; of a method it stands in its parameters")
        return self


class RuleAction(Named):
    """What is run: a method or a recipe. The dataset fills the inputs that are not named here."""

    params: Annotated[dict[str, Any], Field(max_length=200)] = Field(default_factory=dict)


class RuleLimits(Body):
    """How much a rule may start; what goes beyond is skipped and listed with the reason."""

    per_hour: Annotated[Whole, Field(ge=1, le=1000, title="Starts in an hour, at most")] = 20
    per_day: Annotated[Whole, Field(ge=1, le=10_000, title="Starts in a day, at most")] = 100
    waiting: Annotated[Whole, Field(ge=1, le=1000, title="Jobs that wait, at most")] = 20
    compute_h_per_day: Annotated[
        Real | None,
        Field(gt=0, le=10_000, title="Computing time in a day, at most", json_schema_extra={"unit": "h"}),
    ] = None
    estimate_at_most_s: Annotated[
        Real | None,
        Field(
            gt=0,
            le=1e7,
            title="Start only what is estimated to take at most",
            description="What past runs tell nothing of is not started.",
            json_schema_extra={"unit": "s"},
        ),
    ] = None


class RuleSaid(Body):
    """What a rule says."""

    name: Name
    trigger: Trigger = Trigger()
    action: RuleAction
    limits: RuleLimits = RuleLimits()


class NewRule(RuleSaid):
    """A rule of a project; it acts for you, with your rights as they are whenever it acts."""

    project_id: ObjectId
    is_enabled: Flag = False


class RuleChange(RuleSaid):
    """The next version of a rule, whole; from now on the rule acts for you."""

    is_enabled: Flag
    reason: Annotated[Name, Field(description="Why it is changed")]


class RuleSwitch(Body):
    """Switches a rule on or off: a version that says the same; switched on, it acts for you."""

    is_enabled: Flag
    reason: Name | None = None


class DryRunOrder(Body):
    """A rule that need not exist, and how many past datasets it is held against."""

    rule: NewRule
    over: Annotated[Whole, Field(ge=1, le=200)] = 50


class RuleVersionOut(Out):
    """What a rule says or said; nothing of it is ever changed."""

    number: int
    name: str
    is_enabled: bool
    trigger: Trigger
    action: RuleAction
    limits: RuleLimits
    reason: str
    made_by: str
    made_at: datetime


class RuleOut(Stamped):
    """A rule as it stands; `problem` says why one that is switched on has no effect."""

    project_id: str
    name: str
    state: Literal["on", "off", "without_effect"]
    problem: str | None
    is_enabled: bool
    trigger: Trigger
    action: RuleAction
    limits: RuleLimits
    reason: str
    made_by: str
    made_at: datetime
    created_by: str
    version: int


class FiringOut(Out):
    """What a version of a rule did about one dataset, once; `state` is that of the job or run it started."""

    id: str
    rule_id: str
    rule_version: int
    dataset_id: str
    outcome: Outcome
    matched: str
    reason: str
    job_id: str | None
    run_id: str | None
    state: str | None
    at: datetime


class TrialOut(Out):
    """What a rule would do about a dataset: `no_match`, or what it would have done, and why."""

    dataset_id: str
    filename: str
    created_at: datetime
    outcome: Literal["no_match", "would_start", "would_skip", "would_be_refused"]
    matched: str
    reason: str
    inputs: dict[str, Any]


class DryRunOut(Out):
    """What a rule would have done about the latest readable datasets of its project, newest first; nothing is kept."""

    looked_at: int
    would_start: int
    would_skip: int
    would_be_refused: int
    params: Annotated[dict[str, Any], Field(description="The parameters in force, defaults included")]
    not_judged: Annotated[list[str], Field(description="Limits that say nothing of the past")]
    items: list[TrialOut]
