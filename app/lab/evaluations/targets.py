"""What is judged: a sample as it is, a dataset or a result at the moment its beam ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import LabError, NotFound
from app.infra.clock import now
from app.infra.db.models import Dataset, Result, Sample
from app.infra.ids import prefix_of
from app.lab.access import Actor
from app.lab.datasets.service import DatasetService
from app.lab.dose.legs import Accounted
from app.lab.dose.service import DoseService, RecordedExposure
from app.lab.lineage.service import LineageService
from app.lab.results.service import ResultService
from app.lab.samples.service import SampleService

NO_EXPOSURE = "no exposure is recorded of it: judged at the moment it was received"


class WithoutSample(LabError):
    """Protocols speak of samples; this came without one."""

    code, status, title = "without-sample", 422, "No sample to judge"


@dataclass(frozen=True, slots=True)
class Target:
    """
    A thing to judge.

    Parameters
    ----------
    id : str
        Of the sample, dataset or result.
    sample : Sample
        Whose history counts.
    at : datetime
        Until when.
    judged : frozenset of str or None
        The exposures in question; None is all of them.
    note : str
        What was taken for granted.
    """

    id: str
    sample: Sample
    at: datetime
    judged: frozenset[str] | None = None
    note: str = ""


class Targets:
    """Finds what is judged, as the actor may see it."""

    def __init__(
        self,
        samples: SampleService,
        *,
        datasets: DatasetService,
        results: ResultService,
        dose: DoseService,
        lineage: LineageService,
    ) -> None:
        self._samples = samples
        self._datasets = datasets
        self._results = results
        self._dose = dose
        self._lineage = lineage

    def find(self, actor: Actor, target_id: str, *, at: datetime | None = None) -> Target:
        """
        Return a sample at a moment (now when left out), or a dataset or result at the moment of its exposure.

        A result is judged by the exposures it came from: its datasets', and those it was computed from.
        """
        kind = prefix_of(target_id)
        if kind == "smp":
            return Target(target_id, self._samples.get(actor, target_id), at or now())
        if kind == "ds":
            dataset = self._datasets.get(actor, target_id)
            return self._of(actor, dataset, self._dose.of_dataset(dataset))
        if kind == "res":
            result = self._results.get(actor, target_id)
            return self._of(actor, result, self._behind(actor, target_id))
        raise NotFound

    def _behind(self, actor: Actor, result_id: str) -> list[RecordedExposure]:
        """Return the exposures a result came from, each as it stands after its corrections."""
        found: dict[str, RecordedExposure] = {}
        for node in self._lineage.walk(actor, result_id, "upstream").nodes:
            if node.kind != "exposure":
                continue
            entry = self._dose.get(actor, node.id)
            while entry.superseded_by is not None:
                entry = self._dose.get(actor, entry.superseded_by)
            found[entry.exposure.id] = entry
        return [*found.values()]

    def _of(self, actor: Actor, made: Dataset | Result, entries: Sequence[RecordedExposure]) -> Target:
        last = max(self._dose.account_for(entries), key=_end, default=None)
        owner_id = made.sample_id or (last.exposure.sample_id if last else None)
        if owner_id is None:
            raise WithoutSample("It belongs to no sample and no exposure is recorded of it: name its sample first.")
        return Target(
            id=made.id,
            sample=self._samples.get(actor, owner_id),
            at=_end(last) if last else made.created_at,
            judged=frozenset(entry.exposure.id for entry in entries),
            note="" if last else NO_EXPOSURE,
        )


def _end(account: Accounted) -> datetime:
    """
    Return when a beam ended: as recorded, else after its frames; a running one has not ended yet.

    Judged any earlier, part of its own dose would be missing.
    """
    leg = account.leg
    return now() if leg.is_running else leg.ended_at or leg.started_at
