"""A sample's history as a drawing: where it was, what happened, what beam it took, how its clocks stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import Any

from app.portal import words
from lithoscope.rules.accumulation import accumulate, by_beam
from lithoscope.rules.legs import FLUENCE_UNIT, Leg

TONES = {
    "argon": "inert",
    "nitrogen": "inert",
    "carbon_dioxide": "inert",
    "dry_air": "dry",
    "air": "air",
    "vacuum": "vacuum",
    "ultra_high_vacuum": "vacuum",
    "liquid_nitrogen": "cryo",
}
LETTER_SHARE = 0.8  # [%] of the width a letter on a band takes
MARK_SHARE = 2.4  # [%] of the width a sign takes, for the choice of its row
ROWS = 4
HEAD, BAND, MARK, BEAM, CLOCK, CURVE, GAP, AXIS = 18, 34, 26, 14, 16, 84, 10, 26
STEPS_S = (60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000, 31536000)
MOST_TICKS = 6
_GRAVITY = ("fresh", "due", "unknown", "overdue")


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasted: a stay, a beam, a part of a clock."""

    start: datetime
    end: datetime
    tone: str
    label: str
    told: str
    y: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at one moment."""

    at: datetime
    icon: str
    tone: str
    told: str
    href: str
    y: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the drawing with the words above it."""

    label: str
    y: int
    height: int
    state: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """Cumulative fluence at one beam energy; ``points`` in thousandths of the whole time and of the lane's height."""

    label: str
    tone: str
    points: str
    is_lower_bound: bool


@dataclass
class Drawing:
    """
    Everything the template draws; positions along time are shares [%] of the window.

    Parameters
    ----------
    first, last : datetime
        The whole of the history.
    start, end : datetime
        The window shown at first.
    """

    first: datetime
    last: datetime
    start: datetime
    end: datetime
    height: int = 0
    lanes: list[Lane] = field(default_factory=list)
    bands: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    beams: list[Bar] = field(default_factory=list)
    clocks: list[Bar] = field(default_factory=list)
    bounds: list[Bar] = field(default_factory=list)
    curves: list["CurveLane"] = field(default_factory=list)
    now: datetime | None = None

    def x(self, at: datetime) -> str:
        """Return where a moment stands, in percent of the window."""
        return f"{100 * (at - self.start) / (self.end - self.start):.4f}"

    def width(self, bar: Bar) -> str:
        """Return how wide something that lasted is, in percent of the window."""
        return f"{100 * (bar.end - bar.start) / (self.end - self.start):.4f}"

    @property
    def edge(self) -> datetime:
        """Return up to where something is known: now, when that is drawn."""
        return self.now or self.last

    @property
    def whole_share(self) -> str:
        """Return how wide the whole history is, in percent of the window."""
        return f"{100 * (self.last - self.first) / (self.end - self.start):.4f}"

    def has(self, tone: str) -> bool:
        """Say whether a band of this tone is drawn."""
        return any(band.tone == tone for band in self.bands)

    def ticks(self) -> list[tuple[datetime, str]]:
        """Return the moments written along the axis of the first window."""
        return ticks(self.start, self.end)


@dataclass(frozen=True, slots=True)
class CurveLane:
    """The cumulative fluences of one kind of beam on one logarithmic axis."""

    y: int
    unit: str
    decades: tuple[tuple[int, str], ...]
    curves: tuple[Curve, ...]


def milliseconds(at: datetime) -> int:
    """Return a moment as scripts count it."""
    return round(at.timestamp() * 1000)


def ticks(start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """Return round moments within a window, at most `MOST_TICKS`, each with its words."""
    span_s = (end - start).total_seconds()
    step_s = next((step for step in STEPS_S if span_s / step <= MOST_TICKS), STEPS_S[-1] * ceil(span_s / STEPS_S[-1]))
    first = ceil(start.timestamp() / step_s) * step_s
    form = "%H:%M" if step_s < 43200 else "%Y-%m-%d"
    moments = [datetime.fromtimestamp(first + i * step_s, UTC) for i in range(MOST_TICKS + 1)]
    return [
        (at, at.strftime("%d %b %H:%M" if at.hour == 0 and form == "%H:%M" else form)) for at in moments if at < end
    ]


def draw(
    *, stays: Sequence[Any], events: Sequence[Mark], legs: Sequence[Leg], clocks: Sequence[Any], now: datetime
) -> Drawing | None:
    """
    Lay out a history.

    Parameters
    ----------
    stays : sequence of lithoscope.rules.chain.Stay
        Where the sample was, gaps among them.
    events : sequence of Mark
        What happened; rows are chosen here.
    legs : sequence of Leg
        What beams it took.
    clocks : sequence of lithoscope.rules.shelf_life.Clock
        How its clocks stand.
    now : datetime
        The present moment, or the one asked about.

    Returns
    -------
    drawing : Drawing or None
        None when nothing has a moment yet.
    """
    moments = [*(stay.start for stay in stays), *(mark.at for mark in events), *(leg.started_at for leg in legs)]
    if not moments:
        return None
    made = _window(moments, stays, legs, clocks, now=now)
    made.now = now if made.first <= now <= made.last else None
    y = _bands(made, stays, 0)
    y = _events(made, events, y)
    y = _beams(made, legs, y)
    y = _clocks(made, clocks, y)
    y = _curves(made, legs, y)
    made.height = y + AXIS
    return made


def _window(
    moments: Sequence[datetime], stays: Sequence[Any], legs: Sequence[Leg], clocks: Sequence[Any], *, now: datetime
) -> Drawing:
    """Choose the whole, and for the first look the part in which things happened and fall due."""
    ends = [stay.end for stay in stays if stay.end is not None] + [leg.ended_at for leg in legs if leg.ended_at]
    begun = min(moments)
    happened = max([*moments, *(end for end in ends if end < now)])
    falling = [at for clock in clocks for at in (clock.due_at, clock.overdue_at) if at is not None and at > begun]
    last = max([now, happened, *(at for at in falling if at - begun < 4 * (max(now, happened) - begun))])
    busy = max([happened, *(at for at in falling if at - begun < 4 * (happened - begun) + timedelta(hours=1))])
    busy = min(busy, last)
    whole = max(last - begun, timedelta(minutes=1))
    first, last = begun - 0.02 * whole, begun + 1.06 * whole
    part = max(busy - begun, timedelta(minutes=1))
    if part > whole / 3:
        return Drawing(first, last, first, last)
    return Drawing(first, last, max(first, begun - 0.03 * part), min(last, begun + 1.1 * part))


def _lane(made: Drawing, label: str, y: int, height: int, *, state: str = "") -> int:
    """Open a lane with its words; returns where its content begins."""
    made.lanes.append(Lane(label, y + HEAD, height, state))
    return y + HEAD


def _bands(made: Drawing, stays: Sequence[Any], y: int) -> int:
    if not stays:
        return y
    top = _lane(made, "Where it was", y, BAND)
    for stay in stays:
        end = stay.end or made.edge
        share = 100 * (end - stay.start) / (made.end - made.start)
        told = " · ".join(told_of_stay(stay))
        label = _fitting(told_of_stay(stay), share)
        tone = "gap" if stay.is_gap else TONES.get(stay.atmosphere or "", "other")
        href = f"#{stay.evidence[0]}" if stay.evidence else ""
        made.bands.append(Bar(stay.start, end, tone, label, told, top, href))
    return top + BAND + GAP


def _fitting(told: Sequence[str], share: float) -> str:
    """Return as many of the words, the first ones, as a band so wide carries."""
    parts = [" · ".join(told[:count]) for count in range(len(told), 0, -1)]
    return next((text for text in parts if (len(text) + 2) * LETTER_SHARE <= share), "")


def told_of_stay(stay: Any) -> list[str]:
    """Say a stay in words: its atmosphere, temperature and place, or that nobody recorded it."""
    if stay.is_gap:
        return ["not recorded"]
    told = [words.title(stay.atmosphere) if stay.atmosphere else "Atmosphere unknown"]
    if stay.temperature_K is not None and stay.temperature_K.value is not None:
        told.append(words.celsius(stay.temperature_K.value))
    return [*told, *([stay.place] if stay.place else [])]


def _events(made: Drawing, events: Sequence[Mark], y: int) -> int:
    if not events:
        return y
    top = y + HEAD
    free_from = [float("-inf")] * ROWS
    rows = 1
    for mark in sorted(events, key=lambda mark: mark.at):
        x = 100 * (mark.at - made.start) / (made.end - made.start)
        row = next((row for row in range(ROWS) if free_from[row] <= x), ROWS - 1)
        free_from[row] = x + MARK_SHARE
        rows = max(rows, row + 1)
        made.marks.append(Mark(mark.at, mark.icon, mark.tone, mark.told, mark.href, top + row * MARK + MARK // 2))
    _lane(made, "What happened", y, rows * MARK)
    return top + rows * MARK + GAP


def _beams(made: Drawing, legs: Sequence[Leg], y: int) -> int:
    if not legs:
        return y
    top = _lane(made, "Beam on it", y, BEAM)
    for leg in legs:
        end = made.edge if leg.is_running else leg.ended_at or leg.started_at
        told = f"{words.title(leg.mode)}, {words.quantity(leg.beam_energy)}: {words.quantity(leg.fluence)}"
        told += ", running" if leg.is_running else "" if leg.ended_at else ", end not recorded"
        tone = "unknown" if leg.fluence.value is None else leg.radiation
        made.beams.append(Bar(leg.started_at, end, tone, "", told, top, f"#{leg.exposure_id}"))
    return top + BEAM + GAP


def _clocks(made: Drawing, clocks: Sequence[Any], y: int) -> int:
    for clock in clocks:
        if clock.started_at is None:
            continue
        top = _lane(made, clock.title, y, CLOCK, state=clock.state)
        course = _course(clock, made.edge)
        until = clock.stopped_at or made.last
        ends = [*(start for start, _ in course[1:]), until]
        for (start, tone), end in zip(course, ends, strict=True):
            if min(end, until) > start:
                told = f"{clock.title}: {tone} from {words.instant(start)}"
                made.clocks.append(Bar(start, min(end, until), tone, "", told, top))
        made.bounds += [
            Bar(start, start, tone, tone, f"{clock.title}: {tone} at {words.instant(start)}", top)
            for start, tone in course[1:]
        ]
        y = top + CLOCK + GAP
    return y


def _course(clock: Any, now: datetime) -> list[tuple[datetime, str]]:
    """
    Return from when on a clock is drawn as what.

    Its moments are drawn only where they lead to its present state: air, a gap or a stop decide otherwise, and then all
    of it is drawn as what it is now, so that nothing looks fresh that is not.
    """
    stated = [(clock.due_at, "due"), (clock.unknown_at, "unknown"), (clock.overdue_at, "overdue")]
    moments = sorted((max(at, clock.started_at), _GRAVITY.index(name), name) for at, name in stated if at is not None)
    course = [(clock.started_at, "fresh")]
    for at, gravity, name in moments:
        if gravity > _GRAVITY.index(course[-1][1]):
            course = [*(each for each in course if each[0] < at), (at, name)]
    present = next(name for at, name in reversed(course) if at <= now or at == clock.started_at)
    return course if present == clock.state else [(clock.started_at, clock.state)]


def _curves(made: Drawing, legs: Sequence[Leg], y: int) -> int:
    for radiation in dict.fromkeys(leg.radiation for leg in legs):
        unit = FLUENCE_UNIT[radiation]
        series = _series([leg for leg in legs if leg.radiation == radiation], unit)
        values = [value for _, _, steps in series for _, value in steps]
        if not values:
            continue
        low, high = floor(log10(min(values))) - 1, ceil(log10(max(values)) + 1e-9)
        top = _lane(made, f"Summed dose, {radiation} [{words.unit(unit)}]", y, CURVE)
        shown = range(low + 1, high + 1, max(1, ceil((high - low) / 4)))
        decades = tuple((round(CURVE * (high - power) / (high - low)), words.number(10.0**power)) for power in shown)
        curves = tuple(
            Curve(label, f"series-{index % 4}", _points(made, steps, low, high), is_bound)
            for index, (label, is_bound, steps) in enumerate(series)
            if steps
        )
        made.curves.append(CurveLane(top, words.unit(unit), decades, curves))
        y = top + CURVE + GAP
    return y


def _series(legs: Iterable[Leg], unit: str) -> list[tuple[str, bool, list[tuple[datetime, float]]]]:
    """Return the steps of the sum of each beam; a dose nobody knows makes the rest a lower bound."""
    found = []
    for members in by_beam(sorted(legs, key=lambda leg: leg.started_at)):
        sums = [accumulate([leg.fluence for leg in members[: i + 1]], unit=unit) for i in range(len(members))]
        steps = [
            (leg.ended_at or leg.started_at, one.known_part.value)
            for leg, one in zip(members, sums, strict=True)
            if one.known_part.value
        ]
        is_bound = sums[-1].total.value is None
        total = f"{'at least ' if is_bound else ''}{words.quantity(_bare(sums[-1].known_part))}"
        found.append((f"{_energy(members[0])}: {total}", is_bound, steps))
    return found


def _bare(stated: Any) -> dict[str, Any]:
    return {**stated.to_json(), "uncertainty": None}


def _energy(leg: Leg) -> str:
    energy = "beam energy unknown" if leg.beam_energy.value is None else words.quantity(leg.beam_energy)
    return f"{words.word(leg.ion_source)}, {energy}" if leg.ion_source else energy


def _points(made: Drawing, steps: Sequence[tuple[datetime, float]], low: int, high: int) -> str:
    """Return a staircase over the whole time, from below the axis to the present sum."""
    whole = made.last - made.first
    drawn: list[str] = []
    level = 1000.0
    for at, value in steps:
        x = 1000 * ((at - made.first) / whole)
        drawn.append(f"{x:.4f},{level:.2f}")
        level = 1000 * (high - log10(value)) / (high - low)
        drawn.append(f"{x:.4f},{level:.2f}")
    drawn.append(f"{1000 * ((made.edge - made.first) / whole):.4f},{level:.2f}")
    return " ".join(drawn)
