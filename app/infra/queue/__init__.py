"""The queue: the job row is the truth, every message about it is a hint."""

from app.infra.queue.door import Queue
from app.infra.queue.leases import Claim, Lease, Leases
from app.infra.queue.states import TERMINAL, State

__all__ = ["TERMINAL", "Claim", "Lease", "Leases", "Queue", "State"]
