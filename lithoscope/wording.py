"""How numbers, units, sizes, times and words of fixed lists are written: pages and reports write them alike."""

import re
from decimal import Decimal
from math import floor, isfinite, log10

SIGNS = {
    "1": "",
    "deg": "°",
    "nm^-1": "nm⁻¹",
    "eV^-1": "eV⁻¹",
    "um": "µm",
    "nm^2": "nm²",
    "nm^3": "nm³",
    "um^2": "µm²",
    "um^3": "µm³",
    "e/A^2": "e/Å²",
    "e/(A^2 s)": "e/(Å² s)",
    "photons/um^2": "photons/µm²",
    "photons/(um^2 s)": "photons/(µm² s)",
    "ions/nm^2": "ions/nm²",
    "ions/(nm^2 s)": "ions/(nm² s)",
    "counts^2": "counts²",
    "cm^2": "cm²",
    "cm^2/g": "cm²/g",
    "h^-1": "h⁻¹",
    "h^-0.5": "h⁻⁰·⁵",
    "mAh/cm^2": "mAh/cm²",
    "umol": "µmol",
    "g/cm^3": "g/cm³",
}
NAMES = {
    "nmc": "NMC",
    "lto": "LTO",
    "lfp": "LFP",
    "sei": "SEI",
    "cei": "CEI",
    "lithium_rich_nmc": "lithium-rich NMC",
    "fib": "FIB",
    "fib_milling": "FIB milling",
    "fib_sem": "FIB-SEM",
    "tem_field": "TEM field",
    "stem_raster": "STEM raster",
    "xray": "X-ray",
    "stem": "STEM",
    "tem": "TEM",
    "sem": "SEM",
    "eels": "EELS",
    "eds": "EDS",
    "inert_gas_shuttle": "inert-gas shuttle",
    "inert_gas_holder": "inert-gas transfer holder",
    "cryo_transfer_holder": "cryo-transfer holder",
    "uhv_suitcase": "ultra-high-vacuum suitcase",
    "ultra_high_vacuum": "ultra-high vacuum",
    "fs_laser": "femtosecond laser",
    "lithium_electrodeposited": "electrodeposited lithium",
    "solid_electrolyte_sulfide": "sulfide solid electrolyte",
    "solid_electrolyte_oxide": "oxide solid electrolyte",
    "solid_electrolyte_halide": "halide solid electrolyte",
    "relaxed_allowed": "relaxed, allowed",
}
PARTS = {name: name.upper() for name in ("eels", "eds", "sei", "cei", "fib", "tem", "stem", "uhv")}
THIN = "\u202f"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
DIGITS = 4
MOST_WHOLE = 1e7
MOST_DECIMALS = 15  # no float knows more
SPOKEN_S = 120.0  # from here on a length of time is spoken of in minutes and more


def unit(name: str | None) -> str:
    """Write a unit with its signs; one that is no unit is empty."""
    return SIGNS.get(name or "1", name or "")


def plain(name: str) -> str:
    """Write a word of a fixed list as people say it: ``lithium_metal_foil`` is "lithium metal foil"."""
    return NAMES.get(name) or " ".join(PARTS.get(part, part) for part in name.split("_"))


def number(value: float, digits: int = DIGITS) -> str:
    """
    Write a number with so many significant digits, a true minus and no zero that says nothing.

    Whole numbers below ten million stand in full, the others as a power of ten outside 0.001 to 10 000.
    """
    if not isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "not a number"
    if value == int(value) and abs(value) < MOST_WHOLE:
        return _grouped(str(int(value)))
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    if not 1e-3 <= abs(value) < 1e4:
        return f"{_trimmed(mantissa)} × 10{str(int(power)).translate(SUPERSCRIPTS)}"
    return _grouped(_trimmed(f"{value:.{max(0, digits - 1 - floor(log10(abs(value))))}f}"))


def with_uncertainty(value: float, uncertainty: float) -> str:
    """
    Write a value and its standard uncertainty within brackets: two digits of the uncertainty, the value no finer.

    Both stand on the same power of ten, or in full where no zero of theirs would only fill a place.
    """
    if not uncertainty or not isfinite(uncertainty) or not isfinite(value):
        return f"({number(value)} ± {number(uncertainty, 2)})"
    place = _power(float(f"{uncertainty:.1e}")) - 1
    largest = max(abs(round(value, -place)), float(f"{uncertainty:.1e}"))
    is_whole = place <= 0 and value == int(value) and largest < MOST_WHOLE
    power = 0 if is_whole or 1e-3 <= largest < 1e4 else _power(largest)
    if power - place > MOST_DECIMALS:
        return f"({number(value)} ± {number(uncertainty, 2)})"
    shown, beside = (_placed(each, place, power, power - place) for each in (value, uncertainty))
    times = f" × 10{str(power).translate(SUPERSCRIPTS)}" if power else ""
    return f"({shown} ± {beside}){times}"


def printed(text: str) -> str:
    """Write the units in a sentence of a table or a document, ``-170 deg C at 100 e/A^2/s``, with their signs."""
    for pattern, sign in _PRINTED:
        text = pattern.sub(sign, text)
    return text


def count(number_of: int, one: str) -> str:
    """Write how many of something there are: 1 frame, 2 frames."""
    return f"{number_of} {one}" if number_of == 1 else f"{number_of} {one}s"


def size(count_of: int) -> str:
    """Write a number of bytes in binary multiples: 999 424 bytes are "976 KiB"."""
    value, prefixes = float(count_of), ("KiB", "MiB", "GiB", "TiB", "PiB")
    if value < 1024:
        return count(count_of, "byte")
    step = -1
    while value >= 1024 and step < len(prefixes) - 1:
        value, step = value / 1024, step + 1
    return f"{number(value, 3)} {prefixes[step]}"


def duration(seconds: float) -> str:
    """Write a length of time in the two largest units that matter: 2400 s is "40 min"."""
    if seconds < 0:
        return f"−{duration(-seconds)}"
    if seconds < 60:
        return f"{number(float(seconds), 3)} s"
    whole_s = round(seconds)
    for name, length, lesser, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60)):
        if whole_s >= length:
            whole, rest = divmod(round(whole_s / part), length // part)
            return f"{whole} {name}" + (f" {rest} {lesser}" if rest else "")
    whole, rest = divmod(whole_s, 60)
    return f"{whole} min" + (f" {rest} s" if rest else "")


def seconds(value: float) -> str:
    """Write seconds as such while they are few, as `duration` where a person would not count them."""
    return duration(value) if abs(value) >= SPOKEN_S else f"{number(value)} s"


_PRINTED = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (r"\be/A\^?2(?:[/ ]s|·s)(?![\w^])", "e/(Å² s)"),
        (r"\be/A\^?2(?!\w)", "e/Å²"),
        (r"(?<![\w-])-(?=\d+(?:\.\d+)? ?(?:deg |°)?C\b)", "−"),
        (r"(?<=\d) ?(?:deg |°)C\b", " °C"),
        (r"(?<=−)(\d+(?:\.\d+)?) C\b", r"\1 °C"),
        (r"(?<=\d) deg\b", "°"),
        (r"(?<=\d) um\b", " µm"),
        (r"\bmAh/cm\^?2(?!\w)", "mAh/cm²"),
    )
)


def _power(size: float) -> int:
    """Return the power of ten a number above zero begins with."""
    return int(f"{size:.15e}".partition("e")[2])


def _placed(number_of: float, place: int, power: int, decimals: int) -> str:
    """Round to a decimal place, write it on a power of ten with all its decimals."""
    exact = Decimal(f"{Decimal(repr(float(number_of))).scaleb(-place):.0f}").scaleb(place - power)
    return _grouped(f"{exact or abs(exact):.{max(0, decimals)}f}".replace("-", "−"))


def _trimmed(text: str) -> str:
    """Leave out zeros that say nothing, and write a true minus."""
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def _grouped(text: str) -> str:
    """Part the thousands of numbers of five digits and more."""
    whole, point, rest = text.partition(".")
    sign, figures = ("−", whole[1:]) if whole[:1] in {"-", "−"} else ("", whole)
    figures = f"{int(figures):,}".replace(",", THIN) if len(figures) > 4 else figures
    return sign + figures + point + rest
