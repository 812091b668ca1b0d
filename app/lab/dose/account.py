"""The dose account of a sample: each exposure by itself, then by beam energy."""

from collections.abc import Sequence
from typing import Any

from app.lab.dose.legs import Accounted
from app.lab.dose.schemas import EnergyDoseOut, ExposureDoseOut, Radiation, SampleDoseOut
from app.lab.dose.service import DoseService, RecordedExposure
from app.lab.schemas import QuantityOut
from lithoscope.rules.accumulation import accumulate
from lithoscope.rules.legs import FLUENCE_UNIT
from lithoscope.units import Quantity

NOTE = "Fluences of different beam energies are not added: a slow electron deposits more than a fast one."


def sample_dose(dose: DoseService, sample_id: str, history: Sequence[RecordedExposure]) -> SampleDoseOut:
    """Account for the exposures of a sample that still stand."""
    standing = [entry for entry in history if entry.superseded_by is None]
    accounts = dose.account_for(standing)
    shown = [_shown(entry, account) for entry, account in zip(standing, accounts, strict=True)]
    return SampleDoseOut(sample_id=sample_id, exposures=shown, by_beam_energy=_by_energy(accounts), note=NOTE)


def _shown(entry: RecordedExposure, account: Accounted) -> ExposureDoseOut:
    dose = account.dose
    return ExposureDoseOut.model_validate(
        {
            "exposure_id": account.exposure.id,
            "mode": account.exposure.mode,
            "beam_energy": dose.beam_energy,
            "per_frame": dose.per_frame,
            "series": dose.series,
            "recorded": dose.recorded,
            "warnings": entry.warnings,
            "inherited_from": entry.inherited_from,
        }
    )


def _by_energy(accounts: Sequence[Accounted]) -> list[EnergyDoseOut]:
    groups: dict[Any, list[Accounted]] = {}
    for account in accounts:
        leg = account.leg
        groups.setdefault((leg.radiation, leg.beam_energy.value, leg.ion_source), []).append(account)
    return [_group(radiation, members) for (radiation, _, _), members in groups.items()]


def _group(radiation: Radiation, members: Sequence[Accounted]) -> EnergyDoseOut:
    unit = FLUENCE_UNIT[radiation]
    energy = members[0].dose.beam_energy
    if energy.value is None and len(members) > 1:
        unknown = Quantity.unknown(unit, "the beam energies are unknown, so these fluences cannot be added")
        total = part = unknown
    else:
        sums = accumulate([member.dose.recorded for member in members], unit=unit)
        total, part = sums.total, sums.known_part
    return EnergyDoseOut(
        radiation=radiation,
        beam_energy=QuantityOut.model_validate(energy),
        exposure_ids=[member.exposure.id for member in members],
        total=QuantityOut.model_validate(total),
        known_part=QuantityOut.model_validate(part),
    )
