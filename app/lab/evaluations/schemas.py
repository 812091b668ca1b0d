"""What an evaluation looks like from outside."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.infra.db.models import Evaluation as Row
from app.lab.schemas import Body, ObjectId, Out, Whole
from lithoscope.rules.verdicts import Evaluation, Strength, Verdict

Purpose = Literal["bulk", "surface", "sei", "cei", "electrolyte"]
Technique = Literal["tem", "stem_tomography", "fib_sem", "atom_probe", "xray"]


class NewEvaluation(Body):
    """What to judge by what; what is left out is as the protocol says."""

    target_id: Annotated[ObjectId, Field(description="A sample, a dataset or a result")]
    protocol_id: Annotated[str, Field(max_length=80)]
    protocol_version: Annotated[Whole | None, Field(ge=1, description="The one in force when left out")] = None
    purpose: Annotated[Purpose | None, Field(description="The question asked of the sample")] = None
    technique: Technique | None = None


class RuleVerdictOut(Out):
    """
    The verdict of one rule.

    `decided_by` are the ids of the events and exposures behind it, `missing` names what nobody recorded.
    """

    rule_id: str
    title: str
    citation: str
    strength: Strength
    verdict: Verdict
    decided_by: list[str]
    found: str
    asked: str
    missing: list[str]


class VerdictOut(Out):
    """
    What a protocol says.

    The verdict is the gravest of its rules: fail, not_recorded, warned, relaxed_allowed, pass, in this order.
    """

    protocol_id: str
    protocol_title: str
    version: int
    digest: str
    verdict: Verdict
    technique: str
    purpose: str
    at: datetime
    decided_by: list[str]
    note: str
    rules: list[RuleVerdictOut]

    @classmethod
    def of(cls, verdict: Evaluation) -> Self:
        """Describe a verdict that was not kept."""
        return cls.model_validate(verdict.to_json())


class EvaluationOut(VerdictOut):
    """A kept verdict with the whole document of the protocol that gave it."""

    id: str
    target_id: str
    sample_id: str
    project_id: str
    evaluated_by: str
    evaluated_at: datetime
    protocol: dict[str, Any]

    @classmethod
    def kept(cls, row: Row) -> Self:
        """Describe a kept evaluation."""
        own = ("id", "target_id", "sample_id", "project_id", "evaluated_by", "evaluated_at")
        return cls.model_validate({**row.record, **{name: getattr(row, name) for name in own}})


class EvaluationSummaryOut(Out):
    """A kept verdict in a list."""

    id: str
    target_id: str
    sample_id: str
    project_id: str
    protocol_id: str
    protocol_number: int
    protocol_digest: str
    verdict: Verdict
    evaluated_by: str
    evaluated_at: datetime
