"""When data was taken, as well as anybody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from app.infra.db.models import Dataset, Exposure

MomentSource = Literal["exposure", "header", "received"]


@dataclass(frozen=True, slots=True)
class Taken:
    """
    One taking of data.

    Parameters
    ----------
    id : str
        The exposure; the dataset where no exposure is recorded.
    dataset_id, sample_id : str or None
        What it gave, and of which sample.
    moment : datetime
        When it began.
    source : {"exposure", "header", "received"}
        Whose word that is; ``received`` is only the latest it can have been.
    """

    id: str
    dataset_id: str | None
    sample_id: str | None
    moment: datetime
    source: MomentSource


def taken(datasets: Sequence[Dataset], exposures: Sequence[Exposure]) -> list[Taken]:
    """Return every taking of data, first to last."""
    beams = [Taken(each.id, each.dataset_id, each.sample_id, each.happened_at, "exposure") for each in exposures]
    dated = {each.dataset_id for each in exposures}
    silent = [_of_dataset(dataset) for dataset in datasets if dataset.id not in dated]
    return sorted([*beams, *silent], key=lambda each: (each.moment, each.id))


def _of_dataset(dataset: Dataset) -> Taken:
    """Believe a header that states its zone, and nothing later than the moment the bytes were received."""
    try:
        stamp = datetime.fromisoformat(dataset.acquired_at or "")
    except ValueError:
        stamp = None
    if stamp is not None and stamp.tzinfo is not None and stamp <= dataset.created_at:
        return Taken(dataset.id, dataset.id, dataset.sample_id, stamp.astimezone(UTC), "header")
    return Taken(dataset.id, dataset.id, dataset.sample_id, dataset.created_at, "received")
