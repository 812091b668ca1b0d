"""Facts that rules of protocols ask for, each known, bounded, or unknown; never more certain than the record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Literal

from lithoscope.wording import number as written
from lithoscope.wording import plain, seconds

FactKind = Literal["number", "text"]
#: The suffix of a name says its unit; the longest that fits counts.
SPOKEN_UNITS = {
    "_e_per_A2_s": "e/(Å² s)",
    "_e_per_A2": "e/Å²",
    "_photons_per_um2": "photons/µm²",
    "_ions_per_nm2": "ions/nm²",
    "_keV": "keV",
    "_kV": "kV",
    "_nA": "nA",
    "_nm": "nm",
    "_pJ": "pJ",
    "_Pa": "Pa",
    "_ppm": "ppm",
    "_K": "K",
    "_s": "s",
}
FORMULAE = {"o2_ppm": "O₂", "h2o_ppm": "H₂O"}
DIGITS = 6  # a limit and what just missed it must not read alike


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One fact as far as the record goes.

    Parameters
    ----------
    text : str or None
        Of a fact in words.
    lower, upper : float
        Bounds of a number; equal when it is known, infinite where nothing is. A missing record only widens them:
        that is why blanking a field can never make a rule pass.
    decided_by : tuple of str
        Records behind it beside the one the rule looks at.
    uncertainty : float or None
        Standard uncertainty of a known number, told beside it; rules compare the number as stated.
    """

    text: str | None = None
    lower: float = -inf
    upper: float = inf
    decided_by: tuple[str, ...] = ()
    uncertainty: float | None = None

    @property
    def is_known(self) -> bool:
        """Say whether the record settles it."""
        return self.text is not None or self.lower == self.upper

    def words(self, name: str) -> str:
        """Say in words what is recorded of it."""
        label, unit = _spoken(name)
        if self.text is not None:
            return f"{label} {plain(self.text)}"
        if self.lower == self.upper:
            return f"{label} {_measured(self.lower, unit)}{self._beside(unit)}"
        if self.upper < inf:
            return f"{label} between {_measured(max(self.lower, 0.0), unit)} and {_measured(self.upper, unit)}"
        return f"{label} at least {_measured(self.lower, unit)}" if self.lower > 0 else f"{label} not recorded"

    def _beside(self, unit: str) -> str:
        """Say the standard uncertainty, where one is known."""
        return f" (± {written(self.uncertainty, 2)} {unit})".replace(" )", ")") if self.uncertainty else ""


def _spoken(name: str) -> tuple[str, str]:
    """Return a fact's name in words, and its unit."""
    if name.startswith("hours_"):
        return name.removeprefix("hours_").replace("_", " "), "h"
    suffix = next((each for each in SPOKEN_UNITS if name.endswith(each)), "")
    return FORMULAE.get(name) or name.removesuffix(suffix).replace("_", " "), SPOKEN_UNITS.get(suffix, "")


def _measured(value: float, unit: str) -> str:
    return seconds(value) if unit == "s" else f"{written(value, DIGITS)} {unit}".strip()


UNKNOWN = Fact()


def number(value: object, *decided_by: str, uncertainty: float | None = None) -> Fact:
    """Return a known number with its standard uncertainty where one is stated, or an unknown one for None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNKNOWN
    return Fact(lower=float(value), upper=float(value), decided_by=decided_by, uncertainty=uncertainty)


def between(lower: float, upper: float, *decided_by: str, uncertainty: float | None = None) -> Fact:
    """Return a number known within bounds."""
    return Fact(lower=lower, upper=upper, decided_by=decided_by, uncertainty=uncertainty)


def text(value: object) -> Fact:
    """Return a known word, or an unknown one for None."""
    return Fact(text=value) if isinstance(value, str) and value else UNKNOWN


@dataclass(frozen=True, slots=True)
class Element:
    """One thing a rule looks at: an event, an exposure, or the history as a whole."""

    ids: tuple[str, ...]
    label: str
    moment: datetime
    fact: Callable[[str], Fact]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a fact is, for those who write protocols; a number carries its unit in its name."""

    kind: FactKind
    says: str


def _number(says: str) -> Meaning:
    return Meaning("number", says)


def _text(says: str) -> Meaning:
    return Meaning("text", says)


EVENT_FACTS: dict[str, Meaning] = {
    "type": _text("type of the event"),
    "place": _text("where it happened"),
    "container": _text("what held a stored sample"),
    "atmosphere": _text("gas around the sample"),
    "method": _text("how a transfer was made"),
    "ion_source": _text("what a milling beam was made of"),
    "cap_layer": _text("protective layer under the ion beam"),
    "material": _text("material of a coating"),
    "process": _text("process of a coating, a renewal or a split"),
    "solvent": _text("liquid of a wash, a sonication or a drop cast"),
    "support": _text("what a drop was cast on"),
    "holder": _text("what it was mounted on"),
    "beam": _text("kind of beam of an exposure event"),
    "air_exposure_s": _number(
        "seconds in air that a transfer states; of one in air that states none, how long it lasted"
    ),
    "o2_ppm": _number("oxygen in the gas"),
    "h2o_ppm": _number("water in the gas"),
    "temperature_K": _number("temperature of the sample"),
    "pressure_Pa": _number("pressure around the sample"),
    "duration_s": _number("stated duration"),
    "interval_s": _number("seconds from begin to end of the event"),
    "thickness_nm": _number("thickness of a coating"),
    "ion_energy_kV": _number("ion energy stated for a whole milling"),
    "largest_current_nA": _number("largest ion current over the steps of a milling"),
    "last_step_current_nA": _number("ion current of its last step"),
    "last_step_energy_kV": _number("ion energy of its last step"),
    "last_step_thickness_nm": _number("thickness after its last step"),
    "pulse_energy_pJ": _number("energy of a laser pulse"),
}
EXPOSURE_FACTS: dict[str, Meaning] = {
    "mode": _text("how the beam met the sample"),
    "purpose": _text("what the beam was on for"),
    "beam_energy_kV": _number("accelerating voltage of an electron or ion beam"),
    "photon_energy_keV": _number("photon energy of an X-ray beam"),
    "temperature_K": _number("temperature of the sample"),
    "dose_e_per_A2": _number("electron dose of this exposure alone"),
    "accumulated_dose_e_per_A2": _number("electron dose its place took at this beam energy, this exposure included"),
    "dose_rate_e_per_A2_s": _number("electron dose rate"),
    "fluence_photons_per_um2": _number("photon fluence of this exposure alone"),
    "fluence_ions_per_nm2": _number("ion fluence of this exposure alone"),
    "hours_after_milling": _number("hours since the last milling before it ended"),
}
HISTORY_FACTS: dict[str, Meaning] = {
    "material": _text("material of the sample"),
    "electrolyte": _text("electrolyte it was cycled in"),
    "hours_opening_to_milling": _number(
        "hours from disassembly (else preparation) to the first milling (else the first image)"
    ),
    "hours_surface_to_milling": _number(
        "hours from the last renewed surface (else opening) to the first milling (else the first image)"
    ),
    "air_exposure_s": _number("seconds in air of all transfers"),
    "beam_accounted": _text("'yes' when logs or a person answer for all beam beside the recorded exposures"),
}
