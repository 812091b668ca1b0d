"""What beams had given a sample before the exposure that made the data."""

from collections.abc import Sequence

from app.infra.db.models import Dataset, Exposure
from app.lab.provenance.schemas import BeamOut
from lithoscope.rules.accumulation import sums_by_beam
from lithoscope.rules.legs import FLUENCE_RATE_UNIT, FLUENCE_UNIT, RADIATION_OF, Leg, Mode
from lithoscope.units import Quantity


def tilts_of(dataset: Dataset, exposures: Sequence[Exposure]) -> tuple[int | None, int | None]:
    """Return how many tilts a dataset holds, and of how many no exposure of it tells the dose; None where unknown."""
    series = next((each for each in dataset.arrays if each["kind"] == "tilt_series"), None)
    if series is None:
        return None, None
    tilts = int(series["shape"][series["axes"].index("t")])
    corrected = {each.supersedes_id for each in exposures}
    frames = [each.frames for each in exposures if each.dataset_id == dataset.id and each.id not in corrected]
    told = [count for count in frames if count is not None]
    return tilts, max(tilts - sum(told), 0) if len(told) == len(frames) else None


def beam(exposure: Exposure, legs: Sequence[Leg], superseded_by: str | None) -> BeamOut:
    """
    Describe an exposure and what had been before it.

    Parameters
    ----------
    exposure : Exposure
        The exposure that gave the data.
    legs : sequence of Leg
        Everything recorded of its sample, inherited exposures too.
    superseded_by : str or None
        The correction, when the data was computed from a record that was corrected afterwards.
    """
    leg = next((each for each in legs if each.exposure_id == exposure.id), None)
    earlier = [each for each in legs if each.started_at < exposure.happened_at and each.exposure_id != exposure.id]
    names = ("id", "sample_id", "dataset_id", "instrument_id", "region_id", "mode", "purpose", "ended_at")
    return BeamOut.model_validate(
        {
            **{name: getattr(exposure, name) for name in names},
            "started_at": exposure.happened_at,
            "superseded_by": superseded_by,
            "before": sums_by_beam(earlier),
            **_numbers(exposure.mode, leg),
        }
    )


def _numbers(mode: str, leg: Leg | None) -> dict[str, Quantity]:
    if leg is not None:
        return {name: getattr(leg, name) for name in ("beam_energy", "temperature_K", "rate", "fluence")}
    radiation = RADIATION_OF[_mode(mode)]
    units = {
        "beam_energy": "keV" if radiation == "photons" else "kV",
        "temperature_K": "K",
        "rate": FLUENCE_RATE_UNIT[radiation],
        "fluence": FLUENCE_UNIT[radiation],
    }
    return {name: Quantity.unknown(unit, "this record was corrected afterwards") for name, unit in units.items()}


def _mode(mode: str) -> Mode:
    return next(known for known in RADIATION_OF if known == mode)
