"""When the beam was on, and whether anybody answers for all of it: a complete dose or a lower bound."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from lithoscope.units import Quantity

RecordKind = Literal["valve_log", "blanker_log", "operator"]
BeamKind = Literal["search", "focus", "flyback", "parked"]
BEAM_KINDS: tuple[BeamKind, ...] = ("search", "focus", "flyback", "parked")
BEFORE: frozenset[BeamKind] = frozenset({"search", "focus"})
"""Beam that comes before an exposure: a record that begins with the exposure says nothing of it."""
LOGS: frozenset[RecordKind] = frozenset({"valve_log", "blanker_log"})
BOUND = ": the dose is a lower bound"  # how a note of reasons ends
SLACK_S = 0.5  # what a log's own clock and its switching leave open; still reported, never called a gap
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class BeamRecord:
    """
    What a log or a person says about the beam within an interval.

    Parameters
    ----------
    kind : {"valve_log", "blanker_log", "operator"}
        A log answers for every kind of beam; a person for those named in `covers`.
    start, end : datetime
        The interval the record speaks of.
    on : tuple of (datetime, datetime)
        When the beam was on: of a log all of it, of a person's declaration the beam beside the recorded exposures.
    covers : frozenset of {"search", "focus", "flyback", "parked"}
        The beam it answers for.
    """

    kind: RecordKind
    start: datetime
    end: datetime
    on: tuple[Span, ...] = ()
    covers: frozenset[BeamKind] = frozenset()

    @property
    def answers_for(self) -> frozenset[BeamKind]:
        """Return the kinds of beam it answers for."""
        return frozenset(BEAM_KINDS) if self.kind in LOGS else self.covers


@dataclass(frozen=True, slots=True)
class Stay:
    """
    One recorded exposure, as far as the clock goes.

    Parameters
    ----------
    exposure_id : str
        Names it in the note.
    start : datetime
        When it began.
    end : datetime or None
        When it ended, of a running one the present; None when not recorded and not to be computed from its frames.
    frames_s : float or None
        How long its recorded frames had the beam on [s]; None when not known.
    is_running : bool
        The beam is still on.
    """

    exposure_id: str
    start: datetime
    end: datetime | None
    frames_s: float | None
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """
    Whether the recorded exposures are all the beam a sample took.

    Parameters
    ----------
    is_complete : bool
        Every stay lies within records that answer for every kind of beam, and no beam is left over. Otherwise the
        recorded dose is a lower bound.
    uncovered : tuple of {"search", "focus", "flyback", "parked"}
        Kinds of beam nobody answers for before or during some stay.
    unaccounted_s : Quantity
        Time the beam was on, by the records, beyond the recorded frames [s]; unknown without records.
    note : str
        The reasons, in words.
    """

    is_complete: bool
    uncovered: tuple[BeamKind, ...]
    unaccounted_s: Quantity
    note: str

    @property
    def is_lower_bound(self) -> bool:
        """Say whether the sample may have taken more than is recorded."""
        return not self.is_complete

    @property
    def reasons(self) -> str:
        """Return the reasons alone, for where it is said already that the dose is a lower bound."""
        return self.note.removesuffix(BOUND)


def coverage(stays: Sequence[Stay], records: Sequence[BeamRecord], *, told: Sequence[Span] = ()) -> Coverage:
    """
    Hold the recorded exposures against the records of the beam.

    Parameters
    ----------
    stays : sequence of Stay
        The recorded exposures.
    records : sequence of BeamRecord
        Logs and declarations.
    told : sequence of (datetime, datetime)
        Times at which custody has a beam on the sample; those that meet no stay are beam nobody accounted for.

    Returns
    -------
    coverage : Coverage
        Complete, or a lower bound and why.

    Notes
    -----

    A log shows all time with the beam on: what exceeds the frames of the stays it meets is unaccounted (flyback, a
    parked beam, search). Where two logs overlap, time counts as on only once. A person declares the beam beside the
    recorded exposures: what of it lies outside every stay is unaccounted. Search and focus come before an exposure:
    only a record that began more than `SLACK_S` before it answers for them. A running exposure counts as beam on
    without pause, so nothing needs to answer for flyback and a parked beam; search and focus before it are asked for.
    """
    strange = sum(not any(_meet(span, _span(stay)) for stay in stays) for span in told)
    if not stays and not strange and not any(record.on for record in records):
        nothing = Quantity(0.0, "s", "assumed", note="nobody recorded a beam on this sample")
        return Coverage(is_complete=True, uncovered=(), unaccounted_s=nothing, note="no stay of a beam is recorded")
    past = [stay for stay in stays if not stay.is_running]
    uncovered = tuple(kind for kind in BEAM_KINDS if not _is_covered(stays, records, kind))
    balance = _balance(stays, records)
    reasons = [f"no record answers for the beam of {', '.join(uncovered)} with every exposure"] if uncovered else []
    if strange:
        times = "1 time" if strange == 1 else f"{strange} times"
        reasons.append(f"custody has a beam on the sample {times} without a recorded exposure")
    reasons += _reasons(past, balance)
    note = "; ".join(reasons)
    return Coverage(
        is_complete=not reasons,
        uncovered=uncovered,
        unaccounted_s=_seconds_left(balance, records),
        note=f"{note}{BOUND}" if note else "every stay lies within records of the beam",
    )


@dataclass(frozen=True, slots=True)
class _Balance:
    """Beam beyond the frames [s], frames beyond the logged beam [s], and stays whose frames do not say their time."""

    left_s: float
    missing_s: float
    timeless: int


def _reasons(past: Sequence[Stay], balance: _Balance) -> list[str]:
    endless = sum(stay.end is None for stay in past)
    reasons = []
    if endless:
        reasons.append(f"{_exposures(endless)} not say when {'it' if endless == 1 else 'they'} ended")
    if balance.timeless:
        reasons.append(f"{_exposures(balance.timeless, ' within a log')} not say how long the frames took")
    if balance.left_s > SLACK_S:
        reasons.append(f"the beam was on for {balance.left_s:g} s beyond the recorded frames")
    if balance.missing_s > SLACK_S:
        reasons.append(f"a log has the beam on for {balance.missing_s:g} s less than the frames took")
    return reasons


def _exposures(count: int, which: str = "") -> str:
    return f"1 exposure{which} does" if count == 1 else f"{count} exposures{which} do"


def _seconds_left(balance: _Balance, records: Sequence[BeamRecord]) -> Quantity:
    if not records:
        return Quantity.unknown("s", "no record says when the beam was on")
    if balance.timeless and balance.left_s <= SLACK_S:
        return Quantity.unknown(
            "s", f"{_exposures(balance.timeless, ' within a log')} not say how long the frames took"
        )
    return Quantity(balance.left_s, "s", "measured" if all(record.kind in LOGS for record in records) else "user")


def _is_covered(stays: Iterable[Stay], records: Iterable[BeamRecord], kind: BeamKind) -> bool:
    windows = _merged((record.start, record.end) for record in records if kind in record.answers_for)
    return all(any(_answers(window, stay, kind) for window in windows) for stay in stays if _asks_for(stay, kind))


def _asks_for(stay: Stay, kind: BeamKind) -> bool:
    return kind in BEFORE or not stay.is_running


def _answers(window: Span, stay: Stay, kind: BeamKind) -> bool:
    start, end = window
    reaches_back = start < stay.start - timedelta(seconds=SLACK_S) if kind in BEFORE else start <= stay.start
    return reaches_back and (stay.start if stay.is_running else _span(stay)[1]) <= end


def _balance(stays: Sequence[Stay], records: Sequence[BeamRecord]) -> _Balance:
    """Weigh the time the beam was on against the time the recorded frames took."""
    logs = [record for record in records if record.kind in LOGS]
    logged = _merged(span for record in logs for span in record.on)
    windows = _merged((record.start, record.end) for record in logs)
    declared = _merged(span for record in records if record.kind not in LOGS for span in record.on)
    met = _merged(_span(stay) for stay in stays)
    left = _seconds(_without(_merged([*logged, *declared]), met))
    missing, timeless = 0.0, 0
    for group in met:
        members = [stay for stay in stays if group[0] <= stay.start <= group[1]]
        on = _seconds(_within(logged, group))
        silent = sum(stay.frames_s is None for stay in members)
        if silent:
            timeless += silent if on else 0
            continue
        frames = sum(stay.frames_s or 0.0 for stay in members)
        left += max(0.0, on - frames)
        if any(start <= group[0] and group[1] <= end for start, end in windows):
            missing += max(0.0, frames - on)
    return _Balance(left, missing, timeless)


def _meet(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _span(stay: Stay) -> Span:
    return stay.start, stay.end or stay.start


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _within(spans: Iterable[Span], window: Span) -> list[Span]:
    cut = [(max(start, window[0]), min(end, window[1])) for start, end in spans]
    return [(start, end) for start, end in cut if start < end]


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    kept: list[Span] = []
    for start, end in spans:
        at = start
        for hole_start, hole_end in holes:
            if hole_end <= at or hole_start >= end:
                continue
            if at < hole_start:
                kept.append((at, hole_start))
            at = max(at, hole_end)
        if at < end:
            kept.append((at, end))
    return kept


def _seconds(spans: Iterable[Span]) -> float:
    return sum((end - start).total_seconds() for start, end in spans)
