"""Records that cannot both be true: two places at once, and anything after the end."""

from collections.abc import Iterable
from datetime import datetime

from lithoscope.rules.chain import ends_at
from lithoscope.rules.custody import MAX_SKEW_S, Happening

GOES_BETWEEN = frozenset({"transfer", "note"})


def contradicting_place(new: Happening, history: Iterable[Happening]) -> Happening | None:
    """
    Return a record that has the sample in another place at the time of a new one.

    A record without a stated end ends where the next begins, so it contradicts nothing; a transfer goes between places.
    Overlaps of up to two minutes are within what the clocks of two recorders differ.
    """
    if not new.place or new.type in GOES_BETWEEN:
        return None
    for other in history:
        is_elsewhere = bool(other.place) and (other.place or "").casefold() != new.place.casefold()
        if is_elsewhere and other.type not in GOES_BETWEEN and _overlap(new, other):
            return other
    return None


def _overlap(one: Happening, other: Happening) -> bool:
    ends = (ends_at(one), ends_at(other))
    start, end = max(one.occurred_at, other.occurred_at), min([end for end in ends if end is not None], default=None)
    if end is None or any(_is_open(event) and event.occurred_at < start for event in (one, other)):
        return False
    is_instant = None in ends
    if is_instant:  # a moment within an interval, farther from both its ends than clocks differ
        return min((end - start).total_seconds(), _since_start(one, other)) > MAX_SKEW_S
    return (end - start).total_seconds() > MAX_SKEW_S


def _is_open(event: Happening) -> bool:
    return event.type in {"storage", "cooling"} and ends_at(event) is None


def _since_start(one: Happening, other: Happening) -> float:
    """Return how long after the start of the interval the moment lies [s]; negative when it lies before."""
    moment, interval = (one, other) if ends_at(one) is None else (other, one)
    return (moment.occurred_at - interval.occurred_at).total_seconds()


def disposed_at(history: Iterable[Happening]) -> datetime | None:
    """Return when the sample ceased to be."""
    return min((event.occurred_at for event in history if event.type == "disposal"), default=None)


def outlives_disposal(new: Happening, history: Iterable[Happening]) -> bool:
    """
    Say whether a new record, or one before it, would begin or end after a disposal; notes may be written at any time.

    An end up to two minutes later is within what the clocks of two recorders differ. A record without a stated end ends
    with the sample, unless it says that it still runs (``is_running`` among its details).
    """
    if new.type == "note":
        return False
    known = list(history)
    gone_at = disposed_at(known)
    if gone_at is not None and _outlasts(new, gone_at):
        return True
    if new.type != "disposal":
        return False
    return any(_outlasts(event, new.occurred_at) for event in known if event.type != "note")


def _outlasts(event: Happening, gone_at: datetime) -> bool:
    if event.occurred_at > gone_at or event.details.get("is_running"):
        return True
    end = ends_at(event)
    return end is not None and (end - gone_at).total_seconds() > MAX_SKEW_S
