"""Calibration in an RO-Crate: what people corrected of files, and the readings of beam current doses came from."""

from collections.abc import Iterator, Sequence

from lithoscope.writers.record_units import words_of
from lithoscope.writers.rocrate_parts import CrateFile, Entity, Record, action, homes_of, properties, references

_WITH = {"faraday": "a Faraday cup", "screen": "the screen"}
_SETTING = ("beam_energy_kV", "set_current_nA")
_MEASURED = "measured_current_nA"


def calibrations(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    """Return one action for each correction of a file's calibration and each reading of a beam current."""
    homes = homes_of(records, files)
    for dataset in records["datasets"]:
        for number, change in enumerate(dataset["calibration_history"], 1):
            home = homes.get(dataset["id"], "./")
            yield from _corrected(f"#{dataset['id']}-calibration{number}", home, change)
    for identifier, reading in records["readings"].items():
        yield from _read(f"#{identifier}", reading, records)


def result_of(reading_id: str) -> str:
    """Return the entity of what a reading measured, for the exposures whose dose came from it."""
    return f"#{reading_id}-{_MEASURED}"


def _corrected(own: str, home: str, change: Record) -> Iterator[Entity]:
    name, before = change["name"], change["previous"]
    yield {
        **action(own, f"correction of the {words_of(name)}", change["changed_at"], change["changed_at"]),
        "@type": "UpdateAction",
        "description": change["reason"],
        "agent": {"@id": f"#{change['changed_by']}"},
        "instrument": {"@id": "#lithoscope"},
        "object": references([home, *([f"{own}-before-{name}"] if before else [])]),
        "result": {"@id": f"{own}-{name}"},
    }
    yield from properties(own, {name: change["value"]})
    if before:
        yield from properties(f"{own}-before", {name: before})


def _read(own: str, reading: Record, records: Record) -> Iterator[Entity]:
    apparatus = reading["instrument_id"]
    stated = {name: {"value": reading[name]} for name in _SETTING}
    measured = {"value": reading[_MEASURED], "unit": "nA", "uncertainty": reading["uncertainty_nA"]}
    note = {"description": reading["note"]} if reading["note"] else {}
    yield {
        **action(
            own, f"beam current read with {_WITH[reading['kind']]}", reading["measured_at"], reading["measured_at"]
        ),
        **note,
        "agent": {"@id": f"#{reading['recorded_by']}"},
        "instrument": {"@id": "#lithoscope"},
        "object": references(f"{own}-{name}" for name in stated),
        "result": {"@id": f"{own}-{_MEASURED}"},
        **({"apparatus": {"@id": f"#{apparatus}"}} if apparatus in records["instruments"] else {}),
    }
    yield from properties(own, {**stated, _MEASURED: {**measured, "source": "measured"}})
