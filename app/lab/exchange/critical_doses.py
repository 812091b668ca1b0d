"""Beside each exposure of an export: the critical doses of the phases its region is watched for, in its conditions."""

from collections.abc import Sequence
from typing import Any

from app.lab.exchange.records import ExposurePiece, Records
from lithoscope.rules.critical_dose import Choice, DoseLimit, look_up


def critical_doses(records: Records, limits: Sequence[DoseLimit]) -> dict[str, list[dict[str, Any]]]:
    """
    Return by exposure what is known of critical doses, phase by phase; of none known the reason.

    Parameters
    ----------
    records : Records
        What is told of.
    limits : sequence of DoseLimit
        Literature and lab together.
    """
    watched = {region.id: region.phases for region in records.regions}
    return {
        exposure.id: [_told(_choice(exposure, phase, limits)) for phase in watched[exposure.region_id]]
        for exposure in records.exposures
        if exposure.region_id is not None and watched.get(exposure.region_id)
    }


def _choice(exposure: ExposurePiece, phase: str, limits: Sequence[DoseLimit]) -> Choice:
    return look_up(
        limits,
        phase=phase,
        temperature_K=_value(exposure, "temperature_K"),
        beam_energy_kV=_value(exposure, "beam_energy_kV") or None,
        mode=exposure.mode,
        rate_e_per_A2_s=(rate.value if (rate := exposure.dose.get("rate")) else None) or None,
    )


def _value(exposure: ExposurePiece, name: str) -> float | None:
    stated = exposure.conditions.get(name)
    return None if stated is None else stated.value


def _told(choice: Choice) -> dict[str, Any]:
    limit = choice.limit
    dose = {name: getattr(limit.dose, name) if limit else None for name in ("lower", "best", "upper")}
    return {
        "phase": choice.phase,
        "criterion": choice.criterion,
        **dose,
        "unit": "e/A^2",
        "limit_id": limit.id if limit else None,
        "source": limit.source if limit else None,
        "reason": choice.reason,
        "assumed": list(choice.flags),
    }
