"""What a worker does with the job it holds, within the transaction its lease is checked in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.infra.db.models import Dataset
from app.infra.ids import new_id
from app.infra.queue import Claim, Leases
from app.infra.storage import Store, tree_key
from app.lab.access import SYSTEM
from app.lab.datasets.service import DatasetService
from app.lab.jobs.inputs import Found, Inputs
from app.lab.jobs.repository import JobRepository
from app.lab.results.service import ResultService
from lithoscope.methods import listed


@dataclass(frozen=True)
class Made:
    """
    What a job's process left behind, checked and flushed to the disk.

    Parameters
    ----------
    folder : Path
        Where it stands now.
    digest : str
        Of its manifest.
    size_bytes : int
        Of all files.
    arrays : list
        Summaries of what is in it.
    report : mapping
        What the process says besides: a reading's metadata, or warnings.
    run_record : mapping
        The whole account of the run.
    file : (Path, str), optional
        The whole as one file, with its SHA-256.
    """

    folder: Path
    digest: str
    size_bytes: int
    arrays: list[dict[str, Any]]
    report: dict[str, Any]
    run_record: dict[str, Any]
    file: tuple[Path, str] | None = None


class Bench:
    """Gives a worker its inputs and takes what it made, once."""

    def __init__(
        self,
        jobs: JobRepository,
        inputs: Inputs,
        *,
        leases: Leases,
        datasets: DatasetService,
        results: ResultService,
        store: Store,
    ) -> None:
        self._jobs = jobs
        self._inputs = inputs
        self._leases = leases
        self._datasets = datasets
        self._results = results
        self._store = store

    def inputs(self, claim: Claim) -> Found:
        """Find the inputs of an analysis as they are now; refused if one is gone."""
        found: Found = {}
        for name, given in claim.inputs.items():
            there = tuple(self._inputs.find(SYSTEM, reference, f"/inputs/{name}") for reference in listed(given))
            found[name] = there if isinstance(given, list) else there[0]
        return found

    def dataset(self, claim: Claim) -> Dataset:
        """Return the dataset an ingest reads."""
        return self._datasets.get(SYSTEM, claim.inputs["dataset"])

    def companions(self, claim: Claim) -> list[Dataset]:
        """Return the files read together with the dataset: those accepted before, and the one this job is about."""
        rows = self._datasets.companions(claim.inputs["dataset"])
        return [row for row in rows if row.state == "readable" or row.id == claim.inputs.get("companion")]

    def publish_result(self, claim: Claim, made: Made) -> str | None:
        """
        Make an analysis succeed with its result; None when another holds the job, or it was cancelled.

        The row is changed first, so that the files of a worker that was replaced never reach the store.
        """
        result_id = new_id("res")
        if not self._leases.succeed(claim, result_id):
            return None
        job = self._jobs.get(claim.job_id)
        if job is None:
            return None
        key = self.keep(made)
        self._results.publish(
            job,
            digest=made.digest,
            store_key=key,
            size_bytes=made.size_bytes,
            outputs=made.arrays,
            run_record=made.run_record,
            result_id=result_id,
        )
        return result_id

    def publish_reading(self, claim: Claim, made: Made) -> bool:
        """Make an ingest succeed and its dataset readable; False when another holds the job."""
        if not self._leases.succeed(claim, None):
            return False
        key = self.keep(made)
        companion = claim.inputs.get("companion")
        self._datasets.mark_readable(
            claim.inputs["dataset"], arrays=made.arrays, store_key=key, is_again=companion is not None, **made.report
        )
        if companion is not None:
            self._datasets.mark_readable(companion, arrays=[], store_key=None, format="companion", kind="companion")
        return True

    def keep(self, made: Made) -> str:
        """Put what was made into the store, where no sweeper may remove it until this transaction ends."""
        key = tree_key(made.digest)
        self._results.hold_tree(key)
        self._store.put_tree(key, made.folder)
        return key

    def reject_reading(self, claim: Claim, problem: dict[str, Any]) -> None:
        """Make an ingest fail and its dataset rejected, unless another holds the job or it was cancelled."""
        self._leases.fail(claim, problem)
        self._reject_if_failed(claim, problem)

    def crash_of_reading(self, claim: Claim, problem: dict[str, Any]) -> None:
        """Count a crash of an ingest; after the third its dataset is rejected."""
        self._leases.crashed(claim, problem)
        self._reject_if_failed(claim, problem)

    def _reject_if_failed(self, claim: Claim, problem: dict[str, Any]) -> None:
        job = self._jobs.get(claim.job_id)
        if job is not None and job.state == "failed":
            self._datasets.mark_rejected(claim.inputs.get("companion", claim.inputs["dataset"]), problem)
