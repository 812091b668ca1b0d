"""What queues and workers look like from outside."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.lab.schemas import Body, Name, Out


class NewPause(Body):
    """Why nothing is to be taken from a queue."""

    reason: Annotated[Name, Field(description="What people who wait are told")]


class PauseOut(Out):
    """A pause in force."""

    queue: str
    reason: str
    paused_by: str
    paused_at: datetime


class EndedOut(Out):
    """How many jobs ended, and how."""

    succeeded: int
    failed: int
    cancelled: int


class QueueOut(Out):
    """A queue: what waits, what runs, why it waits, and what ended within the last day and week."""

    name: str
    waiting: int
    oldest_waiting_s: float | None
    running: int
    workers: int
    slots: int
    is_stuck: bool
    pause: PauseOut | None
    why: str
    day: EndedOut
    week: EndedOut


class WaitingJobOut(Out):
    """A job that waits."""

    id: str
    project_id: str
    method: str
    created_by: str
    created_at: datetime
    priority: int
    attempts: int


class HeldJobOut(Out):
    """A job that a worker holds; a lease below zero is over, and the job is handed on within seconds."""

    id: str
    project_id: str
    queue: str
    method: str
    state: str
    created_by: str
    started_at: datetime | None
    attempts: int
    crashes: int
    lost_leases: int
    lease_left_s: float


class WorkerOut(Out):
    """A worker process; one that never reported itself has neither queues nor start."""

    name: str
    is_alive: bool
    queues: list[str]
    slots: int
    software: str | None
    started_at: datetime | None
    silent_s: float | None
    jobs: list[HeldJobOut]
