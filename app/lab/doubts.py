"""What every record of the past is asked: do its times run forward, are its numbers plausible, is it a repetition."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.errors import Conflict, LabError
from lithoscope.rules.custody import clock_skew, is_clock_off
from lithoscope.rules.plausible import doubt


class TimeOrder(LabError):
    """Times that cannot follow each other."""

    code, status, title = "time-order", 422, "Times run backwards"


class BeforeSample(LabError):
    """A beam on a sample that was not yet there, or lay in a closed cell."""

    code, status, title = "before-sample", 422, "Before the sample was there"


class ImplausibleValue(LabError):
    """A value so far outside its range that it must be meant."""

    code, status, title = "implausible-value", 422, "Implausible value"


class AlreadySuperseded(Conflict):
    """A record is corrected once; the correction may be corrected in turn."""

    code, title = "already-superseded", "Already superseded"


class ClientEventIdReused(Conflict):
    """One client id, two records."""

    code, title = "client-event-id-reused", "The client's id stands for another record"


class ClockOff(LabError):
    """A sender's clock that was never set."""

    code, status, title = "clock-off", 422, "The sender's clock is off"


def check_clock(*, occurred_at: datetime, received_at: datetime, clock_offset_s: float | None) -> list[str]:
    """Return a warning for a clock minutes to hours wrong; refuse one that is more than a month off."""
    times: dict[str, Any] = {
        "occurred_at": occurred_at,
        "received_at": received_at,
        "clock_offset_s": clock_offset_s,
    }
    if is_clock_off(**times):
        pointer = {"pointer": "/body/occurred_at", "detail": "stamped by a clock more than 30 days off"}
        raise ClockOff(
            "The clock that stamped this is more than 30 days off: set it, then send the record with its true time.",
            errors=[pointer],
        )
    skew = clock_skew(**times)
    return [] if skew is None else [skew]


def check_interval(occurred_at: datetime, ended_at: datetime | None) -> None:
    """Refuse an end before its start."""
    if ended_at is not None and ended_at < occurred_at:
        pointer = {"pointer": "/body/ended_at", "detail": "ended_at lies before occurred_at"}
        raise TimeOrder("ended_at lies before occurred_at: exchange or correct them.", errors=[pointer])


def question(values: Iterable[tuple[str, str, float]], *, is_confirmed: bool) -> list[str]:
    """
    Return a warning for each value outside its plausible range.

    Parameters
    ----------
    values : iterable of (pointer, name, value)
        Where the value stands, the quantity it is, and the number in that quantity's unit.
    is_confirmed : bool
        The sender says that values more than a thousand times outside are meant; without it they are refused.
    """
    doubts = [(pointer, found) for pointer, name, value in values if (found := doubt(name, value))]
    unconfirmed = [(pointer, found) for pointer, found in doubts if found.needs_confirmation]
    if unconfirmed and not is_confirmed:
        errors = [{"pointer": pointer, "detail": found.message} for pointer, found in unconfirmed]
        detail = "; ".join(found.message for _, found in unconfirmed)
        raise ImplausibleValue(f"{detail}; if it is meant, send it again with confirm set to true.", errors=errors)
    return [found.message for _, found in doubts]
