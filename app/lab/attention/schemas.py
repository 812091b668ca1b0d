"""What needs attention, from outside."""

from typing import Literal

from app.lab.schemas import Out

Topic = Literal[
    "database",
    "migrations",
    "broker",
    "storage",
    "workers",
    "clock",
    "queue",
    "failures",
    "disk",
    "quota",
    "instrument",
    "key",
    "account",
    "alarm",
    "place",
]


class AttentionOut(Out):
    """One thing a manager should look at; ``object_id`` names what it is about, where it is one thing."""

    topic: Topic
    state: Literal["warn", "bad"]
    words: str
    object_id: str | None
