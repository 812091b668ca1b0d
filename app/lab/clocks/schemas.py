"""What shelf-life clocks look like from outside."""

from datetime import datetime
from typing import Literal, Self

from app.lab.clocks.service import Deadline
from app.lab.schemas import Out, QuantityOut

ClockState = Literal["fresh", "due", "overdue", "unknown"]


class LossOut(Out):
    """Lithium lost so far by one law, between two bounds; a bound the source does not give is unknown."""

    model: Literal["first_order", "square_root"]
    origin: Literal["literature", "lab"]
    lower: QuantityOut
    upper: QuantityOut
    lower_capacity: QuantityOut
    upper_capacity: QuantityOut
    note: str


class ClockOut(Out):
    """A shelf-life clock at a moment; unknown is never shown as fine."""

    name: str
    title: str
    state: ClockState
    started_at: datetime | None
    stopped_at: datetime | None
    elapsed_s: float | None
    is_running: bool
    due_at: datetime | None
    overdue_at: datetime | None
    unknown_at: datetime | None
    reason: str
    citation: str
    decided_by: list[str]
    loss: list[LossOut]


class ClocksOut(Out):
    """The clocks of a sample at a moment."""

    sample_id: str
    at: datetime
    clocks: list[ClockOut]


class DeadlineOut(Out):
    """A clock that will be, or is, due somewhere in the facility."""

    sample_id: str
    sample_code: str
    sample_name: str
    project_id: str
    clock: str
    title: str
    state: ClockState
    started_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    reason: str
    citation: str

    @classmethod
    def of(cls, deadline: Deadline) -> Self:
        """Describe a deadline."""
        row, sample = deadline.row, deadline.sample
        return cls(
            sample_id=sample.id,
            sample_code=sample.code,
            sample_name=sample.name,
            project_id=sample.project_id,
            clock=row.clock,
            title=row.record["title"],
            state=deadline.state,
            started_at=row.started_at,
            due_at=row.due_at,
            overdue_at=row.overdue_at,
            reason=row.record["reason"],
            citation=row.record["citation"],
        )
