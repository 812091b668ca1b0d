"""What pages of a growing series draw of its parts, and how their forms are filled."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.infra.db.models import GrowingSeries
from app.lab.series.schemas import PartOut, PartState
from app.portal.forms import Values, text_of
from lithoscope.methods import Method
from lithoscope.recipes import Recipe

WIDTH = 100.0
_TILTS_DEG = (-90.0, 90.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """One part on the line of tilts or depths: where [% of its length], and how it is."""

    x: float
    state: PartState


@dataclass(frozen=True, slots=True)
class Coverage:
    """
    Where the parts of a series lie.

    Parameters
    ----------
    begin, end : float
        Ends of the line [deg or nm].
    ticks : tuple of Tick
        The parts whose place is known.
    placeless : int
        How many tell none.
    """

    begin: float
    end: float
    ticks: tuple[Tick, ...]
    placeless: int


def coverage(kind: str, parts: Iterable[PartOut]) -> Coverage:
    """Return where parts lie: tilts on the half circle there is, slices from the first to the last."""
    is_tilts = kind == "tilt_series"
    told = [(part.tilt_deg if is_tilts else part.z_nm, part.state) for part in parts]
    known = [(place, state) for place, state in told if place is not None]
    places = [place for place, _ in known]
    begin, end = _TILTS_DEG if is_tilts else (min(places, default=0.0), max(places, default=0.0))
    begin, end = min([begin, *places]), max([end, *places])
    length = end - begin or 1.0
    ticks = tuple(Tick(round(WIDTH * (place - begin) / length, 2), state) for place, state in sorted(known))
    return Coverage(begin, end, ticks, len(told) - len(known))


def values_of(series: GrowingSeries, thing: Method | Recipe) -> Values:
    """Write what is run on a series as its form sends it; nothing of another method or recipe."""
    action = series.action or {}
    if thing.id not in {action.get("method"), action.get("recipe")}:
        return {}
    given = {f"params.{name}": text_of(value) for name, value in action["parameters"].items() if value is not None}
    return given | ({"preset": action["preset"]} if action.get("preset") else {})
