"""The record of a sample as protocols read it: its events, its exposures, its history as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import inf
from typing import Any, Protocol

from lithoscope.rules.custody import Happening
from lithoscope.rules.exposure_facts import exposure_fact
from lithoscope.rules.facts import UNKNOWN, Element, Fact, between, number, text
from lithoscope.rules.legs import Leg

FIELDS = (
    "atmosphere",
    "container",
    "method",
    "ion_source",
    "cap_layer",
    "material",
    "process",
    "solvent",
    "support",
    "holder",
    "beam",
)
NUMBERS = (
    "o2_ppm",
    "h2o_ppm",
    "temperature_K",
    "pressure_Pa",
    "duration_s",
    "thickness_nm",
    "ion_energy_kV",
    "pulse_energy_pJ",
)
A_MOMENT_S = 1e-3  # in air, nobody says how long: longer than nothing
LAST_STEP = {
    "last_step_current_nA": "ion_current_nA",
    "last_step_energy_kV": "ion_energy_kV",
    "last_step_thickness_nm": "thickness_nm",
}


class SpecimenLike(Protocol):
    """What a protocol must know of the sample itself."""

    @property
    def material(self) -> str | None:
        """Return what it is made of, in the facility's words."""

    @property
    def electrolyte(self) -> str | None:
        """Return what it was cycled in."""

    @property
    def prepared_at(self) -> datetime | None:
        """Return when it was made, where no cell was opened."""


class CoverageLike(Protocol):
    """Whether the recorded exposures are all the beam there was."""

    @property
    def is_complete(self) -> bool:
        """Say whether logs or a person answer for all of it."""


@dataclass(frozen=True, slots=True)
class Record:
    """Everything recorded of a sample until a moment, oldest first."""

    specimen: SpecimenLike
    history: tuple[Happening, ...]
    legs: tuple[Leg, ...]
    is_beam_accounted: bool
    at: datetime
    judged: frozenset[str] | None = None

    @classmethod
    def until(
        cls,
        at: datetime,
        *,
        specimen: SpecimenLike,
        history: Iterable[Happening],
        legs: Iterable[Leg],
        coverage: CoverageLike | None,
        judged: frozenset[str] | None = None,
    ) -> "Record":
        """
        Take what happened until a moment, that moment included.

        Of its exposures rules look at those ``judged`` (all when None); the others only add to the dose of their place.
        """
        past = sorted((event for event in history if event.occurred_at <= at), key=lambda event: event.occurred_at)
        begun = sorted((leg for leg in legs if leg.started_at <= at), key=lambda leg: leg.started_at)
        return cls(specimen, tuple(past), tuple(begun), coverage is not None and coverage.is_complete, at, judged)

    def events(self, types: Sequence[str]) -> list[Element]:
        """Return its events of some types; of any when none is named."""
        return [_event(event) for event in self.history if not types or event.type in types]

    def exposures(self, modes: Sequence[str]) -> list[Element]:
        """Return its exposures of some modes; of any when none is named."""
        return [self._exposure(leg) for leg in self._judged_legs() if not modes or leg.mode in modes]

    def whole(self) -> Element:
        """Return its history as one thing."""
        return Element((), "the history", self.at, lambda name: history_fact(name, self))

    def starts(self, landmark: str) -> list[datetime]:
        """Return when events of a type began; of ``imaging``, exposures to electrons or X-rays."""
        if landmark == "imaging":
            return [leg.started_at for leg in self._judged_legs() if leg.mode != "fib"]
        return [event.occurred_at for event in self.history if event.type == landmark]

    def _judged_legs(self) -> list[Leg]:
        return [leg for leg in self.legs if self.judged is None or leg.exposure_id in self.judged]

    def _exposure(self, leg: Leg) -> Element:
        label = f"exposure {leg.exposure_id} ({leg.mode})"
        return Element((leg.exposure_id,), label, leg.started_at, cache(lambda name: exposure_fact(name, leg, self)))


def event_fact(name: str, event: Happening) -> Fact:
    """Return a fact of one event."""
    details: Mapping[str, Any] = event.details
    if name in {"type", "place"}:
        return text(getattr(event, name))
    if name in FIELDS:
        return text(details.get(name))
    if name == "air_exposure_s":
        return _air(event)
    if name in NUMBERS:
        return number(details.get(name))
    if name == "interval_s":
        ended_at = event.ended_at
        return UNKNOWN if ended_at is None else number((ended_at - event.occurred_at).total_seconds())
    steps: Sequence[Mapping[str, Any]] = details.get("steps") or ()
    if name == "largest_current_nA":
        return _largest(step.get("ion_current_nA") for step in steps)
    return number(steps[-1].get(LAST_STEP[name])) if steps else UNKNOWN


def history_fact(name: str, record: Record) -> Fact:
    """Return a fact of the history as a whole."""
    if name in {"material", "electrolyte"}:
        return text(getattr(record.specimen, name))
    if name == "beam_accounted":
        return text("yes" if record.is_beam_accounted else None)
    if name == "air_exposure_s":
        return _seconds_in_air(record)
    return _hours_to_milling(record, from_surface=name == "hours_surface_to_milling")


def _event(event: Happening) -> Element:
    kind = event.details.get("method") or event.details.get("ion_source")
    label = f"{event.type} {event.id}" + (f" ({kind})" if isinstance(kind, str) else "")
    return Element((event.id,), label, event.occurred_at, lambda name: event_fact(name, event))


def _air(event: Happening) -> Fact:
    """Return the seconds in air an event states; one in air that states none was in air for as long as it lasted."""
    stated = number(event.details.get("air_exposure_s"))
    if stated.is_known or event.details.get("atmosphere") != "air":
        return stated
    lasted = event_fact("interval_s", event)
    return lasted if lasted.is_known and lasted.lower > 0 else between(A_MOMENT_S, inf)


def _largest(values: Iterable[object]) -> Fact:
    facts = [number(value) for value in values]
    if not facts:
        return between(0.0, inf)
    largest = max((fact.lower for fact in facts if fact.is_known), default=0.0)
    return between(largest, largest if all(fact.is_known for fact in facts) else inf)


def _seconds_in_air(record: Record) -> Fact:
    transfers = [event for event in record.history if event.type == "transfer"]
    stated = [_air(event) for event in transfers]
    least = sum(max(0.0, fact.lower) for fact in stated)
    is_whole = bool(stated) and all(fact.is_known for fact in stated)
    ids = [event.id for event, fact in zip(transfers, stated, strict=True) if fact.lower > 0]
    return between(least, least if is_whole else inf, *ids)


def _hours_to_milling(record: Record, *, from_surface: bool) -> Fact:
    """Return the hours a sample lay open before milling, else before imaging; until now and growing before both."""
    milled = [(event.occurred_at, event.id) for event in record.history if event.type == "fib_milling"]
    imaged = [(leg.started_at, leg.exposure_id) for leg in record.legs if leg.mode != "fib"]
    until, ended_by = next(iter(milled or imaged), (record.at, ""))
    start, decided_by = _opening(record, until, from_surface=from_surface)
    if start is None:
        return between(0.0, inf)
    hours = (until - start).total_seconds() / 3600
    return between(hours, hours if ended_by else inf, *decided_by, *filter(None, (ended_by,)))


def _opening(record: Record, until: datetime, *, from_surface: bool) -> tuple[datetime | None, tuple[str, ...]]:
    before = [event for event in record.history if event.occurred_at <= until]
    if from_surface and (renewals := [event for event in before if event.type == "surface_renewal"]):
        return renewals[-1].occurred_at, (renewals[-1].id,)
    if openings := [event for event in before if event.type == "disassembly"]:
        return openings[0].occurred_at, (openings[0].id,)
    return record.specimen.prepared_at, ()
