"""What health looks like from outside."""

from typing import Literal

from app.lab.schemas import Out


class Alive(Out):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Out):
    """Everything a request needs is there; ``checks`` says ``ok`` or what is wrong."""

    status: Literal["ready"] = "ready"
    checks: dict[str, str]


class ProblemType(Out):
    """What a problem type means; docs/problems.md lists all."""

    code: str
    status: int | None
    meaning: str


class FactOut(Out):
    """One thing a check found, in words."""

    name: str
    value: str


class CheckOut(Out):
    """One part of the service: whether it does its work, and what was found."""

    name: Literal["database", "migrations", "broker", "storage", "workers", "clock", "versions"]
    state: Literal["good", "warn", "bad", "unknown", "not_used"]
    words: str
    facts: list[FactOut]


class HealthReportOut(Out):
    """Every part of the service, looked at now."""

    checks: list[CheckOut]
