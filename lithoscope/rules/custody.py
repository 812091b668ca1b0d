"""What a sample's recorded history adds up to; what is not recorded is unknown, never zero."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lithoscope.units import Quantity, Source, weakest

MAX_SKEW_S = 120.0
MAX_CLOCK_ERROR_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Happening:
    """
    One custody event as plain values.

    Parameters
    ----------
    type : str
        ``storage``, ``transfer``, ``disassembly`` and so on.
    occurred_at, ended_at : datetime
        With zone; ``ended_at`` None is an instant, or for storage an interval that is still open.
    details : mapping
        The fields of its type.
    source : Source
        Where its numbers come from.
    id : str
        Names it in verdicts and reasons.
    place : str, optional
        Where the sample was.

    Notes
    -----
    Both times are by the service's clock (`true_moment`), not by that of the PC that sent them.
    """

    type: str
    occurred_at: datetime
    ended_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    source: Source = "user"
    id: str = ""
    place: str | None = None


@dataclass(frozen=True, slots=True)
class CustodySummary:
    """The history in a few numbers: hours stored and since disassembly, how it travelled, seconds in air."""

    storage: Quantity
    transfer_methods: tuple[str, ...]
    air_exposure: Quantity
    since_disassembly: Quantity


def summarise(history: Sequence[Happening], *, at: datetime) -> CustodySummary:
    """Add up what happened until ``at``; later events do not count."""
    past = sorted((event for event in history if event.occurred_at <= at), key=lambda event: event.occurred_at)
    transfers = [event for event in past if event.type == "transfer"]
    return CustodySummary(
        storage=storage_time(past, at=at),
        transfer_methods=tuple(dict.fromkeys(event.details["method"] for event in transfers)),
        air_exposure=air_exposure(transfers),
        since_disassembly=time_since_disassembly(past, at=at),
    )


def storage_time(history: Iterable[Happening], *, at: datetime) -> Quantity:
    """
    Return the hours of storage until ``at``.

    An open interval counts to ``at``; hours covered by two records count once.
    """
    stays = sorted((event for event in history if event.type == "storage"), key=lambda event: event.occurred_at)
    if not stays:
        return Quantity.unknown("h", "no storage is recorded")
    seconds, covered_until = 0.0, stays[0].occurred_at
    for stay in stays:
        start, end = max(stay.occurred_at, covered_until), min(stay.ended_at or at, at)
        if end > start:
            seconds += (end - start).total_seconds()
            covered_until = end
    is_open = any(stay.ended_at is None for stay in stays)
    note = "an interval without end counts to the time asked for" if is_open else ""
    return Quantity(seconds / 3600, "h", weakest(*(stay.source for stay in stays)), note=note)


def air_exposure(transfers: Sequence[Happening]) -> Quantity:
    """Return the seconds in air over all transfers; unknown as soon as one transfer does not state its own."""
    if not transfers:
        return Quantity.unknown("s", "no transfer is recorded")
    stated = [event.details.get("air_exposure_s") for event in transfers]
    known = [seconds for seconds in stated if seconds is not None]
    if len(known) < len(stated):
        silent = len(stated) - len(known)
        return Quantity.unknown("s", f"{silent} of {len(stated)} transfers do not state their time in air")
    return Quantity(float(sum(known)), "s", weakest(*(event.source for event in transfers)))


def time_since_disassembly(history: Iterable[Happening], *, at: datetime) -> Quantity:
    """Return the hours since the cell was opened."""
    openings = [event for event in history if event.type == "disassembly"]
    if not openings:
        return Quantity.unknown("h", "no disassembly is recorded")
    first = min(openings, key=lambda event: event.occurred_at)
    return Quantity((at - first.occurred_at).total_seconds() / 3600, "h", first.source)


def true_moment(stamp: datetime, clock_offset_s: float | None) -> datetime:
    """
    Return a moment by the service's clock.

    Parameters
    ----------
    stamp : datetime
        By the sender's clock.
    clock_offset_s : float or None
        By how much that clock is slow [s]; None when it was never measured, and the stamp is taken as it is.
    """
    return stamp if clock_offset_s is None else stamp + timedelta(seconds=clock_offset_s)


def is_clock_off(*, occurred_at: datetime, received_at: datetime, clock_offset_s: float | None) -> bool:
    """
    Say whether the clock that stamped an event was never set: more than a month off, as measured or as its stamp shows.

    Hours of error are corrected (`true_moment`); a clock without a date says nothing that could be corrected.
    """
    if clock_offset_s is not None and abs(clock_offset_s) > MAX_CLOCK_ERROR_S:
        return True
    return (true_moment(occurred_at, clock_offset_s) - received_at).total_seconds() > MAX_CLOCK_ERROR_S


def clock_skew(*, occurred_at: datetime, received_at: datetime, clock_offset_s: float | None) -> str | None:
    """
    Say why the clock that stamped an event is not to be trusted, or None.

    A stamp more than two minutes in the future shows a fast clock; a slow one shows only in a measured offset, because
    an honest stamp may arrive days late from an instrument without network.
    """
    if (occurred_at - received_at).total_seconds() > MAX_SKEW_S:
        return f"clock-skew: the event is stamped more than {MAX_SKEW_S:g} s after it was received"
    if clock_offset_s is not None and abs(clock_offset_s) > MAX_SKEW_S:
        return f"clock-skew: the sender's clock is off by more than {MAX_SKEW_S:g} s"
    return None
