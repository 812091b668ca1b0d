"""The dose account of a sample: each exposure by itself, then by beam energy."""

from collections.abc import Sequence
from typing import Any

from app.lab.access import Actor
from app.lab.dose.legs import Accounted
from app.lab.dose.schemas import CoverageOut, EnergyDoseOut, ExposureDoseOut, Radiation, SampleDoseOut
from app.lab.dose.service import DoseService, RecordedExposure
from lithoscope.rules.absorbed_dose import gray_of
from lithoscope.rules.accumulation import Accumulated, accumulate, accumulate_legs
from lithoscope.rules.legs import FLUENCE_UNIT
from lithoscope.units import Quantity

NOTE = "Fluences of different beam energies are not added: a slow electron deposits more than a fast one."

UNKNOWN_ENERGIES = "the beam energies are unknown, so these fluences cannot be added"
STOPPING = "stopping power"  # one value for all exposures of an energy: its uncertainty is shared


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
        by_beam_energy=_by_energy(accounts, phase),
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
    dose, coefficient = account.dose, account.recorded.known()["mass_absorption_cm2_per_g"]
    return gray_of(
        account.leg.radiation, dose.recorded, dose.beam_energy, phase=phase, mass_absorption_cm2_per_g=coefficient
    )


def _by_energy(accounts: Sequence[Accounted], phase: str | None) -> list[EnergyDoseOut]:
    groups: dict[Any, list[Accounted]] = {}
    for account in accounts:
        leg = account.leg
        groups.setdefault((leg.radiation, leg.beam_energy.value, leg.ion_source), []).append(account)
    return [_group(radiation, members, phase) for (radiation, _, _), members in groups.items()]


def _group(radiation: Radiation, members: Sequence[Accounted], phase: str | None) -> EnergyDoseOut:
    energy, legs = members[0].dose.beam_energy, [member.leg for member in members]
    if energy.value is None and len(members) > 1:
        unknown = Quantity.unknown(FLUENCE_UNIT[radiation], UNKNOWN_ENERGIES)
        sums = Accumulated(unknown, unknown)
        gray = Quantity.unknown("Gy", UNKNOWN_ENERGIES)
    else:
        sums = accumulate_legs(legs)
        doses = [absorbed(member, phase) for member in members]
        gray = accumulate(doses, unit="Gy", shared=[leg.reading_ids or (STOPPING,) for leg in legs]).total
    return EnergyDoseOut.model_validate(
        {
            "radiation": radiation,
            "beam_energy": energy,
            "ion_source": legs[0].ion_source,
            "exposure_ids": [leg.exposure_id for leg in legs],
            "total": sums.total,
            "known_part": sums.known_part,
            "absorbed": gray,
        }
    )
