"""Exposures as the clocks see them: an electron beam on the sample ends the wait for imaging."""

from collections.abc import Iterable

from app.lab.dose.service import RecordedExposure
from lithoscope.rules.custody import Happening

ELECTRON_MODES = frozenset({"stem_raster", "tem_field"})


def beams(entries: Iterable[RecordedExposure]) -> list[Happening]:
    """Return the standing electron exposures of a history as happenings."""
    return [_happening(entry) for entry in entries if _counts(entry)]


def _counts(entry: RecordedExposure) -> bool:
    return entry.superseded_by is None and entry.exposure.mode in ELECTRON_MODES


def _happening(entry: RecordedExposure) -> Happening:
    energy = entry.conditions.get("beam_energy_kV")
    details = {"beam": "electron", "beam_energy_kV": None if energy is None else energy.value}
    return Happening("exposure", entry.exposure.happened_at, details=details, id=entry.exposure.id)
