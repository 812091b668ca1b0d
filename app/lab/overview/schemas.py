"""What the overview looks like from outside."""

from datetime import datetime
from typing import Literal, Self

from app.lab.jobs.schemas import JobOut
from app.lab.overview.service import InstrumentState, Near, Overview
from app.lab.schemas import Out
from app.lab.space.schemas import ProjectSpaceOut


class QueueLoadOut(Out):
    """What runs in a queue and what waits, since when the first of these does, and why nothing is taken from it."""

    queue: str
    running: int
    waiting: int
    waiting_since: datetime | None
    paused_for: str | None


class CountsOut(Out):
    """How many jobs run, wait, and failed in the last two weeks without having been tried again."""

    running: int
    waiting: int
    failed: int


class NearOut(Out):
    """A region whose budget for a phase is nearly or wholly spent."""

    sample_id: str
    region_id: str
    region_name: str
    phase: str
    state: Literal["near", "exceeded"]
    spent_lower: float | None
    spent_upper: float | None

    @classmethod
    def of(cls, near: Near) -> Self:
        """Write a judged region."""
        region, worst = near.budget.region, near.budget.worst
        return cls(
            sample_id=near.sample_id,
            region_id=region.id,
            region_name=region.name,
            phase=worst.phase,
            state="exceeded" if worst.state == "exceeded" else "near",
            spent_lower=worst.spent.lower,
            spent_upper=worst.spent.upper,
        )


class InstrumentStateOut(Out):
    """An instrument: its last sign of life, and what is on its way from it."""

    instrument_id: str
    name: str
    last_heartbeat_at: datetime | None
    is_quiet: bool
    transfers: int
    missing_bytes: int
    unread: int

    @classmethod
    def of(cls, state: InstrumentState) -> Self:
        """Write an instrument."""
        instrument, arriving = state.instrument, state.arriving
        return cls(
            instrument_id=instrument.id,
            name=instrument.name,
            last_heartbeat_at=instrument.last_heartbeat_at,
            is_quiet=state.is_quiet,
            transfers=arriving.transfers,
            missing_bytes=arriving.missing_bytes,
            unread=arriving.unread,
        )


class OverviewOut(Out):
    """What the caller should know at a glance; jobs are the caller's own, a steward's projects', or all."""

    kind: Literal["member", "steward", "manager"]
    counts: CountsOut
    active: list[JobOut]
    failed: list[JobOut]
    queues: list[QueueLoadOut]
    near: list[NearOut]
    instruments: list[InstrumentStateOut]
    projects: list[ProjectSpaceOut]
    free_bytes: int | None
    total_bytes: int | None

    @classmethod
    def of(cls, found: Overview) -> Self:
        """Write an overview."""
        return cls(
            kind=found.kind,
            counts=CountsOut.model_validate(found.counts),
            active=[JobOut.model_validate(job) for job in found.active],
            failed=[JobOut.model_validate(job) for job in found.failed],
            queues=[QueueLoadOut.model_validate(load) for load in found.queues],
            near=[NearOut.of(near) for near in found.near],
            instruments=[InstrumentStateOut.of(state) for state in found.instruments],
            projects=[ProjectSpaceOut.of(space) for space in found.spaces],
            free_bytes=found.disk and found.disk.free_bytes,
            total_bytes=found.disk and found.disk.total_bytes,
        )
