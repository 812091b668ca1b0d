"""What happened to samples: appended, superseded, inherited, never edited; nobody commits here."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from app.errors import Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import CustodyEvent, Sample
from app.infra.ids import new_id
from app.lab.access import Action, Actor
from app.lab.audit.service import AuditLog
from app.lab.custody.checking import check_air, check_disposal, check_history
from app.lab.custody.event_types import COMMON_FIELDS, Evidence, NewEvent
from app.lab.custody.happenings import Reading, Recorded, Timeline, entries_of, happenings
from app.lab.custody.lines import Line
from app.lab.custody.repository import CustodyRepository
from app.lab.doubts import AlreadySuperseded, ClientEventIdReused, check_clock, check_interval, question
from app.lab.lineage.service import LineageService
from app.lab.samples.service import SampleService
from lithoscope.rules.chain import Stay, chain
from lithoscope.rules.custody import CustodySummary, Happening, summarise, true_moment
from lithoscope.rules.custody_state import CustodyState, state_at

MOST_READ = 32  # histories kept at hand within one transaction; the sweeper goes through thousands


class CustodyService:
    """
    Records what happens to samples.

    An event may lie before the sample was registered here: a cell is opened first and entered into the books later.
    What may not lie before the disassembly is an electron exposure; the dose room asks `disassembled_at` for that.

    Parameters
    ----------
    on_change : callable
        Is told of each sample whose history changed: shelf-life clocks follow it.
    beams : callable
        Returns the exposures of a sample that stand: none of them goes on after its disposal.
    """

    def __init__(
        self,
        events: CustodyRepository,
        samples: SampleService,
        *,
        lineage: LineageService,
        audit: AuditLog,
        on_change: Callable[[Sample], None],
        beams: Callable[[Sample], Sequence[Happening]],
    ) -> None:
        self._events = events
        self._samples = samples
        self._lineage = lineage
        self._audit = audit
        self._on_change = on_change
        self._beams = beams
        self._read: dict[str, Reading] = {}

    def record(self, actor: Actor, sample_id: str, new: NewEvent) -> tuple[Recorded, bool]:
        """Append an event; says whether it is new (a repeated client_event_id gives the first one)."""
        sample = self._samples.get(actor, sample_id, need=Action.RECORD)
        check_interval(new.occurred_at, _ended_at(new))
        check_air(new)
        warnings = question(_numbers(new), is_confirmed=new.confirm)
        event = self._row(actor, sample, new)
        self._events.lock(sample.id)
        self._read.clear()
        if (first := self._repeated(actor, event)) is not None:
            return Recorded(first, self._events.superseding([first.id]).get(first.id), None), False
        self._check_references(sample, new)
        skew = check_clock(
            occurred_at=event.occurred_at, received_at=event.received_at, clock_offset_s=event.clock_offset_s
        )
        check_history(new, Recorded(event, None, None), list(self.history_of(sample)))
        if event.type == "disposal":
            (disposal,) = happenings([Recorded(event, None, None)])
            check_disposal(disposal, self._beams(sample))
        event.warnings = [*warnings, *skew]
        self._events.add(event)
        self._draw(event, sample, new)
        self._read.clear()
        details = {"type": event.type, "supersedes_id": event.supersedes_id, "confirmed": new.confirm}
        self._audit.record(actor, "event.record", event.id, project_id=sample.project_id, **details)
        self._on_change(sample)
        return Recorded(event, None, None), True

    def repeated(self, actor: Actor, client_event_id: str | None) -> Recorded | None:
        """Return the event an actor sent before under this id of theirs; None when it is new, or none is given."""
        first = None if client_event_id is None else self._events.by_client_id(actor.id, client_event_id)
        return None if first is None else Recorded(first, self._events.superseding([first.id]).get(first.id), None)

    def _draw(self, event: CustodyEvent, sample: Sample, new: NewEvent) -> None:
        """Draw the sample, and children it was split into, as made what they are by the event."""
        for made in (sample.id, *(new.child_ids if new.type == "split" else ())):
            self._lineage.link(made, event.id, "wasGeneratedBy")
        if event.supersedes_id is not None:
            self._lineage.link(event.id, event.supersedes_id, "wasInformedBy")
        for item in event.evidence:
            if item["kind"] == "dataset" and self._events.has_dataset(item["reference"], sample.project_id):
                self._lineage.link(event.id, item["reference"], "used")

    def get(self, actor: Actor, event_id: str) -> Recorded:
        """Return one event."""
        event = self._one(actor, event_id)
        return Recorded(event, self._events.superseding([event.id]).get(event.id), None)

    def moment_of(self, actor: Actor, event_id: str) -> datetime:
        """Return when an event happened."""
        return self._one(actor, event_id).happened_at

    def _one(self, actor: Actor, event_id: str) -> CustodyEvent:
        event = self._events.get(event_id)
        if event is None:
            raise NotFound
        self._samples.get(actor, event.sample_id)
        return event

    def history(self, actor: Actor, sample_id: str) -> list[Recorded]:
        """Return a sample's events, oldest first, with those its ancestors had before the split."""
        return list(self.history_of(self._samples.get(actor, sample_id)))

    def history_of(self, sample: Sample) -> Sequence[Recorded]:
        """Return the history of a sample another room was already given."""
        return self._reading(sample).entries

    def standing_before(self, sample: Sample, moment: datetime) -> list[CustodyEvent]:
        """Return the rows of what had happened to a sample until a moment, inherited ones too, corrections applied."""
        standing = [entry.event for entry in self.history_of(sample) if entry.superseded_by is None]
        return [event for event in standing if event.happened_at <= moment]

    def happenings(self, actor: Actor, sample_id: str, *, at: datetime | None = None) -> list[Happening]:
        """Return the events that stand, inherited ones included, until a moment, oldest first."""
        return self.happenings_of(self._samples.get(actor, sample_id), at=at)

    def happenings_of(self, sample: Sample, *, at: datetime | None = None) -> list[Happening]:
        """Return the standing events of a sample another room was already given."""
        standing = happenings(self.history_of(sample))
        return standing if at is None else [event for event in standing if event.occurred_at <= at]

    def state(self, actor: Actor, sample_id: str, at: datetime | None = None) -> CustodyState:
        """Return where a sample is at a moment (now when left out), and what met it until then."""
        return state_at(self.happenings(actor, sample_id), at=at or now())

    def stays(self, actor: Actor, sample_id: str, at: datetime | None = None) -> tuple[Stay, ...]:
        """Return where a sample was, stretch by stretch; time that nobody recorded is a stay marked a gap."""
        return chain(self.happenings(actor, sample_id), at=at or now())

    def timeline(self, actor: Actor, sample_id: str, at: datetime | None = None) -> Timeline:
        """Return the history with what it adds up to until a moment (now when left out), from one reading."""
        entries = self.history(actor, sample_id)
        standing, moment = happenings(entries), at or now()
        return Timeline(entries, chain(standing, at=moment), state_at(standing, at=moment))

    def summary(self, actor: Actor, sample_id: str, at: datetime | None = None) -> CustodySummary:
        """Add up a sample's history until a moment (now when left out)."""
        return summarise(self.happenings(actor, sample_id), at=at or now())

    def disassembled_at(self, sample: Sample) -> datetime | None:
        """Return when the cell this sample comes from was opened, as far as recorded."""
        openings = [
            entry.event.happened_at
            for entry in self.history_of(sample)
            if entry.event.type == "disassembly" and entry.superseded_by is None
        ]
        return min(openings, default=None)

    def changed(self, sample: Sample) -> None:
        """Tell those who follow histories that another room appended to one."""
        self._read.clear()
        self._on_change(sample)

    def check_not_disposed(self, sample: Sample, happening: Happening) -> None:
        """Refuse a record of another room that would lie after the sample's disposal, also one recorded meanwhile."""
        self._events.lock(sample.id)
        self._read.clear()
        check_disposal(happening, self.happenings_of(sample))

    def line(self, sample: Sample) -> Line:
        """Return the sample and its ancestors, each with the moment up to which it counts."""
        return self._reading(sample).line

    def measured_clock_offset(self, actor: Actor, sent_at: datetime | None, received_at: datetime) -> float | None:
        """Return by how much the sender's clock is slow [s]: from its own stamp, else from its last heartbeat."""
        if sent_at is not None:
            return (received_at - sent_at).total_seconds()
        return self._events.clock_offset(actor.instrument_id)

    def _reading(self, sample: Sample) -> Reading:
        """Read the line and history of a sample once a transaction, unless something is recorded in between."""
        if sample.id not in self._read:
            if len(self._read) == MOST_READ:
                self._read.clear()
            line = self._events.line(sample.id)
            events = self._events.of_samples(line.sample_ids)
            self._read[sample.id] = Reading(line, tuple(entries_of(line, events)))
        return self._read[sample.id]

    def _row(self, actor: Actor, sample: Sample, new: NewEvent) -> CustodyEvent:
        received_at = now()
        offset_s = self.measured_clock_offset(actor, new.sent_at, received_at)
        return CustodyEvent(
            id=new_id("evt"),
            sample_id=sample.id,
            type=new.type,
            occurred_at=new.occurred_at,
            happened_at=true_moment(new.occurred_at, offset_s),
            ended_at=_ended_at(new),
            received_at=received_at,
            clock_offset_s=offset_s,
            recorded_by=actor.id,
            operator=new.operator,
            place=new.place,
            payload=new.model_dump(mode="json", exclude={*COMMON_FIELDS, "type"}),
            evidence=_evidence(new),
            supersedes_id=new.supersedes_id,
            client_event_id=new.client_event_id,
        )

    def _repeated(self, actor: Actor, event: CustodyEvent) -> CustodyEvent | None:
        if event.client_event_id is None:
            return None
        first = self._events.by_client_id(actor.id, event.client_event_id)
        if first is not None and _content(first) != _content(event):
            raise ClientEventIdReused("Another event was sent under this client_event_id: give each event its own.")
        return first

    def _check_references(self, sample: Sample, new: NewEvent) -> None:
        if new.type == "split":
            children = {child.id for child in self._samples.children_of(sample)}
            if not children.issuperset(new.child_ids):
                raise Invalid.field("/body/child_ids", "A split names children of this sample: register them first.")
        if new.type == "titration":
            self._check_series(sample, new.titration_series_id)
        if new.type == "electrochemical_cycling":
            self._check_table(sample, new.dataset_id)
        if new.supersedes_id is None:
            return
        old = self._events.get(new.supersedes_id)
        if old is None or old.sample_id != sample.id:
            raise Invalid.field("/body/supersedes_id", "No such event of this sample: correct it where it stands.")
        if self._events.superseding([old.id]):
            raise AlreadySuperseded("This event has been corrected before: supersede the correction.")

    def _check_series(self, sample: Sample, series_id: str | None) -> None:
        if series_id is not None and not self._events.has_series(series_id, sample.project_id):
            detail = "No such titration series in the sample's project: record it first, or leave it out."
            raise Invalid.field("/body/titration_series_id", detail)

    def _check_table(self, sample: Sample, dataset_id: str | None) -> None:
        if dataset_id is not None and not self._events.holds_table(dataset_id, sample.project_id):
            detail = "No such table in the sample's project: upload the cycling data as CSV first, or leave it out."
            raise Invalid.field("/body/dataset_id", detail)


def _evidence(event: NewEvent) -> list[dict[str, Any]]:
    """Return what supports an event; the data of a cycling are evidence of it."""
    given = [item.model_dump(mode="json") for item in event.evidence]
    data = event.dataset_id if event.type == "electrochemical_cycling" else None
    if data is None or any(item["reference"] == data for item in given):
        return given
    return [*given, Evidence(kind="dataset", reference=data).model_dump(mode="json")]


def _ended_at(event: NewEvent) -> datetime | None:
    """Return the end of an event; those that take no time have none."""
    ended_at: datetime | None = getattr(event, "ended_at", None)
    return ended_at


def _numbers(event: NewEvent) -> Iterator[tuple[str, str, float]]:
    yield from _numbers_of(event.model_dump(exclude=set(COMMON_FIELDS)), "/body")


def _numbers_of(record: dict[str, Any], pointer: str) -> Iterator[tuple[str, str, float]]:
    for name, value in record.items():
        if isinstance(value, float | int):
            yield f"{pointer}/{name}", name, float(value)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _numbers_of(item, f"{pointer}/{name}/{index}")


def _content(event: CustodyEvent) -> tuple[Any, ...]:
    return (
        event.sample_id,
        event.type,
        event.occurred_at,
        event.ended_at,
        event.operator,
        event.place,
        event.payload,
        event.evidence,
        event.supersedes_id,
    )
