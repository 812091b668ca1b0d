"""What starts each clock, and what it waits for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lithoscope.rules.chain import MOVES, ends_at
from lithoscope.rules.custody import Happening
from lithoscope.rules.custody_state import opened_by

SHUTTLE = "inert_gas_shuttle"
LEAVES_SHUTTLE = MOVES | {"fib_milling"}
THINS = frozenset({"thin", "polish"})
LEAST_TEM_kV = 60.0
"""Below it an electron beam is that of the FIB-SEM, which looks at the lamella while it is made."""


@dataclass(frozen=True, slots=True)
class Course:
    """From when to when a clock ran, counted from what; no start when it is not recorded."""

    started_at: datetime | None
    reason: str
    decided_by: tuple[str, ...] = ()
    stopped_at: datetime | None = None


def course(starts: str, stops: str, past: Sequence[Happening], *, prepared_at: datetime | None) -> Course | None:
    """Return the course of a clock of the table; None when nothing it is about ever happened."""
    begun = _STARTS[starts](past, prepared_at)
    if begun is None or begun.started_at is None:
        return begun
    ends = [
        event for event in past if event.type in {"disposal", "titration"} and event.occurred_at >= begun.started_at
    ]
    ends += _STOPS[stops](past, begun.started_at) if stops else []
    if not ends:
        return begun
    last = min(ends, key=lambda event: event.occurred_at)
    return Course(
        begun.started_at,
        f"{begun.reason}; stopped by {last.id} ({last.type})",
        (*begun.decided_by, last.id),
        max(begun.started_at, last.occurred_at),
    )


def _opening(past: Sequence[Happening], prepared_at: datetime | None) -> Course:
    opening = opened_by(past)
    if opening is not None:
        return Course(opening.occurred_at, f"counted from {opening.id} (disassembly)", (opening.id,))
    if prepared_at is not None:
        return Course(prepared_at, "counted from the preparation of the sample")
    return Course(None, "neither a disassembly nor a preparation is recorded")


def _surface(past: Sequence[Happening], prepared_at: datetime | None) -> Course:
    renewals = [event for event in past if event.type == "surface_renewal"]
    opened = _opening(past, prepared_at)
    if not renewals:
        return opened
    last = max(renewals, key=lambda event: event.occurred_at)
    if opened.started_at is not None and opened.started_at >= last.occurred_at:
        return opened
    return Course(last.occurred_at, f"counted from {last.id} (surface renewal)", (last.id,))


def _lamella(past: Sequence[Happening], prepared_at: datetime | None) -> Course | None:  # noqa: ARG001
    millings = [event for event in past if event.type == "fib_milling"]
    thinned = [event for event in millings if THINS & {step.get("purpose") for step in event.details.get("steps", ())}]
    if thinned:
        last = max(thinned, key=lambda event: ends_at(event) or event.occurred_at)
        return Course(ends_at(last) or last.occurred_at, f"counted from {last.id} (lamella thinned)", (last.id,))
    silent = [event.id for event in millings if not event.details.get("steps")]
    if silent:
        return Course(None, f"{', '.join(silent)} does not state its steps: whether a lamella was made", tuple(silent))
    return None


def _shuttle(past: Sequence[Happening], prepared_at: datetime | None) -> Course | None:  # noqa: ARG001
    """The last unbroken wait in the shuttle; being carried in it is no wait."""
    first: Happening | None = None
    is_waiting = False
    for event in past:
        if event.type == "storage" and event.details.get("container") == SHUTTLE:
            first, is_waiting = (first if is_waiting else event), True
        elif event.type in LEAVES_SHUTTLE:
            is_waiting = False
    if first is None:
        return None
    return Course(first.occurred_at, f"counted from {first.id} (storage in the shuttle)", (first.id,))


def _milled(past: Sequence[Happening], start: datetime) -> list[Happening]:
    return [event for event in past if event.type == "fib_milling" and event.occurred_at >= start]


def _imaged(past: Sequence[Happening], start: datetime) -> list[Happening]:
    return [
        event
        for event in past
        if event.type == "exposure" and event.occurred_at >= start and _is_transmission_beam(event)
    ]


def _is_transmission_beam(event: Happening) -> bool:
    energy = event.details.get("beam_energy_kV")
    return event.details.get("beam") == "electron" and (energy is None or energy >= LEAST_TEM_kV)


def _left_shuttle(past: Sequence[Happening], start: datetime) -> list[Happening]:
    later = [event for event in past if event.occurred_at >= start and event.type in LEAVES_SHUTTLE]
    return [event for event in later if event.type != "storage" or event.details.get("container") != SHUTTLE]


_STARTS: dict[str, Callable[[Sequence[Happening], datetime | None], Course | None]] = {
    "opening": _opening,
    "surface": _surface,
    "lamella": _lamella,
    "shuttle": _shuttle,
}
_STOPS: dict[str, Callable[[Sequence[Happening], datetime], list[Happening]]] = {
    "fib_milling": _milled,
    "imaging": _imaged,
    "left_shuttle": _left_shuttle,
}
