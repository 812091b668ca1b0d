"""How pages write numbers, instants and the facility's words; templates use these as filters."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from lithoscope import wording
from lithoscope.rules.sample_kinds import sample_kinds
from lithoscope.units import Quantity

NAMES = {
    "cpu-short": "short",
    "cpu-long": "long",
    "io": "input and output",
    "gpu": "GPU",
    "hdf5": "HDF5",
    **{engine: engine.upper() for engine in ("genfire", "sirt", "sart", "fbp", "resire", "icp")},
    "mn": "Mn L, recommended",
    "mn_paper": "Mn L, as published",
    "co": "Co L, recommended",
    "co_paper": "Co L, as published",
    "velox": "Velox",
    "x_rays": "X-rays",
    "points": "event list",
    "pos": "POS",
    "epos": "ePOS",
    "apt": "APT",
    "repeat_dark_field": "repeated dark field",
    "repeat_low_loss": "repeated low loss",
    "repeat_core_loss": "repeated core loss",
}
SUFFIXES = {
    "_e_per_A2_s": "e/(A^2 s)",
    "_e_per_A2": "e/A^2",
    "_photons_per_um2": "photons/um^2",
    "_percent": "%",
    "_mAh_per_cm2": "mAh/cm^2",
    "_cm2_per_g": "cm^2/g",
    "_photons_per_s": "photons/s",
    "_counts_per_e": "counts/e",
    "_nm2": "nm^2",
    "_cm2": "cm^2",
    "_um2": "um^2",
    "_per_nm": "nm^-1",
    "_bytes": "bytes",
    **{
        f"_{name}": name
        for name in (
            "ppm",
            "mL",
            "mg",
            "nA",
            "pA",
            "kV",
            "keV",
            "eV",
            "kHz",
            "pJ",
            "Da",
            "ns",
            "V",
            "nm",
            "um",
            "mm",
            "deg",
            "mrad",
            "Pa",
            "K",
            "px",
            "s",
            "h",
        )
    },
}
FORMULAE = {
    "confirm": "These unusual values are meant",
    "o2": "O₂",
    "h2o": "H₂O",
    "fib": "FIB",
    "id": "identifier",
    "uhv": "UHV",
    "url": "address",
    "ids": "identifiers",
    "kev": "keV",
}
_IDENTIFIER = re.compile(r"[a-z]+_[0-9a-f]{32}")
_ELEMENT = "A[lgsu]|B|C[aloru]?|Fe?|H|I|K|L[ai]|M[gno]|N[abi]?|O|P[bt]?|S[in]?|T[ai]|V|W|Z[nr]"
_FORMULA = re.compile(rf"(?<![\w.])(?:(?:{_ELEMENT})\d*)+(?![\w]|\.\d)")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ZERO_CELSIUS_K = 273.15
UNKNOWN = "unknown"


def word(name: str | None) -> str:
    """Write a controlled name as words: ``lithium_metal_foil`` is "lithium metal foil"."""
    if name is None:
        return UNKNOWN
    return NAMES.get(name) or formula(wording.plain(name.replace("-", "_")))


def kind_title(kind: str) -> str:
    """Write what kind of thing a sample is: ``tip`` is "Atom-probe tip"."""
    known = sample_kinds().get(kind)
    return known.title if known else title(kind)


def title(name: str | None) -> str:
    """Write a controlled name as words that begin a line."""
    text = word(name)
    return text[:1].upper() + text[1:]


def label_and_unit(name: str) -> tuple[str, str]:
    """Split a field's name into words and the unit its suffix states: ``beam_current_nA`` is ("Beam current", "nA")."""
    label, suffix = _parted(name)
    return label[:1].upper() + label[1:], SUFFIXES.get(suffix, "")


def field(name: str) -> str:
    """Write a field's name as words within a sentence, without its unit: ``beam_current_nA`` is "beam current"."""
    return _parted(name)[0]


def _parted(name: str) -> tuple[str, str]:
    suffix = next((end for end in SUFFIXES if name.endswith(end) and len(name) > len(end)), "")
    return " ".join(FORMULAE.get(part, part) for part in name.removesuffix(suffix).split("_")), suffix


def detail(name: str, value: Any) -> str:
    """Write one named detail of a record: the number with the unit its name states, lists in one line."""
    if value is None:
        return UNKNOWN
    if name == "temperature_K" and isinstance(value, int | float):
        return f"{number(value)} K ({celsius(value)})"
    if isinstance(value, bool | int | float):
        sign = unit(label_and_unit(name)[1])
        return wording.seconds(value) if sign == "s" else f"{number(value)} {sign}".strip()
    if isinstance(value, Mapping):
        return ", ".join(
            f"{label_and_unit(key)[0].lower()} {detail(key, item)}" for key, item in value.items() if item is not None
        )
    if isinstance(value, list):
        return "; ".join(detail(name, item) for item in value)
    text = str(value)
    return word(text) if text.islower() and " " not in text and not _IDENTIFIER.fullmatch(text) else text


def celsius(kelvin: float | None) -> str:
    """Write a temperature in degrees Celsius."""
    return UNKNOWN if kelvin is None else f"{number(round(kelvin - ZERO_CELSIUS_K, 1))}\u00a0°C"


def formula(name: str) -> str:
    """Write a chemical formula with its figures below the line: Li2CO3 is Li₂CO₃; other words stay."""
    return _FORMULA.sub(lambda found: found[0].translate(_SUBSCRIPTS), name)


def unit(name: str | None) -> str:
    """Write a unit with its signs."""
    return wording.unit(name)


def printed(text: str | None) -> str:
    """Write the units in a sentence or citation of a table with their signs."""
    return wording.printed(text or "")


def number(value: float | int | None, digits: int = 4) -> str:
    """Write a number with so many significant digits; a yes or no and an unknown one as words."""
    if value is None:
        return UNKNOWN
    return ("yes" if value else "no") if isinstance(value, bool) else wording.number(value, digits)


def quantity(stated: Quantity | Mapping[str, Any] | None) -> str:
    """Write a quantity: value, uncertainty and unit; an unknown one says so."""
    record = _record(stated)
    if record.get("value") is None:
        return UNKNOWN
    sign = unit(record["unit"])
    gap = "" if sign in {"", "°"} else "\u00a0"
    value, uncertainty = record["value"], record.get("uncertainty")
    if uncertainty is None:
        return wording.seconds(value).replace(" ", "\u00a0") if sign == "s" else f"{number(value)}{gap}{sign}"
    both = wording.with_uncertainty(value, uncertainty)
    return f"{both}{gap}{sign}" if sign or "×" in both else both.strip("()")


def _record(stated: Any) -> Mapping[str, Any]:
    """Read a quantity or interval of the rules, of an answer, or of stored JSON."""
    if stated is None or isinstance(stated, Mapping):
        return stated or {}
    found: Mapping[str, Any] = stated.to_json() if hasattr(stated, "to_json") else stated.model_dump()
    return found


def interval(stated: Quantity | Mapping[str, Any] | None, between: str = "to") -> str:
    """Write a quantity's 90 % interval, a word between its ends, or nothing."""
    record = _record(stated)
    bounds = record.get("interval")
    if not bounds:
        return ""
    sign = unit(record["unit"])
    return f"{number(bounds[0])} {between} {number(bounds[1])}{'' if sign == '' else f' {sign}'}"


def bounds(stated: Any, factor: float = 1.0, sign: str | None = None) -> str:
    """Write an interval whose ends, or best estimate, may be unknown; nothing is made up for an end that is missing."""
    record = _record(stated)
    lower, best, upper = (None if record[key] is None else record[key] * factor for key in ("lower", "best", "upper"))
    shown = unit(record["unit"]) if sign is None else sign
    gap = f"\u00a0{shown}" if shown else ""
    if upper is None and best is None and not lower:
        return UNKNOWN
    if upper is None and lower is None:
        return f"about {number(best, 3)}{gap}"
    if upper is None:
        said = f"at least {number(lower, 3)}{gap}"
    elif lower is None:
        said = f"at most {number(upper, 3)}{gap}" if upper else f"0{gap}"
    elif number(lower, 3) == number(upper, 3):
        return f"{number(upper, 3)}{gap}"
    else:
        said = f"{number(lower, 3)} to {number(upper, 3)}{gap}"
    return said if best is None or best in {lower, upper} else f"{said}, best estimate {number(best, 3)}{gap}"


def share(stated: Any) -> str:
    """Write an interval of a fraction in percent."""
    return bounds(stated, 100.0, "%")


def span(stated: Any) -> str:
    """Write an interval of seconds, in larger units where they help."""
    record = _record(stated)
    ends = [record[key] for key in ("lower", "upper") if record[key] is not None]
    if not ends or max(ends) < 120:
        return bounds(record)
    lower, upper = record["lower"], record["upper"]
    if upper is None:
        return f"at least {duration(lower)}"
    return f"at most {duration(upper)}" if lower is None else f"{duration(lower)} to {duration(upper)}"


def listed(items: Iterable[str], most: int = 2) -> str:
    """Write the first of some names, and how many more there are."""
    names = list(items)
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def without_note(record: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the note out where there is no room for it."""
    return {**record, "note": ""}


def size(count: int | None) -> str:
    """Write a number of bytes in binary multiples."""
    return UNKNOWN if count is None else wording.size(count)


def duration(seconds: float | None) -> str:
    """Write a length of time in the two largest units that matter."""
    return UNKNOWN if seconds is None else wording.duration(seconds)


def instant(value: datetime | str | None) -> str:
    """Write an instant in UTC; the page's script turns it into the reader's own time."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        try:
            return instant(datetime.fromisoformat(value))
        except ValueError:
            return value
    if value.tzinfo is None:
        return f"{value:%Y-%m-%d %H:%M} (zone not recorded)"
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def short(identifier: str | None) -> str:
    """Abbreviate an identifier to its type and last eight characters, enough to tell rows apart."""
    if identifier is None:
        return ""
    prefix, _, rest = identifier.partition("_")
    return f"{prefix}…{rest[-8:]}"
