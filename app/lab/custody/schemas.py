"""What the history of a sample looks like from outside."""

from datetime import datetime
from typing import Any, Self

from app.lab.custody.event_types import Evidence, NewEvent
from app.lab.custody.happenings import Recorded
from app.lab.schemas import Out, QuantityOut

__all__ = ["CustodySummaryOut", "EventOut", "NewEvent"]


class EventOut(Out):
    """
    A custody event.

    `details` follows the schema of its type, with `source` and `note`; null there means not recorded.
    `inherited_from` names the ancestor it happened to; `superseded_by` the event that corrects it.
    """

    id: str
    sample_id: str
    type: str
    occurred_at: datetime
    ended_at: datetime | None
    received_at: datetime
    clock_offset_s: float | None
    recorded_by: str
    operator: str | None
    place: str | None
    details: dict[str, Any]
    evidence: list[Evidence]
    warnings: list[str]
    supersedes_id: str | None
    superseded_by: str | None
    client_event_id: str | None
    inherited_from: str | None

    @classmethod
    def of(cls, entry: Recorded) -> Self:
        """Describe an event as it stands in a history."""
        event = entry.event
        own = {name: getattr(event, name) for name in cls.model_fields if hasattr(event, name)}
        derived = {"details": event.payload, "superseded_by": entry.superseded_by}
        return cls.model_validate({**own, **derived, "inherited_from": entry.inherited_from})


class CustodySummaryOut(Out):
    """The recorded history added up to a moment; what is not recorded is unknown."""

    at: datetime
    storage: QuantityOut
    transfer_methods: list[str]
    air_exposure: QuantityOut
    since_disassembly: QuantityOut
