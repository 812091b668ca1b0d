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
