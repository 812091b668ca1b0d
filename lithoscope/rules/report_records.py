"""Custody events and legs of dose as the records of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lithoscope.rules.custody import Happening
from lithoscope.rules.legs import Leg
from lithoscope.rules.report import Moment, Record, Value
from lithoscope.units import Quantity, Source

UNIT_OF_SUFFIX = {
    "_K": "K",
    "_kV": "kV",
    "_keV": "keV",
    "_nA": "nA",
    "_nm": "nm",
    "_um": "um",
    "_s": "s",
    "_ppm": "ppm",
    "_Pa": "Pa",
    "_percent": "%",
    "_umol": "umol",
    "_mg": "mg",
    "_mL": "mL",
    "_mAh_per_cm2": "mAh/cm^2",
}


def event_record(event: Happening, number: int) -> Record:
    """
    Return a custody event as a record.

    Numbers become quantities by the unit in their name. Steps of milling become ``steps.1.ion_current_nA`` and so on;
    ``ion_currents`` and ``ion_energies`` are there only when every step states its own.
    """
    ended_at = None if event.ended_at is None else Moment(event.ended_at)
    fields: dict[str, Value] = {"type": event.type, "occurred_at": Moment(event.occurred_at), "ended_at": ended_at}
    fields["duration"] = _duration(event.occurred_at, event.ended_at, event.source)
    fields["place"] = event.place
    for name, value in event.details.items():
        if name != "steps":
            fields["renewal" if (event.type, name) == ("surface_renewal", "process") else name] = _value(
                name, value, event.source
            )
    if event.type == "fib_milling":
        fields.update(_milling(event))
    return Record(event.id, "custody_event", event.type, fields, event.occurred_at, event.ended_at, number)


def lasting(record: Record, until: datetime, *, at: datetime, source: Source) -> Record:
    """
    Return the record of a storage without end with the time it has lasted.

    Parameters
    ----------
    record : Record
        The storage.
    until : datetime
        When the next record moved the sample; ``at`` when none did, and the storage is open.
    at : datetime
        Until when history counts.
    source : Source
        Of the storage.
    """
    more: dict[str, Value] = {"duration": _duration(record.started_at or at, until, source), "is_open": until >= at}
    return replace(record, fields={**record.fields, **more})


def exposure_record(
    leg: Leg, number: int, *, conditions: Mapping[str, Quantity], more: Mapping[str, Value] | None = None
) -> Record:
    """
    Return an exposure with its dose as a record.

    Parameters
    ----------
    leg : Leg
        The exposure, calibrated and summed.
    number : int
        Its place in the table.
    conditions : mapping of str to Quantity
        What was recorded of it, by name.
    more : mapping, optional
        What else to state: instrument, region, counts of frames.
    """
    fields: dict[str, Value] = {
        **conditions,
        "mode": leg.mode,
        "purpose": leg.purpose,
        "beam_energy": leg.beam_energy,
        "temperature_K": leg.temperature_K,
        "fluence": leg.fluence,
        "rate": leg.rate,
        "duration": _duration(leg.started_at, leg.ended_at, "user"),
        "field": outline(leg.field_um),
        **(more or {}),
    }
    return Record(leg.exposure_id, "exposure", leg.mode, fields, leg.started_at, leg.ended_at, number)


def outline(polygon_um: Sequence[Sequence[float]] | None) -> str | None:
    """Write the extent of a polygon [um]; None stays unknown."""
    if not polygon_um:
        return None
    sides = [max(axis) - min(axis) for axis in zip(*polygon_um, strict=True)]
    return " × ".join(f"{side:.3g}" for side in sides) + " µm"


def _duration(start: datetime, end: datetime | None, source: Source) -> Quantity:
    if end is None:
        return Quantity.unknown("s", "its end is not recorded")
    seconds = (end - start).total_seconds()
    return Quantity(seconds, "s", source) if seconds < 7200 else Quantity(seconds / 3600, "h", source)


def _value(name: str, value: Any, source: Source) -> Value:
    if isinstance(value, bool) or value is None or isinstance(value, str | Quantity):
        return value
    if isinstance(value, int | float):
        unit = next((unit for suffix, unit in UNIT_OF_SUFFIX.items() if name.endswith(suffix)), "1")
        return Quantity(float(value), unit, source)
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value if isinstance(each, str | int | float)) or None
    return None


def _milling(event: Happening) -> dict[str, Value]:
    steps: Sequence[Mapping[str, Any]] = event.details.get("steps") or ()
    fields: dict[str, Value] = {
        f"steps.{place}.{name}": _value(name, value, event.source)
        for place, step in enumerate(steps, 1)
        for name, value in step.items()
        if value is not None
    }
    of_event = event.details.get("ion_energy_kV")
    energies = [step.get("ion_energy_kV") or of_event for step in steps] or [of_event]
    fields["ion_energies"] = _all_of(energies, "kV")
    fields["ion_currents"] = _all_of([step.get("ion_current_nA") for step in steps], "nA")
    return fields


def _all_of(numbers: Sequence[float | None], unit: str) -> str | None:
    known = [number for number in numbers if number is not None]
    if not numbers or len(known) < len(numbers):
        return None
    return ", ".join(f"{number:g}" for number in dict.fromkeys(known)) + f" {unit}"
