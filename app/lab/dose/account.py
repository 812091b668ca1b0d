"""The dose account of a sample: each exposure by itself, then by beam energy."""

from collections.abc import Sequence
from typing import Any

from app.lab.access import Actor
from app.lab.dose.legs import Accounted
from app.lab.dose.schemas import CoverageOut, EnergyDoseOut, ExposureDoseOut, Radiation, SampleDoseOut
from app.lab.dose.service import DoseService, RecordedExposure
from app.lab.schemas import QuantityOut
from lithoscope.rules.absorbed_dose import electron_dose, photon_dose
from lithoscope.rules.accumulation import accumulate
from lithoscope.rules.legs import FLUENCE_UNIT
from lithoscope.units import Quantity

NOTE = "Fluences of different beam energies are not added: a slow electron deposits more than a fast one."


def sample_dose(dose: DoseService, actor: Actor, sample_id: str, *, phase: str | None = None) -> SampleDoseOut:
    """
    Account for the exposures of a sample that still stand.

    Parameters
    ----------
    dose : DoseService
        The ledger.
    actor : Actor
        Who asks.
    sample_id : str
        Whose.
    phase : str, optional
        What doses in Gy are stated of; left out, what stands for the sample's material.
    """
    standing = [entry for entry in dose.history(actor, sample_id) if entry.superseded_by is None]
    accounts = dose.account_for(standing)
    phase = phase or dose.stopping_phase(actor, sample_id)
    return SampleDoseOut(
        sample_id=sample_id,
        phase=phase,
        exposures=[_shown(entry, account, phase) for entry, account in zip(standing, accounts, strict=True)],
        by_beam_energy=_by_energy(accounts),
        coverage=CoverageOut.model_validate(dose.coverage(actor, sample_id)),
        note=NOTE,
    )


def _shown(entry: RecordedExposure, account: Accounted, phase: str | None) -> ExposureDoseOut:
    dose, conditions = account.dose, account.recorded.known()
    shown = {name: getattr(dose, name) for name in ExposureDoseOut.model_fields if hasattr(dose, name)}
    return ExposureDoseOut.model_validate(
        {
            **shown,
            "exposure_id": account.exposure.id,
            "mode": account.exposure.mode,
            "purpose": account.exposure.purpose,
            "current": account.current,
            "temperature_K": conditions["temperature_K"],
            "absorbed": absorbed(account, phase),
            "is_running": account.exposure.is_running,
            "warnings": [*entry.warnings, *account.doubts],
            "inherited_from": entry.inherited_from,
        }
    )


def absorbed(account: Accounted, phase: str | None) -> Quantity:
    """Return the dose of an exposure in a phase [Gy], as far as it can be known."""
    dose, conditions = account.dose, account.recorded.known()
    radiation = account.leg.radiation
    if radiation == "photons":
        return photon_dose(dose.recorded, dose.beam_energy, conditions["mass_absorption_cm2_per_g"])
    if radiation == "ions":
        return Quantity.unknown("Gy", "not computed of ions: they stop within the sample")
    if phase is None:
        return Quantity.unknown("Gy", "no stopping power stands for the sample's material: name a phase")
    return electron_dose(dose.recorded, dose.beam_energy, phase=phase)


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
        ion_source=members[0].leg.ion_source,
        exposure_ids=[member.exposure.id for member in members],
        total=QuantityOut.model_validate(total),
        known_part=QuantityOut.model_validate(part),
    )
