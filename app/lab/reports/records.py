"""Rows of the database as records of a report: what each states, by name."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.infra.db.models import Dataset, Instrument, Region, Result, Sample
from app.lab.dose.legs import Accounted
from lithoscope.rules.custody_state import CustodyState
from lithoscope.rules.report import Moment, Record, Value
from lithoscope.rules.report_records import exposure_record, outline
from lithoscope.rules.shelf_life import Specimen
from lithoscope.units import Quantity

#: Shown as beam energy, temperature, dose rate and dose.
SHOWN_ELSEWHERE = frozenset(
    {
        "beam_energy_kV",
        "photon_energy_keV",
        "ion_energy_kV",
        "temperature_K",
        "dose_rate_e_per_A2_s",
        "fluence_photons_per_um2",
    }
)


def sample_record(
    sample: Sample,
    state: CustodyState,
    *,
    specimen: Specimen,
    cell_history: str | None,
    storage: Quantity,
    exposed_at: datetime | None,
) -> Record:
    """
    Return a sample with what its custody adds up to.

    Parameters
    ----------
    sample : Sample
        The sample.
    state : CustodyState
        At the time of the report.
    specimen, cell_history : Specimen, str or None
        What it states of itself, or its ancestors do.
    storage : Quantity
        Time in storage [h].
    exposed_at : datetime or None
        When a beam that images first met it.
    """
    fields: dict[str, Value] = {
        "name": sample.name,
        "code": sample.code,
        "material": sample.material,
        "electrolyte": specimen.electrolyte,
        "cell_history": cell_history,
        "prepared_at": None if specimen.prepared_at is None else Moment(specimen.prepared_at),
        "storage": storage,
        "air_exposure": state.air_exposure,
        "since_disassembly": state.since_disassembly.total,
        **{f"{gas} exposure": quantity for gas, quantity in state.gas_exposure.items()},
        **_first_exposed(specimen, state, exposed_at),
    }
    if specimen.capacity_mAh_per_cm2 is not None:
        fields["capacity_mAh_per_cm2"] = Quantity(specimen.capacity_mAh_per_cm2, "mAh/cm^2", "user")
    return Record(sample.id, "sample", "sample", fields)


def _first_exposed(specimen: Specimen, state: CustodyState, exposed_at: datetime | None) -> dict[str, Value]:
    """Say how long after its opening or preparation a sample first met a beam; nothing when either is not known."""
    total = state.since_disassembly.total.value
    if exposed_at is None or (total is None and specimen.prepared_at is None):
        return {}
    if total is not None:
        hours = total - (state.at - exposed_at).total_seconds() / 3600
        since = "the disassembly"
    else:
        hours = (exposed_at - (specimen.prepared_at or exposed_at)).total_seconds() / 3600
        since = "the preparation"
    source = state.since_disassembly.total.source if total is not None else "user"
    return {"exposed_after": Quantity(hours, "h", source), "counted_from": since} if hours >= 0 else {}


def beam_record(
    entry: Accounted, number: int, *, instrument: str | None, region: str | None, gave: str | None
) -> Record:
    """Return an exposure with its dose; conditions nobody recorded are left out."""
    known = {name: value for name, value in entry.recorded.known().items() if value.value is not None}
    conditions = {name: value for name, value in known.items() if name not in SHOWN_ELSEWHERE}
    exposure = entry.exposure
    more: dict[str, Value] = {"instrument": instrument, "region": region, "gave": gave}
    if exposure.recorded_scans > 1:
        more["frames"] = Quantity(float(exposure.frames), "1", "user")
        more["recorded_scans"] = Quantity(float(exposure.recorded_scans), "1", "user")
    if pixels := exposure.geometry.get("frame_pixels"):
        more["frame_pixels"] = f"{pixels[0]} × {pixels[1]}"
    if source := exposure.geometry.get("ion_source"):
        more["ion_source"] = str(source)
    return exposure_record(entry.leg, number, conditions=conditions, more=more)


def instrument_record(instrument: Instrument) -> Record:
    """Return an instrument."""
    names = ("name", "code", "technique", "vendor", "model")
    return Record(instrument.id, "instrument", "instrument", {name: getattr(instrument, name) for name in names})


def instrument_name(instrument: Instrument) -> str:
    """Name an instrument as an experimental section does: by maker and model, where they are known."""
    maker, model, name = instrument.vendor or "", instrument.model or "", instrument.name
    if model in name:
        return name if maker in name else f"{maker} {name}"
    return f"{name} ({maker} {model})" if maker else f"{name} ({model})"


def dataset_record(dataset: Dataset, instrument: Instrument | None) -> Record:
    """Return a dataset."""
    fields: dict[str, Value] = {
        "filename": dataset.filename,
        "format": dataset.format,
        "content": dataset.kind,
        "sha256": dataset.sha256,
        "acquired_at": dataset.acquired_at,
        "received_at": Moment(dataset.created_at),
        "instrument": None if instrument is None else instrument_name(instrument),
        "technique": None if instrument is None else instrument.technique,
        **_quantities({**dataset.quantities, **dataset.calibration}),
    }
    return Record(dataset.id, "dataset", "dataset", fields)


def result_record(result: Result) -> Record:
    """Return a result with the account of its run."""
    run = result.run_record
    software = run.get("software", {})
    fields: dict[str, Value] = {
        "analysis": _text(run.get("method")),
        "analysis_version": _text(run.get("method_version")),
        "parameters": _text(run.get("params")),
        "seed": _text(run.get("seed")),
        "software": _text(software.get("lithoscope")),
        "libraries": ", ".join(f"{name} {version}" for name, version in software.items() if name != "lithoscope"),
        "inputs": _text({name: _objects(given) for name, given in run.get("inputs", {}).items()}),
        "outputs": ", ".join(summary["name"] for summary in result.outputs),
        "digest": result.digest,
        "finished_at": _text(run.get("finished_at")),
    }
    return Record(result.id, "result", "result", fields)


def region_record(region: Region) -> Record:
    """Return a region."""
    fields: dict[str, Value] = {
        "name": region.name,
        "extent": outline(region.polygon_um),
        "phases": ", ".join(region.phases),
    }
    return Record(region.id, "region", region.name, {**fields, "note": region.note})


def _quantities(records: Mapping[str, Any]) -> dict[str, Value]:
    return {name: Quantity.from_json(record) for name, record in records.items() if record.get("value") is not None}


def _objects(given: Any) -> Any:
    """Name what an input of a run was, one thing or many."""
    return [each.get("object_id") for each in given] if isinstance(given, list) else given.get("object_id")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
