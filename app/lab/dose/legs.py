"""From rows to legs: what the file knows is filled in, the current is calibrated, the place is looked up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.infra.clock import now
from app.infra.db.models import BeamRecord as BeamRecordRow
from app.infra.db.models import Dataset, Exposure
from lithoscope.rules.beam_calibration import NOT_CALIBRATED, BeamReading, calibrated
from lithoscope.rules.beam_coverage import BeamRecord, Stay
from lithoscope.rules.chain import WARMS_OR_COOLS, ends_at
from lithoscope.rules.custody import Happening
from lithoscope.rules.exposure_dose import ENERGY_OF, UNIT_OF, ExposureDose, Recorded, end_of, exposure_dose
from lithoscope.rules.legs import RADIATION_OF, Leg, Polygon
from lithoscope.units import Quantity, weakest

Header = Mapping[str, Any]
HIGH_VACUUM = frozenset({"vacuum", "ultra_high_vacuum"})
CHANGES_TEMPERATURE = WARMS_OR_COOLS | {"transfer"}
#: Where no beam reaches a sample, whatever vacuum it is stored in.
OUT_OF_REACH = frozenset({"glovebox", "inert_gas_shuttle", "uhv_suitcase", "dewar", "desiccator"})
BEAM_OF = {"electrons": "electron", "photons": "xray"}
CURRENT_OF = {"stem_raster": "beam_current_nA", "tem_field": "beam_current_nA", "fib": "ion_current_nA"}
#: Where a file keeps what an exposure calls otherwise: the pixel of a scanned image is its step.
HEADER_NAMES = {"step_nm": "pixel_size_nm"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The quantities an exposure is accounted with, and the readings of beam current that went into them."""

    quantities: Mapping[str, Quantity]
    reading_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accounted:
    """An exposure with its account, and where it lay."""

    exposure: Exposure
    recorded: Recorded
    dose: ExposureDose
    place_um: Polygon | None
    reading_ids: tuple[str, ...] = ()

    @property
    def leg(self) -> Leg:
        """Return it as budgets and protocols see it."""
        recorded, dose = self.recorded, self.dose
        return Leg(
            exposure_id=self.exposure.id,
            mode=recorded.mode,
            purpose=self.exposure.purpose,  # type: ignore[arg-type]  # the column holds what the schema let in
            started_at=recorded.started_at,
            ended_at=end_of(recorded, dose),
            beam_energy=dose.beam_energy,
            temperature_K=recorded.known()["temperature_K"],
            fluence=dose.recorded,
            rate=dose.rate,
            field_um=self.place_um,
            is_running=recorded.is_running,
            local_fluence=dose.local_recorded,
            ion_source=self.exposure.geometry.get("ion_source"),
            reading_ids=self.reading_ids,
        )

    @property
    def current(self) -> Quantity | None:
        """Return the current it was accounted with; None where the account needs none."""
        name = CURRENT_OF.get(self.recorded.mode)
        return None if name is None else self.recorded.known()[name]

    @property
    def doubts(self) -> list[str]:
        """Return what the calibration of its instrument leaves open."""
        note = self.current.note if self.current is not None else ""
        return [f"beam-{note[note.index(NOT_CALIBRATED) :]}"] if NOT_CALIBRATED in note else []

    @property
    def stay(self) -> Stay:
        """Return it as the records of the beam are held against it."""
        recorded, seconds = self.recorded, self.dose.beam_on_s.value
        end = end_of(recorded, self.dose)
        if recorded.is_running:
            end = recorded.started_at + timedelta(seconds=seconds or 0.0)
        return Stay(self.exposure.id, recorded.started_at, end, seconds, is_running=recorded.is_running)


def recorded_of(exposure: Exposure, conditions: Mapping[str, Quantity]) -> Recorded:
    """Return an exposure with the quantities to account with."""
    pixels = exposure.geometry.get("frame_pixels")
    return Recorded(
        mode=exposure.mode,  # type: ignore[arg-type]  # the column holds what the schema let in
        conditions=conditions,
        frames=exposure.frames,
        recorded_scans=exposure.recorded_scans,
        started_at=exposure.happened_at,
        ended_at=true_end(exposure),
        frame_pixels=(pixels[0], pixels[1]) if pixels else None,
        counted_in=exposure.geometry.get("counted_in"),
        is_running=exposure.is_running,
    )


def accounted(
    exposure: Exposure, conditions: Conditions, place_um: Polygon | None, *, at: datetime | None
) -> Accounted:
    """Account for an exposure: until a moment, else for all of it that is on record (for a running one until now)."""
    recorded = recorded_of(exposure, conditions.quantities)
    moment = now() if at is None and recorded.is_running else at
    dose = exposure_dose(recorded, at=moment)
    return Accounted(exposure, recorded, dose, place_um, conditions.reading_ids)


def header_of(dataset: Dataset | None) -> Header | None:
    """Return what a file says of its exposure; a calibration corrected later wins over its header."""
    return None if dataset is None else {**dataset.quantities, **dataset.calibration}


def with_calibrated_current(
    exposure: Exposure, conditions: Mapping[str, Quantity], readings: Sequence[BeamReading]
) -> Conditions:
    """Replace a set current by the one that the instrument's readings give it."""
    energy = conditions[ENERGY_OF[exposure.mode]]  # type: ignore[index]  # the column holds what the schema let in
    name = CURRENT_OF.get(exposure.mode)
    if name is None:
        return Conditions(conditions)
    found = calibrated(conditions[name], energy=energy, at=exposure.happened_at, readings=readings)
    return Conditions({**conditions, name: found.current}, found.reading_ids)


def filled_in(exposure: Exposure, header: Header | None) -> dict[str, Quantity]:
    """
    Return an exposure's quantities, those it leaves out taken from the header of the file it gave.

    What neither knows is unknown, with the note of the file: it names the key that was missing or zero. The frame time
    of a scanned image stays out: its dwell time says it.
    """
    found: dict[str, Quantity] = {}
    for name, unit in UNIT_OF.items():
        record = exposure.conditions.get(name)
        stated = Quantity.from_json(record) if record else Quantity.unknown(unit, "not recorded")
        found[name] = stated if stated.value is not None or not header else _from_header(name, stated, header)
    return found


def with_custody_temperature(
    exposure: Exposure, conditions: Mapping[str, Quantity], history: Iterable[Happening]
) -> Mapping[str, Quantity]:
    """
    Return quantities with the temperature that custody states of the exposure's time, where nothing else states it.

    Only a record whose own interval holds the whole exposure counts, so one whose end is not known stays without: the
    same kind of beam on the sample, a stay in vacuum where a beam can reach it, or for ions a milling. A cooling
    without end is no evidence that the sample was still cold, and a stay under gas none of one in a beam. Records that
    disagree, or after whose beginning the sample was moved, warmed or cooled, leave it unknown.
    """
    if conditions["temperature_K"].value is not None:
        return conditions
    recorded = recorded_of(exposure, conditions)
    start, end = exposure.happened_at, end_of(recorded, exposure_dose(recorded))
    if end is None:
        return conditions
    past = [event for event in history if event.occurred_at <= end]
    changed_at = max((_end(event) for event in past if event.type in CHANGES_TEMPERATURE), default=None)
    said = [
        event
        for event in past
        if event.occurred_at <= start and end <= _end(event) and _speaks_of_beam(event, exposure)
        if changed_at is None or changed_at <= event.occurred_at
    ]
    if not said:
        return conditions
    if len({event.details["temperature_K"] for event in said}) > 1:
        note = f"not recorded of the exposure, and custody disagrees: {', '.join(event.id for event in said)}"
        return {**conditions, "temperature_K": Quantity.unknown("K", note)}
    value, note = float(said[0].details["temperature_K"]), f"not recorded of the exposure; custody: {_named(said)}"
    return {**conditions, "temperature_K": Quantity(value, "K", weakest(*(event.source for event in said)), note=note)}


def _named(events: Iterable[Happening]) -> str:
    return ", ".join(f"{event.id} ({event.type})" for event in events)


def _end(event: Happening) -> datetime:
    return ends_at(event) or event.occurred_at


def _speaks_of_beam(event: Happening, exposure: Exposure) -> bool:
    """Say whether an event states the temperature of the sample in such a beam."""
    if event.details.get("temperature_K") is None:
        return False
    if event.type == "storage":
        return event.details.get("atmosphere") in HIGH_VACUUM and event.details.get("container") not in OUT_OF_REACH
    radiation = RADIATION_OF[exposure.mode]  # type: ignore[index]  # the column holds what the schema let in
    if radiation == "ions":
        return event.type == "fib_milling"
    return event.type == "exposure" and event.details.get("beam") == BEAM_OF[radiation]


def _from_header(name: str, stated: Quantity, header: Header) -> Quantity:
    record = header.get(HEADER_NAMES.get(name, name))
    if record is None or record.get("unit") != stated.unit:
        return stated
    value = record["value"]
    if value is not None and value > 0:
        return Quantity.from_json(record)
    note = record.get("note") or "the file does not say"
    return Quantity.unknown(stated.unit, note if value is None else f"{note}; the header says zero")


def true_end(exposure: Exposure) -> datetime | None:
    """Return the end, put on the service's clock, as the beginning was."""
    if exposure.ended_at is None:
        return None
    return exposure.ended_at + (exposure.happened_at - exposure.occurred_at)


def beam_records_of(rows: Iterable[BeamRecordRow], *, until: datetime | None = None) -> list[BeamRecord]:
    """Return stored records of the beam as the rules take them, cut at a moment if one is named."""
    return [
        BeamRecord(
            kind=row.kind,  # type: ignore[arg-type]  # the column holds what the schema let in
            start=row.from_at,
            end=row.to_at if until is None else min(row.to_at, until),
            on=tuple(
                _cut(datetime.fromisoformat(start), datetime.fromisoformat(end), until) for start, end in row.intervals
            ),
            covers=frozenset(row.covers),
        )
        for row in rows
    ]


def _cut(start: datetime, end: datetime, until: datetime | None) -> tuple[datetime, datetime]:
    return (start, end) if until is None else (min(start, until), min(end, until))


def polygon_of(points: Sequence[Sequence[float]] | None) -> Polygon | None:
    """Return a stored polygon as the rules take it."""
    return None if points is None else tuple((float(x), float(y)) for x, y in points)
