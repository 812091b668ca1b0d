"""A sample's life in one list: what happened to it, what beam it took, what was measured and computed of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.infra.db.models import Sample
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.custody.happenings import Recorded
from app.lab.datasets.repository import DatasetFilter
from app.portal import words
from app.portal.drawing import Mark
from app.portal.windows import SHOWN, Window, window

ALL = 100_000
ICONS = {
    "transfer": "transfer",
    "exposure": "exposure",
    "storage": "box",
    "disassembly": "open",
    "cooling": "cold",
    "heating": "heat",
    "fib_milling": "mill",
}
LABELS = {"child_ids": "Parts", "exposure_id": "Exposure", "dataset_id": "Data"}
_LEFT_OUT = frozenset({"source", "type", "note", "method"})


@dataclass(frozen=True, slots=True)
class Moment:
    """
    One entry of a timeline.

    Parameters
    ----------
    at : datetime
        When it happened, or began.
    kind : {"event", "exposure", "dataset", "job", "result"}
        Which part of the template writes it.
    record : object
        The row itself.
    icon, tone : str
        Its sign, and whether air or beam touched the sample.
    details : tuple of (label, text)
        What to say about it, already in words.
    """

    at: datetime
    kind: str
    record: Any
    icon: str
    tone: str = ""
    details: tuple[tuple[str, str], ...] = ()

    @property
    def identifier(self) -> str:
        """Return what the moment is found by."""
        row = getattr(self.record, self.kind, self.record)  # an event or exposure stands within its entry
        return str(row.id)


def timeline(
    lab: Lab, actor: Actor, sample: Sample, *, number: int = 0, around: str | None = None
) -> tuple[Window[Moment], list[Moment]]:
    """
    Collect what is recorded about a sample.

    Parameters
    ----------
    lab : Lab
        Its rooms.
    actor : Actor
        Who asks.
    sample : Sample
        One the actor may see.
    number : int
        Which part, counted from the newest.
    around : str or None
        An event or exposure: the part that has it, whatever the number.

    Returns
    -------
    part : Window of Moment
        What the page shows.
    events : list of Moment
        All custody events, those of other parts too.
    """
    events = list(_events(lab, actor, sample))
    limit = SHOWN * (number + 1) + 1 if around is None else ALL
    moments = [*events, *_exposures(lab, actor, sample)]
    for read in (_datasets, _results, _jobs):
        moments += read(lab, actor, sample.id, since=_since(moments, limit), limit=limit)
    newest_first = sorted(moments, key=lambda moment: moment.at, reverse=True)
    return window(newest_first, lambda moment: moment.identifier, number=number, around=around), events


def marks(moments: Iterable[Moment]) -> list[Mark]:
    """Return the custody events that stand as signs of the drawing."""
    return [
        Mark(entry.at, entry.icon, entry.tone, words.title(entry.record.event.type), f"#{entry.record.event.id}")
        for entry in moments
        if entry.kind == "event" and entry.record.superseded_by is None
    ]


def _events(lab: Lab, actor: Actor, sample: Sample) -> Iterator[Moment]:
    for entry in lab.custody.history(actor, sample.id):
        event = entry.event
        air_s = event.payload.get("air_exposure_s")
        icon = ICONS.get(event.type, "event")
        yield Moment(event.happened_at, "event", entry, icon, "air" if air_s else "", tuple(_of_event(entry)))


def _of_event(entry: Recorded) -> Iterator[tuple[str, str]]:
    event = entry.event
    if event.place:
        yield "Place", event.place
    if event.type in {"storage", "transfer"} and event.ended_at:
        yield "Lasted", words.duration((event.ended_at - event.occurred_at).total_seconds())
    elif event.type == "storage":
        yield "Lasted", "not ended"
    for name, value in event.payload.items():
        if name in _LEFT_OUT and not (name == "method" and value):
            continue
        if value not in (None, [], ""):
            yield LABELS.get(name) or words.label_and_unit(name)[0], words.detail(name, value)
        elif name in {"air_exposure_s", "atmosphere"} and event.type in {"transfer", "storage"}:
            yield words.label_and_unit(name)[0], words.UNKNOWN
    if event.operator:
        yield "Operator", event.operator


def _exposures(lab: Lab, actor: Actor, sample: Sample) -> Iterator[Moment]:
    for entry in lab.dose.history(actor, sample.id):
        yield Moment(entry.exposure.happened_at, "exposure", entry, "exposure", "beam")


def _since(moments: Sequence[Moment], limit: int) -> datetime | None:
    """Return from when on more moments are wanted: as many as are shown are newer than any before."""
    newest_first = sorted((moment.at for moment in moments), reverse=True)
    return newest_first[limit - 1] if len(newest_first) >= limit else None


def _datasets(lab: Lab, actor: Actor, sample_id: str, *, since: datetime | None, limit: int) -> Iterator[Moment]:
    for dataset in lab.datasets.page(actor, wanted=DatasetFilter(sample_id, since=since), limit=limit):
        yield Moment(dataset.created_at, "dataset", dataset, "dataset", "made")


def _results(lab: Lab, actor: Actor, sample_id: str, *, since: datetime | None, limit: int) -> Iterator[Moment]:
    for result in lab.results.page(actor, sample_id=sample_id, since=since, limit=limit):
        yield Moment(result.created_at, "result", result, "result", "made")


def _jobs(lab: Lab, actor: Actor, sample_id: str, *, since: datetime | None, limit: int) -> Iterator[Moment]:
    for job in lab.jobs.page(actor, sample_id=sample_id, since=since, before=None, limit=limit):
        if job.kind == "analysis" and job.result_id is None:
            yield Moment(job.created_at, "job", job, "job")
