"""Jobs and runs of recipes as a crate carries them: those that gave results, and the jobs that failed."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from app.lab.exchange.pieces import (
    Count,
    JobId,
    Json,
    PersonId,
    Piece,
    ResultId,
    RunId,
    SampleId,
    Text,
    Word,
)
from app.lab.schemas import Flag, Instant, Whole

Sources = dict[Word, Text | Annotated[list[Text], Field(max_length=10_000)]]
_SOURCES: TypeAdapter[Any] = TypeAdapter(Sources)


def things_in(inputs: Mapping[str, Any]) -> set[str]:
    """Return the datasets and results that inputs refer to, one or a list of them by each name."""
    given = [each if isinstance(each, list) else [each] for each in inputs.values()]
    return {str(reference).partition("/")[0] for references in given for reference in references}


class JobPiece(Piece):
    """A job that gave a result, or that failed on what is exported."""

    id: JobId
    sample_id: SampleId | None
    method: Word
    method_version: Annotated[str, Field(max_length=20)]
    inputs: Json
    params: Json
    seed: Annotated[Whole, Field(ge=0)]
    state: Literal["succeeded", "failed"] = "succeeded"
    problem: Json | None = None
    retry_of: JobId | None = None
    result_id: ResultId | None
    created_by: PersonId
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None

    @model_validator(mode="after")
    def _ended_one_way(self) -> Self:
        if self.state == "succeeded":
            if self.result_id is None or self.problem is not None:
                raise ValueError("a job that succeeded has a result and no problem")
            return self
        told = [(self.problem or {}).get(name) for name in ("title", "detail")]
        if self.result_id is not None or not all(isinstance(each, str) for each in told):
            raise ValueError("a job that failed has no result, and a problem with title and detail")
        _SOURCES.validate_python(self.inputs)
        return self

    @property
    def reads(self) -> set[str]:
        """Return the datasets and results it was given."""
        return things_in(self.inputs)


class StepPiece(Piece):
    """A step of a recipe's run, and the job that did it."""

    name: Word
    position: Annotated[Whole, Field(ge=0, le=1000)]
    title: Text
    method: Word
    inputs: Sources
    params: Json
    job_id: JobId
    is_reused: Flag


class OutcomePiece(Piece):
    """An outcome of a recipe: which output of which step."""

    name: Text
    title: Text
    source: Text
    group: Text = ""


class RunPiece(Piece):
    """A run of a recipe that succeeded, with all its steps."""

    id: RunId
    sample_id: SampleId | None
    recipe: Word
    recipe_version: Annotated[str, Field(max_length=20)]
    preset: Word | None
    inputs: Sources
    params: Json
    outputs: Annotated[list[OutcomePiece], Field(max_length=1000)]
    seed: Annotated[Whole, Field(ge=0)]
    restarts: Count
    steps: Annotated[list[StepPiece], Field(min_length=1, max_length=1000)]
    created_by: PersonId
    created_at: Instant
    finished_at: Instant

    @model_validator(mode="after")
    def _has_each_step_once(self) -> Self:
        if len({step.name for step in self.steps}) != len(self.steps):
            raise ValueError("two steps of a run have the same name")
        return self
