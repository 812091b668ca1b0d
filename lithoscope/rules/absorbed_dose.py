"""Absorbed dose in gray: electrons by their collision stopping power, X-rays by energy absorption."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp, hypot, log

from lithoscope.rules.dose import ELEMENTARY_CHARGE_C
from lithoscope.rules.legs import Radiation
from lithoscope.rules.propagation import product
from lithoscope.units import Quantity, weakest

ELECTRON_REST_keV = 510.99895069  # CODATA 2022
BETHE_MeV_cm2_PER_mol = 0.15353746  # 2 pi N_A r_e^2 m c^2, CODATA 2022
J_PER_keV = 1e3 * ELEMENTARY_CHARGE_C
PER_CM2_OF_e_PER_A2 = 1e16
PER_CM2_OF_PER_UM2 = 1e8
G_PER_KG = 1e3
JOY_LUO = 0.85  # Joy and Luo, Scanning 11, 176 (1989): the excitation energy that slow electrons still reach
LEAST_keV = 0.1  # below, the form of Joy and Luo has not been held against measured stopping powers
RELATIVE_UNCERTAINTY = ((100.0, 0.02), (10.0, 0.03), (1.0, 0.10), (LEAST_keV, 0.30))  # ICRU 37 section 5; Joy and Luo


@dataclass(frozen=True, slots=True)
class StoppingPhase:
    """
    What a phase's stopping power is computed from.

    Parameters
    ----------
    electrons_per_gram_mol : float
        Mean of atomic number over atomic weight, by mass [mol/g].
    excitation_eV : float
        Mean excitation energy [eV].
    materials : tuple of str
        Samples it stands for when nobody names a phase.
    source : str
        Where the values come from.
    """

    electrons_per_gram_mol: float
    excitation_eV: float
    materials: tuple[str, ...]
    source: str


@cache
def stopping_phases() -> Mapping[str, StoppingPhase]:
    """Read the table of phases, by name."""
    text = (resources.files("lithoscope.rules") / "tables" / "stopping.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {name: _phase(row, table["elements"]) for name, row in table["phases"].items()}


def _phase(row: Mapping[str, object], elements: Mapping[str, Mapping[str, float]]) -> StoppingPhase:
    composition: Mapping[str, float] = row["composition"]  # type: ignore[assignment]  # the table's form is tested
    mass = sum(atoms * elements[name]["weight"] for name, atoms in composition.items())
    electrons = sum(atoms * elements[name]["number"] for name, atoms in composition.items())
    shares = {name: atoms * elements[name]["number"] / electrons for name, atoms in composition.items()}
    bragg = exp(sum(share * log(elements[name]["I_eV"]) for name, share in shares.items()))
    return StoppingPhase(
        electrons_per_gram_mol=electrons / mass,
        excitation_eV=float(row.get("I_eV", bragg)),  # type: ignore[arg-type]
        materials=tuple(row["materials"]),  # type: ignore[arg-type]
        source=str(row["source"]),
    )


def phase_of_material(material: str) -> str | None:
    """Return the phase that stands for a sample's material, or None when the table has none."""
    return next((name for name, phase in stopping_phases().items() if material in phase.materials), None)


def stopping_power(phase: StoppingPhase, energy_keV: float) -> float | None:
    """
    Return the collision stopping power of electrons over density [MeV cm²/g]; None below 0.1 keV.

    Bethe's formula for electrons with the excitation energy of Joy and Luo, I / (1 + 0.85 I / E). Bethe's own form
    fails when the energy comes near I (its logarithm vanishes near 0.9 I); the modified one goes over into it within
    0.3 % above 10 keV. The density effect is left out: it stays below 1 % up to 300 keV.

    References
    ----------
    ICRU Report 37, Stopping powers for electrons and positrons (1984), eq. 2.14.
    Joy and Luo, An empirical stopping power relationship for low-energy electrons, Scanning 11, 176-180 (1989).
    """
    if energy_keV < LEAST_keV:
        return None
    tau = energy_keV / ELECTRON_REST_keV
    beta2 = tau * (tau + 2) / (tau + 1) ** 2
    excitation_keV = phase.excitation_eV * 1e-3
    reached = excitation_keV / (1 + JOY_LUO * excitation_keV / energy_keV) / ELECTRON_REST_keV
    spin = 1 - beta2 + (tau**2 / 8 - (2 * tau + 1) * log(2)) / (tau + 1) ** 2
    bracket = log(tau**2 * (tau + 2) / (2 * reached**2)) + spin
    return BETHE_MeV_cm2_PER_mol * phase.electrons_per_gram_mol / beta2 * bracket


def gray_of(
    radiation: Radiation,
    fluence: Quantity,
    beam_energy: Quantity,
    *,
    phase: str | None,
    mass_absorption_cm2_per_g: Quantity | None = None,
) -> Quantity:
    """
    Return the dose of any beam [Gy], as far as it can be known.

    Electrons need a phase of `stopping_phases`, X-rays the mass energy-absorption coefficient; ions stop within the
    sample, so a mean dose says little of them and is unknown.
    """
    if radiation == "photons":
        nothing = Quantity.unknown("cm^2/g", "not recorded, or not the same of all exposures")
        return photon_dose(fluence, beam_energy, mass_absorption_cm2_per_g or nothing)
    if radiation == "ions":
        return Quantity.unknown("Gy", "not computed of ions: they stop within the sample")
    if phase is None:
        return Quantity.unknown("Gy", "no stopping power stands for the sample's material: name a phase")
    return electron_dose(fluence, beam_energy, phase=phase)


def electron_dose(fluence: Quantity, beam_energy: Quantity, *, phase: str) -> Quantity:
    """
    Return the dose that electrons leave in a phase [Gy], as if it were thin and secondary electrons stayed in it.

    Parameters
    ----------
    fluence : Quantity
        Of one beam energy [e/Å²].
    beam_energy : Quantity
        Accelerating voltage [kV].
    phase : str
        One of `stopping_phases`; any other is unknown.
    """
    known = stopping_phases().get(phase)
    if known is None:
        return Quantity.unknown("Gy", "no stopping power for this phase: see tables/stopping.toml")
    if fluence.value is None or beam_energy.value is None:
        return product({"fluence": (fluence, 1), "beam_energy_kV": (beam_energy, 1)}, unit="Gy")
    power = stopping_power(known, beam_energy.value)
    if power is None:
        return Quantity.unknown("Gy", f"no stopping power below {LEAST_keV:g} keV")
    scale = PER_CM2_OF_e_PER_A2 * power * 1e3 * J_PER_keV * G_PER_KG
    relative = next(share for least, share in RELATIVE_UNCERTAINTY if beam_energy.value >= least)
    if fluence.uncertainty is not None and fluence.value > 0:
        relative = hypot(relative, fluence.uncertainty / fluence.value)
    note = f"collision stopping power of {phase}, {power:.3g} MeV cm2/g ({known.source})"
    silent = "" if fluence.uncertainty is not None else "; uncertainty of the stopping power alone"
    value = fluence.value * scale
    source = weakest(fluence.source, beam_energy.source)
    return Quantity(value, "Gy", source, uncertainty=value * relative, note=note + silent)


def photon_dose(fluence: Quantity, photon_energy_keV: Quantity, mass_absorption_cm2_per_g: Quantity) -> Quantity:
    """Return the dose that X-rays leave [Gy]: fluence times photon energy times mass energy-absorption coefficient."""
    factors = {
        "fluence": (fluence, 1),
        "photon_energy_keV": (photon_energy_keV, 1),
        "mass_absorption_cm2_per_g": (mass_absorption_cm2_per_g, 1),
    }
    return product(factors, scale=PER_CM2_OF_PER_UM2 * J_PER_keV * G_PER_KG, unit="Gy", note="E mu_en/rho per photon")
