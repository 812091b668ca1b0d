"""Where a sample is at a moment, and what met it until then; what is not recorded is unknown, never zero."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lithoscope.rules.chain import Stay, chain, chronological, ends_at, gaps, held_until
from lithoscope.rules.custody import Happening
from lithoscope.rules.gas_exposure import IMPURITY, gas_exposure
from lithoscope.units import Quantity, Source, weakest
from lithoscope.wording import seconds as spoken

AIR = frozenset({"air", "dry_air"})
INERT = frozenset({"argon", "nitrogen"})


@dataclass(frozen=True, slots=True)
class AirExposure:
    """Air that met a sample: when, for how long (unknown when nobody said), and the event that says so."""

    event_id: str
    type: str
    started_at: datetime
    seconds: Quantity


@dataclass(frozen=True, slots=True)
class TimeSinceDisassembly:
    """Hours since the cell was opened: in all, in a glovebox, and anywhere else (gaps included)."""

    total: Quantity
    glovebox: Quantity
    other: Quantity


@dataclass(frozen=True, slots=True)
class CustodyState:
    """
    A sample at a moment.

    Parameters
    ----------
    at : datetime
        The moment.
    place, container, atmosphere : str or None
        As last recorded; None when not recorded, or in a gap.
    temperature_K, pressure_Pa : Quantity
        As last recorded.
    is_gap : bool
        Nobody recorded where it is at this moment.
    is_disposed : bool
        It is no more.
    since_disassembly : TimeSinceDisassembly
        Hours since the cell was opened.
    air_exposure : Quantity
        Seconds in air since the cell was opened, summed; unknown as soon as one transfer does not state its own.
    air_events : tuple of AirExposure
        What that sum is made of.
    silent_transfers : tuple of str
        Transfers that do not state their seconds in air.
    gas_exposure : mapping of str to Quantity
        Langmuir of O2 and H2O since the cell was opened; unknown where air met it that no stay tells of.
    has_gaps : bool
        Time longer than handling takes was recorded by nobody.
    gaps : tuple of Stay
        That time.
    """

    at: datetime
    place: str | None
    container: str | None
    atmosphere: str | None
    temperature_K: Quantity
    pressure_Pa: Quantity
    is_gap: bool
    is_disposed: bool
    since_disassembly: TimeSinceDisassembly
    air_exposure: Quantity
    air_events: tuple[AirExposure, ...]
    silent_transfers: tuple[str, ...]
    gas_exposure: Mapping[str, Quantity]
    has_gaps: bool
    gaps: tuple[Stay, ...]


def state_at(history: Iterable[Happening], *, at: datetime) -> CustodyState:
    """Return what a history says of a sample at a moment; later events do not count."""
    past = chronological(history, until=at)
    stays = chain(past, at=at)
    opening = opened_by(past)
    open_since = opening.occurred_at if opening else None
    met = [event for event in past if open_since is None or event.occurred_at >= open_since]
    exposed = since(stays, open_since)
    last = stays[-1] if stays else None
    is_disposed = any(event.type == "disposal" for event in past)
    air, silent, missing = air_events(met, at=at), silent_transfers(met), gaps(stays)
    return CustodyState(
        at=at,
        place=last.place if last else None,
        container=last.container if last else None,
        atmosphere=last.atmosphere if last else None,
        temperature_K=last.temperature_K if last else Quantity.unknown("K", "nothing is recorded"),
        pressure_Pa=last.pressure_Pa if last else Quantity.unknown("Pa", "nothing is recorded"),
        is_gap=last.is_gap if last else not is_disposed,
        is_disposed=is_disposed,
        since_disassembly=_since_disassembly(opening, exposed, at),
        air_exposure=_air_exposure(met, air, silent),
        air_events=air,
        silent_transfers=tuple(event.id for event in silent),
        gas_exposure={gas: gas_exposure(exposed, gas, outside=_outside(met, air, silent)) for gas in IMPURITY},
        has_gaps=bool(missing),
        gaps=missing,
    )


def opened_by(history: Iterable[Happening]) -> Happening | None:
    """Return the first disassembly."""
    openings = [event for event in history if event.type == "disassembly"]
    return min(openings, key=lambda event: event.occurred_at, default=None)


def since(stays: Sequence[Stay], start: datetime | None) -> tuple[Stay, ...]:
    """Return what of the stays lies after a moment; all of them when there is none."""
    if start is None:
        return tuple(stays)
    return tuple(replace(stay, start=max(stay.start, start)) for stay in stays if stay.end > start)


def air_events(history: Iterable[Happening], *, at: datetime) -> tuple[AirExposure, ...]:
    """Return every event that put a sample in air until a moment, however short; a stated zero is none."""
    past = chronological(history, until=at)
    found = [
        (event, seconds)
        for index, event in enumerate(past)
        if (seconds := _seconds_in_air(event, past[index + 1 :], at)) is not None
    ]
    return tuple(AirExposure(event.id, event.type, event.occurred_at, seconds) for event, seconds in found)


def silent_transfers(history: Iterable[Happening]) -> list[Happening]:
    """Return the transfers that do not state their seconds in air and whose interval does not tell them either."""
    return [
        event
        for event in history
        if event.type == "transfer" and event.details.get("air_exposure_s") is None and not _is_in_air(event)
    ]


def _is_in_air(event: Happening) -> bool:
    if event.type in {"note", "disposal"}:
        return False
    return event.details.get("atmosphere") in AIR or event.details.get("method") == "ambient_air"


def _seconds_in_air(event: Happening, later: Sequence[Happening], at: datetime) -> Quantity | None:
    stated = event.details.get("air_exposure_s")
    if stated is not None:
        return Quantity(float(stated), "s", event.source, note=event.id) if stated > 0 else None
    if not _is_in_air(event):
        return None
    end = ends_at(event) or (held_until(event, later, at) if event.type == "storage" else None)
    if end is None:
        return Quantity.unknown("s", f"{event.id} was in air; nobody said for how long")
    return Quantity((min(end, at) - event.occurred_at).total_seconds(), "s", event.source, note=event.id)


def _air_exposure(met: Sequence[Happening], air: Sequence[AirExposure], silent: Sequence[Happening]) -> Quantity:
    if not met or not any(event.type == "transfer" or _is_in_air(event) for event in met):
        return Quantity.unknown("s", "no transfer is recorded")
    known = sum(part.seconds.value or 0.0 for part in air)
    open_ended = [part for part in air if part.seconds.value is None]
    if silent or open_ended:
        missing = len(silent) + len(open_ended)
        return Quantity.unknown("s", f"{missing} events do not state their time in air; at least {spoken(known)}")
    sources: list[Source] = [event.source for event in met if event.type == "transfer" or _is_in_air(event)]
    return Quantity(known, "s", weakest(*sources))


def _outside(met: Iterable[Happening], air: Sequence[AirExposure], silent: Sequence[Happening]) -> tuple[str, ...]:
    """Say which air met a sample, or may have, that its stays do not tell of: seconds within a record of other gas."""
    lasting = {event.id for event in met if _is_in_air(event) and (ends_at(event) or event.type == "storage")}
    brief = [part.event_id for part in air if part.event_id not in lasting]
    reasons = [f"air of unknown pressure met it ({', '.join(brief)})"] if brief else []
    if silent:
        reasons.append(f"time in air is not stated by {', '.join(event.id for event in silent)}")
    return tuple(reasons)


def _since_disassembly(opening: Happening | None, stays: Sequence[Stay], at: datetime) -> TimeSinceDisassembly:
    if opening is None:
        nothing = Quantity.unknown("h", "no disassembly is recorded")
        return TimeSinceDisassembly(nothing, nothing, nothing)
    end = stays[-1].end if stays else at
    total = (end - opening.occurred_at).total_seconds() / 3600
    glovebox = sum(stay.seconds for stay in stays if is_in_glovebox(stay)) / 3600
    hours = {"total": total, "glovebox": glovebox, "other": total - glovebox}
    return TimeSinceDisassembly(**{name: Quantity(value, "h", opening.source) for name, value in hours.items()})


def is_in_glovebox(stay: Stay) -> bool:
    """Say whether a stay was in a glovebox: as recorded, else a storage under inert gas in nothing else named."""
    if stay.container is not None:
        return stay.container == "glovebox"
    return stay.kind == "storage" and stay.atmosphere in INERT
