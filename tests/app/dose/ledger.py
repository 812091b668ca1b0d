"""What tests of the ledger record."""

from typing import Any

PAPER_003: dict[str, Any] = {
    "mode": "stem_raster",
    "occurred_at": "2026-10-02T08:00:00Z",
    "beam_energy_kV": {"value": 300, "source": "header"},
    "beam_current_nA": {"value": 0.300, "unit": "nA", "source": "assumed"},
    "dwell_s": {"value": 0.05, "source": "assumed"},
    "step_nm": {"value": 4.63, "source": "assumed"},
    "frame_pixels": [64, 64],
    "frames": 15,
    "recorded_scans": 17,
}
FIELD: dict[str, Any] = {
    "mode": "tem_field",
    "occurred_at": "2026-10-03T08:00:00Z",
    "beam_energy_kV": {"value": 200, "source": "user"},
    "dose_rate_e_per_A2_s": {"value": 100, "unit": "e/(A^2 s)", "source": "measured", "uncertainty": 5},
    "exposure_s": {"value": 2, "source": "user", "uncertainty": 0},
}
XRAY: dict[str, Any] = {
    "mode": "xray",
    "occurred_at": "2026-10-04T08:00:00Z",
    "photon_energy_keV": {"value": 7, "source": "user"},
    "fluence_photons_per_um2": {"value": 3e7, "unit": "photons/um^2", "source": "user"},
    "mass_absorption_cm2_per_g": {"value": 150, "source": "user"},
    "frames": 800,
}
FIB: dict[str, Any] = {
    "mode": "fib",
    "occurred_at": "2026-10-05T08:00:00Z",
    "ion_source": "Ga",
    "ion_energy_kV": {"value": 30, "source": "user"},
    "ion_current_nA": {"value": 1.0, "source": "user"},
    "beam_area_um2": {"value": 100, "source": "user"},
    "exposure_s": {"value": 10, "source": "user"},
}


def record(who: Any, sample_id: str, exposure: dict[str, Any], **change: Any) -> Any:
    """Record an exposure; `...` leaves a field out."""
    body = {name: value for name, value in {**exposure, **change}.items() if value is not ...}
    return who.post(f"/api/v1/samples/{sample_id}/exposures", json=body)


def dose_of(who: Any, sample_id: str, **query: Any) -> Any:
    """Return the account of a sample."""
    return who.get(f"/api/v1/samples/{sample_id}/dose", params=query).json()
