"""Custody over HTTP."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Query, Response

from app.infra.clock import now
from app.lab.custody.schemas import (
    CustodyStateOut,
    CustodySummaryOut,
    EventOut,
    NewEvent,
    NewSplit,
    SplitOut,
    StayOut,
)
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.samples.schemas import SampleOut
from app.lab.schemas import Instant, Page

router = room_router("custody")


@router.post("/samples/{sample_id}/events", status_code=201, operation_id="recordEvent", responses=refuses(409))
def record_event(sample_id: str, new: NewEvent, actor: CurrentActor, lab: CurrentLab, response: Response) -> EventOut:
    """Append one event to a sample's history; a repeated `client_event_id` answers 200 with the first."""
    entry, is_new = lab.custody.record(actor, sample_id, new)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/v1/events/{entry.event.id}"
    return EventOut.of(entry)


@router.post("/samples/{sample_id}/split", status_code=201, operation_id="splitSample", responses=refuses(409))
def split_sample(sample_id: str, new: NewSplit, actor: CurrentActor, lab: CurrentLab, response: Response) -> SplitOut:
    """Register the parts of a sample and record the split or lift-out that made them: all of it or nothing."""
    entry, parts = lab.splitting.split(actor, sample_id, new)
    response.headers["Location"] = f"/api/v1/events/{entry.event.id}"
    return SplitOut(event=EventOut.of(entry), parts=[SampleOut.model_validate(part) for part in parts])


@router.get("/samples/{sample_id}/events", operation_id="listEvents", responses=refuses())
def list_events(sample_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[EventOut]:
    """List a sample's whole history, oldest first; what ancestors had before the split is marked `inherited_from`."""
    return Page(items=[EventOut.of(entry) for entry in lab.custody.history(actor, sample_id)])


@router.get("/events/{event_id}", operation_id="getEvent", responses=refuses())
def get_event(event_id: str, actor: CurrentActor, lab: CurrentLab) -> EventOut:
    """Return an event."""
    return EventOut.of(lab.custody.get(actor, event_id))


@router.get("/samples/{sample_id}/custody-summary", operation_id="getCustodySummary", responses=refuses())
def get_summary(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    at: Annotated[Instant | None, Query(description="Moment to add up to; now when left out")] = None,
) -> CustodySummaryOut:
    """Add up a sample's history: hours stored and since disassembly, transfers, seconds in air."""
    moment = at or now()
    summary = lab.custody.summary(actor, sample_id, moment)
    return CustodySummaryOut.model_validate({"at": moment, **asdict(summary)})


@router.get("/samples/{sample_id}/custody-state", operation_id="getCustodyState", responses=refuses())
def get_state(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    at: Annotated[Instant | None, Query(description="Moment to derive it for; now when left out")] = None,
) -> CustodyStateOut:
    """Say where a sample is at a moment, in which gas and how cold, and what met it since its cell was opened."""
    return CustodyStateOut.of(sample_id, lab.custody.state(actor, sample_id, at))


@router.get("/samples/{sample_id}/stays", operation_id="listStays", responses=refuses())
def list_stays(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    at: Annotated[Instant | None, Query(description="Moment up to which; now when left out")] = None,
) -> Page[StayOut]:
    """List where a sample was, stretch by stretch without holes: time that nobody recorded is a stay marked a gap."""
    return Page(items=[StayOut.model_validate(stay) for stay in lab.custody.stays(actor, sample_id, at)])
