"""What a job looks like from outside; the request is made from the methods' own declarations."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, Strict, create_model

from app.lab.schemas import Body, ObjectId, Out, Stamped, Whole
from lithoscope.methods import Method, Port

if TYPE_CHECKING:  # they are made of what stands here
    from app.lab.jobs.doubts import InputWarning
    from app.lab.jobs.estimates import JobEstimate
    from app.lab.jobs.offers import Offer

#: Of one input that takes many.
MOST_REFERENCES = 200
Reference = Annotated[
    str,
    Strict(),
    Field(
        max_length=200,
        pattern=r"^(ds|res|exp)_[0-9a-f]{32}(/[A-Za-z0-9_.-][A-Za-z0-9_. -]{0,99})?$",  # names of arrays hold spaces
        description="ds_..., ds_.../array, res_.../output or exp_...",
        examples=["ds_0192f3a1b2c37d8e9f00112233445566"],
    ),
]
References = Annotated[list[Reference], Field(min_length=1, max_length=MOST_REFERENCES)]
Seed = Annotated[Whole, Field(ge=0, description="Of the random generator; drawn and recorded when left out")]


class NewJob(Body):
    """What every job request holds; each method adds its own inputs and parameters."""

    method: str
    inputs: Any
    params: Any
    seed: Seed | None = None
    project_id: ObjectId | None = None


def request_type(methods: Mapping[str, Method]) -> Any:
    """Make the request body: the union of every method's, told apart by ``method``."""
    models = [_request_of(method) for method in methods.values()]
    if len(models) < 2:
        return models[0] if models else NewJob
    return Annotated[reduce(or_, models), Field(discriminator="method")]


@cache  # a class of pydantic's is never freed: one for each form somebody opens would fill the memory
def _request_of(method: Method) -> Any:
    name = method.params.__name__.removesuffix("Params")
    inputs: Any = create_model(
        f"{name}Inputs",
        __base__=Body,
        __doc__=f"Inputs of {method.title}.",
        **{port.name: input_field(port) for port in method.inputs},
    )
    needs_params = any(field.is_required() for field in method.params.model_fields.values())
    params: Any = (method.params, ...) if needs_params else (method.params, Field(default_factory=method.params))
    fields: Any = {"method": (Literal[method.id], ...), "inputs": (inputs, ...), "params": params}
    return create_model(f"{name}Job", __base__=NewJob, __doc__=f"{method.title} ({method.reference}).", **fields)


def input_field(port: Port) -> Any:
    """Declare the field of an input port: a reference, or a list of them where it takes many."""
    kind: Any = References if port.many else Reference
    return (kind | None, Field(None, title=port.title)) if port.optional else (kind, Field(title=port.title))


class StartedBy(Out):
    """What started a job or run in a person's name, and why: a rule of automatic processing, or a series that grows."""

    rule_id: str | None = None
    rule_version: int | None = None
    rule_name: str | None = None
    series_id: str | None = None
    series_name: str | None = None
    dataset_id: str
    matched: str


class JobOut(Stamped):
    """A job."""

    project_id: str
    sample_id: str | None
    kind: Literal["analysis", "ingest", "assembly"]
    method: str
    method_version: str
    queue: str
    inputs: dict[str, Any]
    params: dict[str, Any]
    seed: int
    state: Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
    progress: dict[str, Any] | None
    problem: dict[str, Any] | None
    result_id: str | None
    retry_of: str | None
    cancel_requested: bool
    early_finish_requested: bool
    attempts: int
    crashes: int
    lost_leases: int
    last_event_seq: int
    created_by: str
    started_by: Annotated[StartedBy | None, Field(description="Null: the person themselves")]
    started_at: datetime | None
    finished_at: datetime | None
    version: int


class JobEventOut(Out):
    """One thing a job said: a state entered, progress or a log line."""

    seq: int
    type: Literal["state", "progress", "log"]
    payload: dict[str, Any]
    at: datetime


class EstimateOut(Out):
    """
    What past runs tell of the next; value is null where they do not tell, interval where they are too few.

    Nine of ten further runs of the size lie within the interval; `basis` is "alike" for runs of about the size,
    "scaled" for a power law fitted to runs of other sizes.
    """

    value: float | None
    unit: Literal["s", "bytes"]
    interval: tuple[float, float] | None
    runs: int
    basis: Literal["alike", "scaled", "unknown"]
    reason: str


class InputWarningOut(Out):
    """A doubt about an input that makes the numbers of a run wrong; `remedies` are methods that settle it first."""

    code: str
    detail: str
    reference: str
    remedies: list[str]

    @classmethod
    def of(cls, warning: "InputWarning") -> Self:
        """Describe a warning."""
        return cls(**asdict(warning) | {"remedies": list(warning.remedies)})


class JobEstimateOut(Out):
    """What a job would need from its start to its result, and the memory at which it would be ended."""

    method: str
    time: EstimateOut
    memory: EstimateOut
    memory_limit_bytes: int
    is_too_large: bool
    warnings: list[InputWarningOut]

    @classmethod
    def of(cls, method: str, found: "JobEstimate") -> Self:
        """Describe an estimate."""
        return cls(
            method=method,
            time=EstimateOut(**asdict(found.time_s), unit="s"),
            memory=EstimateOut(**asdict(found.memory_bytes), unit="bytes"),
            memory_limit_bytes=found.memory_limit_bytes,
            is_too_large=found.is_too_large,
            warnings=[InputWarningOut.of(warning) for warning in found.warnings],
        )


class InputOfferOut(Out):
    """One thing an input may be: an array or table, or an exposure (then without name and method or file)."""

    reference: str
    object_id: str
    project_id: str
    sample_id: str | None
    sample: str | None
    created_at: datetime
    kind: str
    name: str
    title: str
    axes: str
    shape: list[int]
    filename: str
    method: str

    @classmethod
    def of(cls, offer: "Offer") -> Self:
        """Describe an offer."""
        stored, summary = offer.stored, offer.summary
        return cls(
            reference=offer.reference,
            object_id=stored.id,
            **{name: getattr(stored, name) for name in ("project_id", "sample_id", "sample", "created_at")},
            kind=summary["kind"],
            name=summary["name"],
            title=summary.get("title") or summary["name"],
            axes=summary.get("axes") or "",
            shape=summary.get("shape") or [],
            filename=stored.filename,
            method=stored.method,
        )


class InputOffers(Out):
    """What fits an input: first what is called as the input is, then the newest; `has_more` asks for more words."""

    items: list[InputOfferOut]
    has_more: bool


class JobEvents(Out):
    """Events after a number; ask again with ``after`` = ``last``."""

    items: list[JobEventOut]
    last: int
    is_terminal: bool
