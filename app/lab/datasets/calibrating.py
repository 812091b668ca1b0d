"""Correcting a dataset's calibration: the file is read again with what a person knows better."""

from app.errors import Conflict
from app.infra.db.models import Dataset
from app.lab.access import Actor
from app.lab.datasets.schemas import DatasetChange
from app.lab.datasets.service import DatasetService
from app.lab.jobs.service import JobService


class DatasetInUse(Conflict):
    """A job is reading the dataset."""

    code, title = "dataset-in-use", "A job is reading the dataset"


class CalibrationService:
    """Keeps arrays, pictures and calibration of a dataset saying the same."""

    def __init__(self, datasets: DatasetService, jobs: JobService) -> None:
        self._datasets = datasets
        self._jobs = jobs

    def correct(self, actor: Actor, dataset_id: str, version: int, change: DatasetChange) -> Dataset:
        """
        Set calibration values a person vouches for, and queue the reading that puts them into the arrays.

        Until that is done the dataset is not readable, so that no job meets the old scale; results made before keep it.

        Raises
        ------
        DatasetInUse
            A job that is not finished reads the dataset; the problem names it.
        """
        dataset = self._datasets.change(actor, dataset_id, version, change)
        if blocking := self._jobs.using(dataset_id):
            raise DatasetInUse(
                "A job is reading this dataset with its present calibration: wait for it or cancel it.",
                job=f"/api/v1/jobs/{blocking.id}",
            )
        self._jobs.submit_ingest(actor, dataset)
        return dataset
