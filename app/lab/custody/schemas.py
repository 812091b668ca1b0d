"""What the history of a sample looks like from outside."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from app.lab.custody.event_types import Evidence, Gas, NewEvent
from app.lab.custody.happenings import Recorded
from app.lab.samples.schemas import Kind, LabelText, Material, SampleOut
from app.lab.schemas import Body, Name, Out, QuantityOut
from lithoscope.rules.custody_state import CustodyState

__all__ = ["CustodyStateOut", "CustodySummaryOut", "EventOut", "NewEvent", "NewSplit", "SplitOut", "StayOut"]


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


class StayOut(Out):
    """A stretch of time with the same recorded surroundings; a gap is time that nobody recorded."""

    start: datetime
    end: datetime
    seconds: float
    kind: str | None
    place: str | None
    container: str | None
    atmosphere: str | None
    temperature_K: QuantityOut
    pressure_Pa: QuantityOut
    o2_ppm: QuantityOut
    h2o_ppm: QuantityOut
    evidence: list[str]
    is_gap: bool


class AirExposureOut(Out):
    """Air that met the sample; seconds are unknown when nobody said for how long."""

    event_id: str
    type: str
    started_at: datetime
    seconds: QuantityOut


class SinceDisassemblyOut(Out):
    """Hours since the cell was opened: in all, in a glovebox, anywhere else."""

    total: QuantityOut
    glovebox: QuantityOut
    other: QuantityOut


class GasExposureOut(Out):
    """Exposure to oxygen and water vapour since the cell was opened."""

    O2: QuantityOut
    H2O: QuantityOut


class CustodyStateOut(Out):
    """Where a sample is at a moment, and what met it until then; what is not recorded is unknown or null."""

    sample_id: str
    at: datetime
    place: str | None
    container: str | None
    atmosphere: str | None
    temperature_K: QuantityOut
    pressure_Pa: QuantityOut
    is_gap: bool
    is_disposed: bool
    since_disassembly: SinceDisassemblyOut
    air_exposure: QuantityOut
    air_events: list[AirExposureOut]
    silent_transfers: list[str]
    gas_exposure: GasExposureOut
    has_gaps: bool
    gaps: list[StayOut]

    @classmethod
    def of(cls, sample_id: str, state: CustodyState) -> Self:
        """Describe the state of a sample."""
        own = {field.name: getattr(state, field.name) for field in fields(state)}
        return cls.model_validate({**own, "sample_id": sample_id, "gas_exposure": dict(state.gas_exposure)})


class NewPart(Body):
    """A part to register; what is left out of it is as of the sample it comes from."""

    name: Name
    kind: Kind = None
    material: Annotated[Material | None, Field(description="That of the whole when left out")] = None
    code: Annotated[LabelText | None, Field(description="Label; given by the service when left out")] = None


class NewSplit(Gas):
    """What a sample is split into: parts are registered and the split recorded, or neither."""

    process: Annotated[Name | None, Field(description="How: lift-out, cutting, scraping")] = None
    parts: list[NewPart] = Field(min_length=1, max_length=100)


class SplitOut(Out):
    """A split and the samples it made."""

    event: EventOut
    parts: list[SampleOut]
