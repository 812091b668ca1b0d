"""The chain of paper 004's experimental section, recorded as people record it."""

from datetime import timedelta
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Instrument, Project, Sample
from app.infra.house import House
from app.infra.ids import new_id
from tests import datasets

OPENED = now().replace(microsecond=0) - timedelta(hours=60)
GLOVEBOX = {"atmosphere": "argon", "o2_ppm": 0.05, "h2o_ppm": 0.08, "temperature_K": 295.0, "place": "glovebox 2"}
STEPS = [
    {"purpose": "rough", "ion_current_nA": 120.0, "ion_energy_kV": 30.0},
    {"purpose": "thin", "ion_current_nA": 16.0, "ion_energy_kV": 30.0, "thickness_nm": 700.0},
    {"purpose": "polish", "ion_current_nA": 0.2, "ion_energy_kV": 5.0, "thickness_nm": 150.0},
]
SHUTTLE = {"type": "transfer", "method": "inert_gas_shuttle", "atmosphere": "argon", "air_exposure_s": 0.0}
HOLDER = {"type": "transfer", "method": "inert_gas_holder", "atmosphere": "argon", "air_exposure_s": 0.0}
VACUUM = {"atmosphere": "vacuum", "temperature_K": 95.0, "place": "FIB"}
CHAIN: list[tuple[float, float | None, dict[str, Any]]] = [
    (0, None, {"type": "disassembly", **GLOVEBOX}),
    (0, 20, {"type": "storage", **GLOVEBOX}),
    (20, 20.2, SHUTTLE),
    (20.3, 21, {"type": "cooling", **VACUUM}),
    (21, 27, {"type": "fib_milling", "ion_source": "Ar", "temperature_K": 95.0, "steps": STEPS, "place": "FIB"}),
    (27.1, 27.3, SHUTTLE),
    (28, 28.2, HOLDER),
]

IMAGE: dict[str, Any] = {
    "mode": "tem_field",
    "purpose": "acquisition",
    "beam_energy_kV": {"value": 200.0, "source": "header"},
    "dose_rate_e_per_A2_s": {"value": 3500.0, "unit": "e/(A^2 s)", "source": "measured", "uncertainty": 100.0},
    "exposure_s": {"value": 0.5, "source": "header", "uncertainty": 0.001},
    "pixel_size_nm": {"value": 0.02, "source": "header"},
    "temperature_K": {"value": 293.0, "source": "user"},
}


def at(hours: float) -> str:
    """Return a moment so many hours after the opening, as clients write it."""
    return (OPENED + timedelta(hours=hours)).isoformat()


def record_chain(who: Any, sample: Sample) -> list[dict[str, Any]]:
    """Record the whole chain; returns the events."""
    return [record(who, sample, start, end, event) for start, end, event in CHAIN]


def record(who: Any, sample: Sample, start: float, end: float | None, event: dict[str, Any]) -> dict[str, Any]:
    """Record one event."""
    until = {} if end is None else {"ended_at": at(end)}
    answer = who.post(f"/api/v1/samples/{sample.id}/events", json={**event, "occurred_at": at(start), **until})
    assert answer.status_code == 201, answer.text
    recorded: dict[str, Any] = answer.json()
    return recorded


def expose(who: Any, sample: Sample, start: float, **more: Any) -> dict[str, Any]:
    """Record the published image: 3500 e/Å²·s for 0.5 s at 200 kV, or one that differs."""
    stated = {name: value for name, value in {**IMAGE, "occurred_at": at(start), **more}.items() if value is not None}
    answer = who.post(f"/api/v1/samples/{sample.id}/exposures", json=stated)
    assert answer.status_code == 201, answer.text
    recorded: dict[str, Any] = answer.json()
    return recorded


def add_instrument(house: House) -> Instrument:
    """Add a microscope straight to the database."""
    instrument = Instrument(
        id=new_id("ins"),
        code=f"talos-{new_id('ins')[-6:]}",
        name="Talos F200X",
        technique="tem",
        vendor="Thermo Fisher",
        model="Talos F200X",
        created_at=now(),
    )
    with house.database.writing() as session:
        session.add(instrument)
    return instrument


def add_dataset(house: House, project: Project, sample: Sample | None, instrument: Instrument | None = None) -> str:
    """Add the published image's file; returns its id."""
    taken_with = None if instrument is None else instrument.id
    return datasets.add_dataset(house, project, sample, filename="lamella 3.dm4", instrument_id=taken_with).id
