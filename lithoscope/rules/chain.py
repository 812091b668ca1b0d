"""The stays of a sample: where it was, in which gas and how cold, record by record; unrecorded time is a gap."""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf
from operator import itemgetter

from lithoscope.rules.custody import Happening
from lithoscope.units import Quantity

MOVES = frozenset({"storage", "transfer", "disposal"})
WARMS_OR_COOLS = frozenset({"heating", "cooling"})
HOLDS = frozenset({"storage", "cooling"})
SAYS_NOTHING = frozenset({"note", "disposal", "titration", "split", "electrochemical_cycling"})
SHORT_GAP_S = 900.0
"""Handling between two records (facility practice); shorter gaps are shown, but leave nothing open."""


@dataclass(frozen=True, slots=True)
class Stay:
    """
    A stretch of time with the same recorded surroundings.

    Parameters
    ----------
    start, end : datetime
        By the service's clock.
    place, container, atmosphere : str or None
        None when not recorded.
    temperature_K, pressure_Pa, o2_ppm, h2o_ppm : Quantity
        Unknown when not recorded.
    evidence : tuple of str
        The events that say so, latest first.
    kind : str or None
        The type of the latest of them: ``storage``, ``transfer``, ``fib_milling`` ...; None in a gap.
    is_gap : bool
        Nobody recorded anything of this time.
    """

    start: datetime
    end: datetime
    place: str | None
    container: str | None
    atmosphere: str | None
    temperature_K: Quantity
    pressure_Pa: Quantity
    o2_ppm: Quantity
    h2o_ppm: Quantity
    evidence: tuple[str, ...]
    kind: str | None
    is_gap: bool

    @property
    def seconds(self) -> float:
        """Return how long it lasted."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class _Cover:
    """A record and the time it speaks of; ``changing_until`` is when the temperature it names was reached."""

    event: Happening
    start: datetime
    end: datetime
    changing_until: datetime | None = None


def chronological(history: Iterable[Happening], *, until: datetime) -> list[Happening]:
    """Order a history until a moment by what it says alone: neither ids nor the order of recording matter."""
    return sorted((event for event in history if event.occurred_at <= until), key=_content)


def ends_at(event: Happening) -> datetime | None:
    """Return when an event ended: as stated, else after its stated duration; None for an instant or an open record."""
    if event.ended_at is not None:
        return event.ended_at
    duration_s = event.details.get("duration_s")
    return None if duration_s is None else event.occurred_at + timedelta(seconds=duration_s)


def chain(history: Iterable[Happening], *, at: datetime) -> tuple[Stay, ...]:
    """
    Return the stays of a sample from its first record to ``at``, without holes: unrecorded time is a stay marked a gap.

    A storage without end holds until a record moves the sample or names another place. A cooling holds its temperature
    until the sample is moved, warmed or cooled again. Every other record speaks of its own interval only.
    """
    past = chronological(history, until=at)
    if not past:
        return ()
    covers = list(_covers(past, at))
    disposals = [event.occurred_at for event in past if event.type == "disposal"]
    end = min([at, *disposals])
    edges = {past[0].occurred_at, end}
    for cover in covers:
        edges.update((cover.start, cover.end, cover.changing_until or cover.end))
    moments = sorted(edge for edge in edges if past[0].occurred_at <= edge <= end)
    return tuple(_joined(_stays(moments, covers)))


def gaps(stays: Sequence[Stay], *, longer_than_s: float = SHORT_GAP_S) -> tuple[Stay, ...]:
    """Return the gaps that are longer than the handling between two records takes."""
    return tuple(stay for stay in stays if stay.is_gap and stay.seconds > longer_than_s)


def _covers(past: Sequence[Happening], at: datetime) -> Iterator[_Cover]:
    for index, event in enumerate(past):
        if event.type in SAYS_NOTHING:
            continue
        later = past[index + 1 :]
        stated = ends_at(event)
        if event.type in WARMS_OR_COOLS:
            yield from _temperature_covers(event, later, at)
        elif stated is not None:
            yield _Cover(event, event.occurred_at, stated)
        elif event.type in HOLDS:
            yield _Cover(event, event.occurred_at, held_until(event, later, at))


def _temperature_covers(event: Happening, later: Sequence[Happening], at: datetime) -> Iterator[_Cover]:
    """While it is warmed or cooled its temperature is on the way; a cooling then holds what it reached."""
    reached = ends_at(event) or event.occurred_at
    end = reached
    if event.type in HOLDS:
        end = max(reached, held_until(event, later, at))
    if end > event.occurred_at:
        yield _Cover(event, event.occurred_at, end, reached)


def held_until(event: Happening, later: Sequence[Happening], at: datetime) -> datetime:
    """Return until when a record without end holds, given what was recorded after it."""
    for other in later:
        if other.type in MOVES or (event.type in WARMS_OR_COOLS and other.type in WARMS_OR_COOLS):
            return other.occurred_at
        if other.place and event.place and other.place.casefold() != event.place.casefold():
            return other.occurred_at
    return at


def _stays(moments: Sequence[datetime], covers: Sequence[_Cover]) -> Iterator[Stay]:
    """Go through time once: a record is taken up at its start and dropped at its end, so long histories stay cheap."""
    waiting = sorted(enumerate(covers), key=lambda each: each[1].start, reverse=True)
    open_: list[tuple[int, _Cover]] = []
    for start, end in pairwise(moments):
        while waiting and waiting[-1][1].start <= start:
            insort(open_, waiting.pop(), key=itemgetter(0))
        open_ = [each for each in open_ if each[1].end >= end]
        yield _stay(start, end, [cover for _, cover in reversed(open_)])


def _stay(start: datetime, end: datetime, speaking: Sequence[_Cover]) -> Stay:
    """Describe a stretch by the records that speak of it, those that win first."""
    events = [cover.event for cover in speaking]
    on_the_way = any(cover.changing_until is not None and start < cover.changing_until for cover in speaking)
    return Stay(
        start=start,
        end=end,
        place=next((place for event in events if (place := event.place)), None),
        container=_said(events, "container"),
        atmosphere=_said(events, "atmosphere"),
        temperature_K=Quantity.unknown("K", "on its way") if on_the_way else _quantity(events, "temperature_K", "K"),
        pressure_Pa=_quantity(events, "pressure_Pa", "Pa"),
        o2_ppm=_quantity(events, "o2_ppm", "ppm"),
        h2o_ppm=_quantity(events, "h2o_ppm", "ppm"),
        evidence=tuple(event.id for event in events),
        kind=events[0].type if events else None,
        is_gap=not events,
    )


def _said(events: Sequence[Happening], name: str) -> str | None:
    return next((str(said) for event in events if (said := event.details.get(name)) is not None), None)


def _quantity(events: Sequence[Happening], name: str, unit: str) -> Quantity:
    for event in events:
        if (value := event.details.get(name)) is not None:
            return Quantity(float(value), unit, event.source, note=event.id)
    return Quantity.unknown(unit, "not recorded")


def _joined(stays: Iterator[Stay]) -> Iterator[Stay]:
    """Join neighbours that the same records speak of in the same words."""
    last: Stay | None = None
    for stay in stays:
        if last is not None and _surroundings(last) == _surroundings(stay):
            stay = replace(last, end=stay.end)  # noqa: PLW2901 - the joined stay takes the place of both
        elif last is not None:
            yield last
        last = stay
    if last is not None:
        yield last


def _surroundings(stay: Stay) -> tuple[object, ...]:
    return (stay.evidence, stay.temperature_K, stay.is_gap)


def _content(event: Happening) -> tuple[object, ...]:
    """Put moments before what begins with them, and the longer of two records first: the narrower one speaks last."""
    end = ends_at(event)
    is_moment = end is None and event.type not in HOLDS
    lasts_s = inf if end is None else (end - event.occurred_at).total_seconds()
    said = sorted((name, repr(value)) for name, value in event.details.items())
    return (event.occurred_at, not is_moment, -lasts_s, event.type, event.place or "", said)
