"""When a clock stood still: only where cold or high vacuum is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lithoscope.rules.chain import Stay
from lithoscope.rules.shelf_tables import tables
from lithoscope.wording import number, plain


@dataclass(frozen=True, slots=True)
class Arrest:
    """A time in which nothing reacted, why, and the events that say so; endless when no record ends it."""

    start: datetime
    end: datetime
    reason: str
    evidence: tuple[str, ...]
    is_endless: bool


def arrests(stays: Sequence[Stay], *, until: datetime) -> tuple[Arrest, ...]:
    """Return the stays on record as cryogenic or in high vacuum; one that reaches ``until`` has no end."""
    return tuple(
        Arrest(stay.start, stay.end, reason, stay.evidence, is_endless=stay.end >= until)
        for stay in stays
        if (reason := arrested_by(stay))
    )


def told(held: Sequence[Arrest]) -> list[str]:
    """Say why clocks stood still, each reason once with all the events that say so."""
    evidence: dict[str, dict[str, None]] = {}
    for each in held:
        evidence.setdefault(each.reason, {}).update(dict.fromkeys(each.evidence))
    return [f"arrested: {reason} ({', '.join(events)})" for reason, events in evidence.items()]


def arrested_by(stay: Stay) -> str | None:
    """Say what arrested the clocks during a stay, or None when nothing on record did."""
    limits = tables()["arrest"]
    temperature, pressure = stay.temperature_K.value, stay.pressure_Pa.value
    if temperature is not None and temperature <= limits["cryogenic_K"]:
        return f"cryogenic, {number(temperature)} K"
    if pressure is not None and pressure <= limits["high_vacuum_Pa"]:
        return f"high vacuum, {number(pressure)} Pa"
    if stay.atmosphere in limits["atmospheres"] and not _is_contradicted(stay):
        return plain(str(stay.atmosphere))
    return None


def _is_contradicted(stay: Stay) -> bool:
    """Say whether a number on record speaks against the word for the atmosphere; the number then wins."""
    if stay.atmosphere == "liquid_nitrogen":
        return stay.temperature_K.value is not None
    return stay.pressure_Pa.value is not None


def elapsed_s(start: datetime, end: datetime, stopped: Sequence[Arrest]) -> float:
    """Return the seconds between two moments in which nothing was arrested."""
    held = sum(max(0.0, (min(each.end, end) - max(each.start, start)).total_seconds()) for each in stopped)
    return max(0.0, (end - start).total_seconds() - held)


def moment_after(start: datetime, seconds: float, stopped: Sequence[Arrest]) -> datetime | None:
    """Return when a clock started at a moment will have run for some seconds; None while an arrest has no end."""
    now, left = start, seconds
    for each in stopped:
        if each.end <= now:
            continue
        free = max(0.0, (each.start - now).total_seconds())
        if free >= left:
            break
        if each.is_endless:
            return None
        now, left = each.end, left - free
    return now + timedelta(seconds=left)
