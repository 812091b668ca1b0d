"""The exposures of parts: a part whose file says what its beam did is an ordinary exposure of the sample."""

from collections.abc import Sequence
from dataclasses import replace

from app.errors import LabError
from app.infra.db.models import Dataset, GrowingSeries, SeriesPart
from app.infra.log import get_logger
from app.lab.access import SYSTEM
from app.lab.dose.of_series import SeriesExposure, SeriesExposureService, is_scanned
from app.lab.series.repository import SeriesRepository

log = get_logger(__name__)


class SeriesExposing:
    """Records the exposure of every part that says enough of it, once; the stacked datasets have none of their own."""

    def __init__(self, series: SeriesRepository, exposures: SeriesExposureService) -> None:
        self._series = series
        self._exposures = exposures

    def record(self, series: GrowingSeries, rows: Sequence[tuple[SeriesPart, Dataset]]) -> None:
        """
        Record the exposures of readable parts that have none on record yet.

        A file that does not say that a beam was scanned, or when, leaves the dose of its part unknown: a person records
        it.
        """
        read = {dataset.id: dataset for _, dataset in rows if dataset.state == "readable"}
        known = {exposure.dataset_id for exposure in self._series.exposures_of(list(read))}
        for dataset in (each for name, each in read.items() if name not in known and is_scanned(each)):
            actor = replace(SYSTEM, id=dataset.created_by, label="the sender", instrument_id=dataset.instrument_id)
            given = SeriesExposure(region_id=series.region_id, note=f"part of the series {series.name}"[:255])
            try:
                with self._series.savepoint():
                    self._exposures.record(actor, dataset.id, given)
            except LabError as refusal:
                log.info("exposure of a part not recorded", dataset_id=dataset.id, reason=refusal.code)
