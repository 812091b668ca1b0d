"""Where alarms come from: clocks past their deadlines."""

from collections.abc import Iterator
from datetime import datetime

from app.lab.access import SYSTEM
from app.lab.alarms.findings import Finding
from app.lab.alarms.schemas import Topic
from app.lab.clocks.service import ClockService, Deadline

PAGE = 500
PASSED = frozenset({"due", "overdue"})


class ClockFindings:
    """Clocks of the facility that are due or overdue."""

    def __init__(self, clocks: ClockService) -> None:
        self._clocks = clocks

    def now(self, at: datetime) -> Iterator[Finding]:
        """Go through every clock past its deadline."""
        after: str | None = None
        while page := self._clocks.deadlines(SYSTEM, states=PASSED, after=after, limit=PAGE):
            for deadline in page:
                if (finding := _of_clock(deadline, at)) is not None:
                    yield finding
            after = page[-1].place


def _of_clock(deadline: Deadline, at: datetime) -> Finding | None:
    row, sample = deadline.row, deadline.sample
    is_overdue = deadline.state == "overdue"
    passed_at = row.overdue_at if is_overdue else row.due_at
    if passed_at is None or deadline.state not in PASSED or passed_at > at:
        return None
    topic: Topic = "clock.overdue" if is_overdue else "clock.due"
    title = row.record["title"]
    return Finding(
        key=f"{topic}:{sample.id}:{row.clock}:{passed_at.isoformat()}",
        topic=topic,
        project_id=sample.project_id,
        sample_id=sample.id,
        message=f"{sample.code}: {title} is {deadline.state} since {passed_at:%Y-%m-%d %H:%M} UTC",
        since=max(passed_at, sample.created_at),
        record={
            "sample_code": sample.code,
            "clock": row.clock,
            "state": deadline.state,
            "passed_at": passed_at.isoformat(),
            "reason": row.record["reason"],
            "citation": row.record["citation"],
            "decided_by": row.record["decided_by"],
        },
    )
