"""What rules of retention look like from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.lab.schemas import Body, ObjectId, Out, Stamped, Whole

Kind = Literal["dataset", "result", "job", "upload"]


class NewRule(Body):
    """A rule: things of a kind are deleted this many days after they were made."""

    project_id: Annotated[ObjectId | None, Field(description="Left out: every project without a rule of its own")] = (
        None
    )
    kind: Annotated[Kind, Field(description="job: the event log of ended jobs; upload: the record of unfinished ones")]
    keep_days: Annotated[Whole, Field(ge=1, le=36_500)]


class RuleOut(Stamped):
    """A rule; what it deletes is deleted in its author's name."""

    project_id: str | None
    kind: Kind
    keep_days: int
    created_by: str
    version: int


class DueOut(Out):
    """Something whose time is over; `held_by` names what keeps it all the same."""

    object_id: str
    kind: Kind
    project_id: str
    label: str
    created_at: datetime
    rule_id: str
    held_by: list[str]
