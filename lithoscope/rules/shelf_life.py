"""Shelf-life clocks: they run from disassembly or preparation unless arrest is evidenced; air ends all patience."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from lithoscope.rules.arrest import Arrest, arrests, elapsed_s, moment_after, told
from lithoscope.rules.chain import SHORT_GAP_S, Stay, chain, chronological, gaps
from lithoscope.rules.clock_starts import Course, course
from lithoscope.rules.custody import Happening
from lithoscope.rules.custody_state import AirExposure, air_events, silent_transfers, since
from lithoscope.rules.inventory_loss import LossEstimate, loss_estimates, storage_window
from lithoscope.rules.shelf_tables import ClockRow, Window, clock_rows, electrolyte_row, stable_materials
from lithoscope.rules.storage_loss import MeasuredLoss
from lithoscope.wording import seconds

ClockState = Literal["fresh", "due", "overdue", "unknown"]
HORIZON = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Specimen:
    """
    What the clocks must know of a sample.

    Parameters
    ----------
    material : str
        One of the facility's materials.
    electrolyte : str or None
        As people write it; None when not recorded, or when there was none.
    prepared_at : datetime or None
        When it was made; starts the clocks of a sample that no cell was opened for.
    capacity_mAh_per_cm2 : float or None
        Lithium per area, to give losses as capacity.
    """

    material: str
    electrolyte: str | None = None
    prepared_at: datetime | None = None
    capacity_mAh_per_cm2: float | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """
    One clock of a sample at a moment.

    Parameters
    ----------
    name, title : str
        ``fib_start``, ``storage``, ``surface``, ``imaging`` or ``shuttle``, and in words.
    state : {"fresh", "due", "overdue", "unknown"}
        Unknown is never shown as fine.
    started_at, stopped_at : datetime or None
        When it began; when what it waits for happened, after which it is judged once and for all.
    elapsed_s : float or None
        Time it ran; arrested time does not count.
    is_running : bool
        Neither stopped nor arrested.
    due_at, overdue_at : datetime or None
        When it will be, or was; None once stopped, and while it is arrested without end.
    unknown_at : datetime or None
        When nobody's having recorded where the sample is will make it unknown.
    is_final : bool
        No time that passes changes its state: stopped, spoilt by air, without a start, or arrested without end.
    reason : str
        What it is counted from and what decides its state; names the events.
    citation : str
        Where its window comes from.
    decided_by : tuple of str
        The events that decide it.
    loss : tuple of LossEstimate
        Lithium lost so far, of the storage clock.
    """

    name: str
    title: str
    state: ClockState
    reason: str
    citation: str
    is_final: bool
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    elapsed_s: float | None = None
    is_running: bool = False
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    unknown_at: datetime | None = None
    decided_by: tuple[str, ...] = ()
    loss: tuple[LossEstimate, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """What every clock of a sample is judged by: its history until ``at``, and its stays as they will go on."""

    specimen: Specimen
    at: datetime
    past: Sequence[Happening]
    stays: Sequence[Stay]
    arrests: Sequence[Arrest]
    measured: Sequence[MeasuredLoss]


def clocks(
    history: Iterable[Happening], *, specimen: Specimen, at: datetime, measured: Sequence[MeasuredLoss] = ()
) -> tuple[Clock, ...]:
    """Return every clock of a sample at a moment; none for a material a source calls stable."""
    if specimen.material in stable_materials():
        return ()
    past = chronological(history, until=at)
    horizon = at + HORIZON
    stays = chain(past, at=horizon)
    case = _Case(specimen, at, past, stays, arrests(stays, until=horizon), measured)
    rows = [row for row in clock_rows() if specimen.material in row.materials]
    if not rows:
        return (_untabulated(),)
    return tuple(clock for row in rows if (clock := _clock(row, case)) is not None)


def state_of(clock: Clock, at: datetime) -> ClockState:
    """Return the state of a clock at a later moment until which nothing was recorded."""
    if clock.is_final:
        return clock.state
    if clock.overdue_at is not None and at >= clock.overdue_at:
        return "overdue"
    if clock.unknown_at is not None and at >= clock.unknown_at:
        return "unknown"
    return "due" if clock.due_at is not None and at >= clock.due_at else "fresh"


def _clock(row: ClockRow, case: _Case) -> Clock | None:
    run = course(row.starts, row.stops, case.past, prepared_at=case.specimen.prepared_at)
    if run is None:
        return None
    window = _window(row, case)
    clock = _started(row, window, run, case) if run.started_at is not None else _unstarted(row, window, run)
    return _with_loss(clock, case) if row.name == "storage" else clock


def _window(row: ClockRow, case: _Case) -> Window:
    known = electrolyte_row(case.specimen.electrolyte)
    window = row.low_efficiency if known is not None and known.has_low_efficiency and row.low_efficiency else row.window
    if row.name != "storage":
        return window
    return storage_window(case.specimen.material, case.specimen.electrolyte, window, case.measured)


def _started(row: ClockRow, window: Window, run: Course, case: _Case) -> Clock:
    start, end = run.started_at or case.at, min(run.stopped_at or case.at, case.at)
    is_stopped = run.stopped_at is not None
    due_at = moment_after(start, window.due_h * 3600, case.arrests)
    overdue_at = moment_after(start, window.overdue_h * 3600, case.arrests)
    arrest = next((each for each in case.arrests if each.start <= case.at < each.end), None)
    held = [each for each in case.arrests if each.end > start and each.start < end]
    clock = Clock(
        name=row.name,
        title=row.title,
        state="fresh",
        started_at=start,
        stopped_at=run.stopped_at,
        elapsed_s=elapsed_s(start, end, case.arrests),
        is_running=not is_stopped and arrest is None,
        due_at=due_at,
        overdue_at=overdue_at,
        unknown_at=None if is_stopped else _left_open_at(start, case),
        is_final=False,
        reason="; ".join([run.reason, *told(held)]),
        citation=window.citation,
        decided_by=tuple(dict.fromkeys([*run.decided_by, *(event for each in held for event in each.evidence)])),
    )
    return _judged(clock, start, end, case)


def _judged(clock: Clock, start: datetime, end: datetime, case: _Case) -> Clock:
    """Air first, then time, then what nobody recorded."""
    if air := _first_air(start, end, case):
        return _spoilt(clock, air)
    if clock.overdue_at is None or end < clock.overdue_at:
        open_question = _open_question(start, end, case)
        if open_question is not None:
            reason, events = open_question
            decided_by = tuple(dict.fromkeys([*clock.decided_by, *events]))
            clock = replace(clock, unknown_at=end, reason=f"{clock.reason}; {reason}", decided_by=decided_by)
    clock = replace(clock, state=state_of(clock, end))
    never = clock.due_at is None and clock.overdue_at is None and clock.unknown_at is None
    if clock.stopped_at is not None:
        in_time: ClockState = "fresh" if clock.state == "due" else clock.state
        return replace(clock, state=in_time, due_at=None, overdue_at=None, unknown_at=None, is_final=True)
    return replace(clock, is_final=never)


def _spoilt(clock: Clock, air: AirExposure) -> Clock:
    long = "for a time nobody stated" if air.seconds.value is None else f"for {seconds(air.seconds.value)}"
    return replace(
        clock,
        state="overdue",
        due_at=None if clock.stopped_at else air.started_at,
        overdue_at=None if clock.stopped_at else air.started_at,
        unknown_at=None,
        is_final=True,
        reason=f"in air {long}: {air.event_id} ({air.type}); {clock.reason}",
        decided_by=tuple(dict.fromkeys([air.event_id, *clock.decided_by])),
    )


def _first_air(start: datetime, end: datetime, case: _Case) -> AirExposure | None:
    until_now = air_events(case.past, at=case.at)
    for air, going_on in zip(until_now, air_events(case.past, at=case.at + HORIZON), strict=True):
        ended_at = air.started_at + timedelta(seconds=going_on.seconds.value or 0.0)
        if air.started_at <= end and (air.started_at >= start or ended_at > start):
            return air
    return None


def _open_question(start: datetime, end: datetime, case: _Case) -> tuple[str, tuple[str, ...]] | None:
    """Return what nobody recorded between two moments, so that air cannot be excluded, and the events it hangs on."""
    silent = [event for event in silent_transfers(case.past) if start <= event.occurred_at <= end]
    if silent:
        names = tuple(event.id for event in silent)
        return f"time in air is not stated by {', '.join(names)}", names
    cut = [replace(stay, end=min(stay.end, end)) for stay in since(case.stays, start) if stay.start < end]
    unseen = gaps(cut)
    if unseen:
        first = unseen[0]
        return f"nobody recorded where it was from {_words(first.start)} to {_words(first.end)}", ()
    recorded_from = case.stays[0].start if case.stays else end
    if (min(recorded_from, end) - start).total_seconds() > SHORT_GAP_S:
        return f"nothing is recorded between its start and {_words(min(recorded_from, end))}", ()
    return None


def _left_open_at(start: datetime, case: _Case) -> datetime | None:
    """Return when the records of the present run out, plus the time that handling takes."""
    last = case.stays[-1] if case.stays else None
    if last is None:
        return start + timedelta(seconds=SHORT_GAP_S)
    if not last.is_gap or last.end < case.at:
        return None
    return max(last.start, start) + timedelta(seconds=SHORT_GAP_S)


def _unstarted(row: ClockRow, window: Window, run: Course) -> Clock:
    return Clock(
        row.name,
        row.title,
        state="unknown",
        reason=run.reason,
        citation=window.citation,
        is_final=True,
        decided_by=run.decided_by,
    )


def _untabulated() -> Clock:
    return Clock(
        "storage",
        "Storage",
        state="unknown",
        reason="no shelf life is tabulated for this material",
        citation="no source known to the facility",
        is_final=True,
    )


def _with_loss(clock: Clock, case: _Case) -> Clock:
    if clock.elapsed_s is None:
        return clock
    estimates = loss_estimates(
        material=case.specimen.material,
        electrolyte=case.specimen.electrolyte,
        capacity_mAh_per_cm2=case.specimen.capacity_mAh_per_cm2,
        hours=clock.elapsed_s / 3600,
        measured=case.measured,
    )
    return replace(clock, loss=estimates)


def _words(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
