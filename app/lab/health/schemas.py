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
