"""Recorded events as the plain values that rules take: standing ones, by the service's clock, cut at the split."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.infra.db.models import CustodyEvent
from app.lab.custody.lines import Line
from lithoscope.rules.chain import Stay
from lithoscope.rules.custody import Happening, true_moment
from lithoscope.rules.custody_state import CustodyState


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in the history of a sample; inherited when it happened to an ancestor before the split."""

    event: CustodyEvent
    superseded_by: str | None
    inherited_from: str | None
    counts_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a sample: its line, and its history, oldest first."""

    line: Line
    entries: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A sample's whole history, its stays, and its state at a moment."""

    entries: list[Recorded]
    stays: tuple[Stay, ...]
    state: CustodyState


def entries_of(line: Line, events: Sequence[CustodyEvent]) -> Iterator[Recorded]:
    """Go through the events of a line that are the sample's own or happened before the split, in their order."""
    corrections = {event.supersedes_id: event.id for event in events if event.supersedes_id is not None}
    for event in events:
        if line.counts(event.sample_id, event.happened_at):
            origin, until = line.inherited_from(event.sample_id), line.until(event.sample_id)
            yield Recorded(event, corrections.get(event.id), origin, until)


def happenings(entries: Iterable[Recorded]) -> list[Happening]:
    """Return the events of a history that stand, oldest first; an ancestor's disposal is not the child's."""
    standing = [entry for entry in entries if entry.superseded_by is None]
    own = [entry for entry in standing if entry.inherited_from is None or entry.event.type != "disposal"]
    return sorted((_happening(entry) for entry in own), key=lambda happening: happening.occurred_at)


def _happening(entry: Recorded) -> Happening:
    event, until = entry.event, entry.counts_until
    ended_at = None if event.ended_at is None else true_moment(event.ended_at, event.clock_offset_s)
    if until is not None and (ended_at > until if ended_at is not None else event.type in {"storage", "cooling"}):
        ended_at = until  # the ancestor stayed on; the part that became the child did not
    details = {name: value for name, value in event.payload.items() if name != "source"}
    return Happening(
        event.type, event.happened_at, ended_at, details, event.payload["source"], id=event.id, place=event.place
    )
