"""The dose account of a sample: each exposure by itself, then by beam energy."""

from collections.abc import Sequence

from app.lab.access import Actor
from app.lab.dose.legs import Accounted
from app.lab.dose.schemas import CoverageOut, EnergyDoseOut, ExposureDoseOut, SampleDoseOut
from app.lab.dose.service import DoseService, RecordedExposure
from lithoscope.rules.absorbed_dose import gray_of
from lithoscope.rules.accumulation import BeamSum, accumulate, sums_by_beam
from lithoscope.units import Quantity

NOTE = "Fluences of different beam energies are not added: a slow electron deposits more than a fast one."

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
    ledger = dose.ledger(actor, sample_id)
    phase = phase or dose.stopping_phase(actor, sample_id)
    return SampleDoseOut(
        sample_id=sample_id,
        phase=phase,
        exposures=[
            _shown(entry, account, phase) for entry, account in zip(ledger.entries, ledger.accounts, strict=True)
        ],
        by_beam_energy=_by_energy(ledger.accounts, phase),
        coverage=CoverageOut.model_validate(ledger.coverage),
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
    of = {account.exposure.id: account for account in accounts}
    sums = sums_by_beam(account.leg for account in accounts)
    return [_energy_dose(each, [of[name] for name in each.exposure_ids], phase) for each in sums]


def _energy_dose(added: BeamSum, members: Sequence[Accounted], phase: str | None) -> EnergyDoseOut:
    doses = [absorbed(member, phase) for member in members]
    shared = [member.reading_ids or (STOPPING,) for member in members]
    shown = {name: getattr(added, name) for name in EnergyDoseOut.model_fields if name != "absorbed"}
    return EnergyDoseOut.model_validate({**shown, "absorbed": accumulate(doses, unit="Gy", shared=shared).total})
