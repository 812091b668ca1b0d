"""How a recorded value is written: the same words in paragraph, tables and figure."""

from datetime import UTC, datetime

from lithoscope import wording
from lithoscope.rules.report import Moment, Value
from lithoscope.units import Quantity

UNKNOWN = "not recorded"
KELVIN_DIGITS = 5  # 293.15 K is 20 degrees Celsius, 293.1 K is not


def quantity(value: Quantity) -> str:
    """Write a quantity with its unit, and its uncertainty where one is stated."""
    if value.value is None:
        return UNKNOWN
    unit = wording.unit(value.unit)
    space = "" if unit in {"", "°"} else " "
    if value.uncertainty:
        return f"{wording.with_uncertainty(value.value, value.uncertainty)}{space}{unit}"
    if value.interval is not None:
        low, high = value.interval
        return f"{wording.number(value.value)} ({wording.number(low)} to {wording.number(high)}){space}{unit}"
    digits = KELVIN_DIGITS if unit == "K" else wording.DIGITS
    return wording.seconds(value.value) if unit == "s" else f"{wording.number(value.value, digits)}{space}{unit}"


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
    """Write a word of a fixed list as people say it, abbreviations explained where a report first names them."""
    return SAID.get(name) or wording.plain(name)


SAID = {
    "sei": "solid electrolyte interphase (SEI)",
    "cei": "cathode electrolyte interphase (CEI)",
    "tem_field": "TEM",
    "within": "within the limit",
    "near": "near the limit",
}
