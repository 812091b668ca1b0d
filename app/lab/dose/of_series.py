"""The exposure that gave a dataset, from what its file says of the scans; nobody commits here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from app.errors import Conflict, Invalid
from app.infra.db.models import Dataset
from app.lab.access import Action, Actor
from app.lab.datasets.service import DatasetService
from app.lab.dose.conditions import UNIT_OF
from app.lab.dose.exposure_types import Count, StemRaster
from app.lab.dose.legs import HEADER_NAMES, header_of
from app.lab.dose.service import DoseService, NotARaster, RecordedExposure
from app.lab.schemas import Body, Instant, LongText, ObjectId

#: Arrays of scans that were taken again, the series' own among them, begin with this.
REPEATED = "repeat_"
#: What a scanned beam alone gives.
SCANNED = frozenset({"spectra"})
DARK_FIELD = "dark_field"
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


class WithoutSample(Conflict):
    """A beam lay on a sample, and the dataset names none."""

    code, title = "dataset-without-sample", "The dataset belongs to no sample"


class SeriesExposure(Body):
    """What a file does not say of its exposure; what is left out comes from the file."""

    occurred_at: Annotated[
        Instant | None, Field(description="Begin of the first scan; left out: what the file says, if it names a zone")
    ] = None
    recorded_scans: Annotated[
        Count | None, Field(description="Every frame on record; left out: those of the file, repeated ones included")
    ] = None
    region_id: ObjectId | None = None
    instrument_id: ObjectId | None = None
    note: LongText | None = None


class SeriesExposureService:
    """Records the exposure of a scanned dataset: frames and raster from its arrays, the rest from its header."""

    def __init__(self, dose: DoseService, datasets: DatasetService) -> None:
        self._dose = dose
        self._datasets = datasets

    def record(self, actor: Actor, dataset_id: str, given: SeriesExposure) -> tuple[RecordedExposure, bool]:
        """
        Append the exposure of a dataset; says whether it is new (one that stands is returned as it is).

        Its quantities stay empty: the account fills them from the file, each with source ``header``, and follows a
        calibration that is corrected later.
        """
        dataset = self._datasets.get(actor, dataset_id, need=Action.RECORD)
        if dataset.sample_id is None:
            raise WithoutSample("A beam lay on a sample: say first which sample this dataset shows.")
        if standing := self._dose.of_dataset(dataset):
            return standing[0], False
        fields = proposal(dataset) | given.model_dump(exclude_none=True)
        if fields["occurred_at"] is None:
            raise Invalid.field("/body/occurred_at", "The file states no time with a zone: say when the scans began.")
        return self._dose.record(actor, dataset.sample_id, StemRaster(**fields))

    def proposed(self, actor: Actor, dataset_id: str) -> dict[str, Any]:
        """Return the fields of a dataset's exposure for a person to look at, its header's quantities among them."""
        dataset = self._datasets.get(actor, dataset_id, need=Action.RECORD)
        header = header_of(dataset) or {}
        names = {name: HEADER_NAMES.get(name, name) for name in UNIT_OF if name in StemRaster.model_fields}
        quantities = {name: header[known] for name, known in names.items() if known in header}
        return proposal(dataset) | {name: record for name, record in quantities.items() if (record["value"] or 0) > 0}


def proposal(dataset: Dataset) -> dict[str, Any]:
    """
    Return what a scanned dataset says of its exposure, as fields of one.

    Raises
    ------
    NotARaster
        Nothing in it says that a beam was scanned.
    """
    if not is_scanned(dataset):
        raise NotARaster("Nothing in this file says that a beam was scanned: record its exposure by hand.")
    main, repeats = _own_images(dataset)[0], [each for each in dataset.arrays if each["name"].startswith(REPEATED)]
    frames = _length(main, "t") or 1
    again = max((_length(array, "t") or 1 for array in repeats), default=1)
    return {
        "mode": "stem_raster",
        "purpose": "acquisition",
        "occurred_at": _moment(dataset.acquired_at),
        "dataset_id": dataset.id,
        "frames": frames,
        "recorded_scans": frames + again - 1,
        "frame_pixels": [_length(main, "x"), _length(main, "y")],
    }


def is_scanned(dataset: Dataset) -> bool:
    """Say whether a dataset holds images or spectra of a scanned beam."""
    dwell, images = dataset.quantities.get("dwell_s") or {}, _own_images(dataset)
    has_dwell = dwell.get("value") is not None
    return any(has_dwell or image["kind"] in SCANNED or image["name"] == DARK_FIELD for image in images)


def _own_images(dataset: Dataset) -> list[Mapping[str, Any]]:
    """Return the arrays with places along x and y that are no repetition, as the file orders them."""
    return [
        array
        for array in dataset.arrays
        if {"x", "y"} <= set(array.get("axes") or "") and not array["name"].startswith(REPEATED)
    ]


def _length(array: Mapping[str, Any], axis: str) -> int | None:
    """Return how many places an array has along an axis."""
    return int(array["shape"][array["axes"].index(axis)]) if axis in array["axes"] else None


def _moment(text: str | None) -> datetime | None:
    """Return the moment a header states; None without a zone."""
    try:
        return _INSTANT.validate_python(text)
    except ValidationError:
        return None
