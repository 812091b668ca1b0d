"""The life of a job: which state may follow which, checked by the UPDATE that makes the step."""

from typing import Literal

State = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]

TERMINAL: frozenset[State] = frozenset({"succeeded", "failed", "cancelled"})
HELD: frozenset[State] = frozenset({"running", "cancelling"})

#: The states a state may be entered from.
BEFORE: dict[State, frozenset[State]] = {
    "queued": frozenset({"running"}),
    "running": frozenset({"queued"}),
    "cancelling": frozenset({"running"}),
    "succeeded": frozenset({"running"}),
    "failed": frozenset({"running"}),
    "cancelled": frozenset({"queued", "cancelling"}),
}

MAX_CRASHES = 3
MAX_LOST_LEASES = 10

QUEUES: tuple[str, ...] = ("io", "cpu-short", "cpu-long", "gpu")
