"""The dose account of a sample: each exposure by itself, then by beam energy."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from app.lab.dose.schemas import EnergyDoseOut, ExposureDoseOut, SampleDoseOut
from app.lab.dose.service import DoseService, RecordedExposure
from app.lab.schemas import QuantityOut
from lithoscope.rules.accumulation import LOWER_BOUND, accumulate, field_fluence, repeated
from lithoscope.rules.dose import account_raster_dose
from lithoscope.units import Quantity

Radiation = Literal["electrons", "photons"]
FLUENCE_UNIT: dict[Radiation, str] = {"electrons": "e/A^2", "photons": "photons/um^2"}
NOTE = "Fluences of different beam energies are not added: a slow electron deposits more than a fast one."


def sample_dose(dose: DoseService, sample_id: str, history: Sequence[RecordedExposure]) -> SampleDoseOut:
    """Account for the exposures of a sample that still stand."""
    standing = [entry for entry in history if entry.superseded_by is None]
    accounts = [_account(dose, entry) for entry in standing]
    return SampleDoseOut(sample_id=sample_id, exposures=accounts, by_beam_energy=_by_energy(accounts), note=NOTE)


def _account(dose: DoseService, entry: RecordedExposure) -> ExposureDoseOut:
    exposure, conditions = entry.exposure, entry.conditions
    if exposure.mode == "stem_raster":
        one = replace(dose.raster(exposure), frames=1, recorded_scans=1)
        per_frame = account_raster_dose(one).dose_per_frame
    elif exposure.mode == "tem_field":
        rate, seconds = conditions["dose_rate_e_per_A2_s"], conditions["exposure_s"]
        per_frame = field_fluence(rate, seconds, unit=FLUENCE_UNIT["electrons"])
    else:
        per_frame = conditions["fluence_photons_per_um2"]
    series = repeated(per_frame, exposure.frames, note=f"{exposure.frames} frames")
    recorded = repeated(per_frame, exposure.recorded_scans, note=f"{exposure.recorded_scans} frames; {LOWER_BOUND}")
    energy = conditions["photon_energy_keV" if exposure.mode == "xray" else "beam_energy_kV"]
    return ExposureDoseOut.model_validate(
        {
            "exposure_id": exposure.id,
            "mode": exposure.mode,
            "beam_energy": energy,
            "per_frame": per_frame,
            "series": series,
            "recorded": recorded,
            "warnings": entry.warnings,
            "inherited_from": entry.inherited_from,
        }
    )


def _by_energy(accounts: Sequence[ExposureDoseOut]) -> list[EnergyDoseOut]:
    groups: dict[tuple[Radiation, float | None], list[ExposureDoseOut]] = {}
    for account in accounts:
        radiation: Radiation = "photons" if account.mode == "xray" else "electrons"
        groups.setdefault((radiation, account.beam_energy.value), []).append(account)
    return [_group(radiation, members) for (radiation, _), members in groups.items()]


def _group(radiation: Radiation, members: Sequence[ExposureDoseOut]) -> EnergyDoseOut:
    unit = FLUENCE_UNIT[radiation]
    if members[0].beam_energy.value is None and len(members) > 1:
        unknown = Quantity.unknown(unit, "the beam energies are unknown, so these fluences cannot be added")
        total = part = unknown
    else:
        sums = accumulate([Quantity.from_json(member.recorded.model_dump()) for member in members], unit=unit)
        total, part = sums.total, sums.known_part
    return EnergyDoseOut(
        radiation=radiation,
        beam_energy=members[0].beam_energy,
        exposure_ids=[member.exposure_id for member in members],
        total=QuantityOut.model_validate(total),
        known_part=QuantityOut.model_validate(part),
    )
