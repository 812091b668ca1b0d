"""What a part is, as the law of growing series judges it, from the rows of part and dataset."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.infra.db.models import Dataset, GrowingSeries, SeriesPart
from lithoscope.rules.growing_series import Layout, Part, PartState, SeriesKind, Standing, judge

_STATES: dict[str, PartState] = {"readable": "readable", "rejected": "lost", "deleted": "lost"}
#: What files call the tilt of one image.
TILT = "stage_alpha_deg"


def kind_of(series: GrowingSeries) -> SeriesKind:
    """Return what a series is of."""
    return "tilt_series" if series.kind == "tilt_series" else "slices"


def standing_of(series: GrowingSeries, parts: Sequence[tuple[SeriesPart, Dataset]]) -> Standing:
    """Say which parts of a series can be stacked now."""
    kind = kind_of(series)
    facts = [facts_of(part, dataset, kind) for part, dataset in parts]
    return judge(facts, kind=kind, expected=series.expected)


def facts_of(part: SeriesPart, dataset: Dataset, kind: SeriesKind) -> Part:
    """Return a part as it stands; its place is what its sender said, else the tilt that its file says."""
    state = _STATES.get(dataset.state, "waiting")
    place = part.place
    if place is None and kind == "tilt_series":
        place = _known(dataset.quantities, TILT)
    image = image_of(dataset) if state == "readable" else None
    return Part(part.number, state, place, None if image is None else _layout(image, dataset))


def image_of(dataset: Dataset) -> Mapping[str, Any] | None:
    """Return the first array of a dataset that is one image, alone or as the only one of a stack."""
    for array in dataset.arrays:
        axes, shape = array.get("axes") or "", array.get("shape") or []
        if axes == "yx" or (axes in {"tyx", "zyx"} and shape[0] == 1):
            found: Mapping[str, Any] = array
            return found
    return None


def _layout(image: Mapping[str, Any], dataset: Dataset) -> Layout:
    spacing, (rows, columns) = image.get("spacing") or {}, image["shape"][-2:]
    steps = tuple((spacing.get(axis) or {}).get("value") for axis in "yx")
    energy = _known(dataset.quantities, "beam_energy_kV")
    return Layout((rows, columns), image["dtype"], image["unit"], (steps[0], steps[1]), energy)


def _known(quantities: Mapping[str, Any], name: str) -> float | None:
    value: float | None = (quantities.get(name) or {}).get("value")
    return value
