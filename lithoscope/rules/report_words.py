"""How a recorded value is written: the same words in paragraph, tables and figure."""

from datetime import UTC, datetime
from math import isfinite

from lithoscope.rules.report import Moment, Value
from lithoscope.units import Quantity

SIGNS = {
    "e/A^2": "e/Å²",
    "e/(A^2 s)": "e/(Å² s)",
    "photons/um^2": "photons/µm²",
    "photons/(um^2 s)": "photons/(µm² s)",
    "ions/nm^2": "ions/nm²",
    "ions/(nm^2 s)": "ions/(nm² s)",
    "um": "µm",
    "um^2": "µm²",
    "um^3": "µm³",
    "nm^2": "nm²",
    "nm^3": "nm³",
    "nm^-1": "nm⁻¹",
    "mAh/cm^2": "mAh/cm²",
    "cm^2": "cm²",
    "g/cm^3": "g/cm³",
    "umol": "µmol",
    "deg": "°",
    "1": "",
    "h^-1": "h⁻¹",
    "h^-0.5": "h⁻⁰·⁵",
}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_DIGITS = 4
UNKNOWN = "not recorded"


def number(value: float, digits: int = _DIGITS) -> str:
    """Write a number with so many significant digits, as a power of ten outside 0.001 to 100 000."""
    if not isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if -3 <= exponent <= 4:
        return _trimmed(f"{value:.{max(0, digits - 1 - exponent)}f}")
    return f"{_trimmed(mantissa)} × 10{str(exponent).translate(_SUPERSCRIPTS)}"


def _trimmed(text: str) -> str:
    """Leave out zeros that say nothing, and write a true minus."""
    plain_zeros = text.rstrip("0").rstrip(".") if "." in text else text
    return plain_zeros.replace("-", "−")


def quantity(value: Quantity) -> str:
    """Write a quantity with its unit, and its uncertainty where one is stated."""
    if value.value is None:
        return UNKNOWN
    unit = SIGNS.get(value.unit, value.unit)
    space = "" if unit in {"", "°"} else " "
    if value.uncertainty:
        return f"{_with_uncertainty(value.value, value.uncertainty)}{space}{unit}"
    if value.interval is not None:
        low, high = value.interval
        return f"{number(value.value)} ({number(low)} to {number(high)}){space}{unit}"
    return f"{number(value.value)}{space}{unit}"


def _with_uncertainty(value: float, uncertainty: float) -> str:
    """Write both on the same power of ten."""
    mantissa, times, power = number(value).partition(" × 10")
    if not times:
        return f"({mantissa} ± {number(uncertainty, 2)})"
    exponent = int(power.translate(_PLAIN))
    return f"({mantissa} ± {number(uncertainty / 10.0**exponent, 2)}){times}{power}"


def moment(value: datetime) -> str:
    """Write a moment in UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def words(value: Value, name: str = "") -> str:
    """Write a recorded value; those of a field with a fixed list of words as people say them."""
    if isinstance(value, Quantity):
        return quantity(value)
    if isinstance(value, Moment):
        return moment(value.at)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or not value:
        return UNKNOWN
    return plain(value) if name in LISTED else value


def span(seconds: float) -> str:
    """Write a length of time in the unit it is spoken of in."""
    for unit, length in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length or (unit == "d" and seconds >= length):
            return f"{number(seconds / length, 2)} {unit}"
    return f"{number(seconds, 2)} s"


#: Fields whose text comes from a fixed list; all other text is shown as people wrote it.
LISTED = frozenset(
    {
        "material",
        "mode",
        "method",
        "atmosphere",
        "ion_source",
        "purpose",
        "technique",
        "kind",
        "type",
        "renewal",
        "beam",
    }
)


def plain(name: str) -> str:
    """Write a word of a fixed list as people say it."""
    return SAID.get(name, name.replace("_", " "))


SAID = {
    "nmc": "NMC",
    "lithium_rich_nmc": "lithium-rich NMC",
    "lto": "LTO",
    "lfp": "LFP",
    "sei": "solid electrolyte interphase (SEI)",
    "cei": "cathode electrolyte interphase (CEI)",
    "solid_electrolyte_sulfide": "sulfide solid electrolyte",
    "solid_electrolyte_oxide": "oxide solid electrolyte",
    "solid_electrolyte_halide": "halide solid electrolyte",
    "lithium_electrodeposited": "electrodeposited lithium",
    "stem_raster": "STEM raster",
    "tem_field": "TEM",
    "xray": "X-ray",
    "fib": "FIB",
    "fib_milling": "FIB milling",
    "fs_laser": "femtosecond laser",
    "inert_gas_shuttle": "inert-gas shuttle",
    "inert_gas_holder": "inert-gas transfer holder",
    "cryo_transfer_holder": "cryo-transfer holder",
    "uhv_suitcase": "ultra-high-vacuum suitcase",
    "ultra_high_vacuum": "ultra-high vacuum",
    "within": "within the limit",
    "near": "near the limit",
    "pass": "pass",
    "relaxed_allowed": "relaxed, allowed",
}
