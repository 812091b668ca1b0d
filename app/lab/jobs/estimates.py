"""How long a job would take and how much memory it would hold, told from what earlier ones took; nothing is queued."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from app.infra.db.models import Job
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.jobs.doubts import InputWarning, warnings_before
from app.lab.jobs.inputs import Found, Inputs, doubted, each, numbers_in
from app.lab.jobs.repository import JobRepository
from app.lab.jobs.schemas import NewJob
from app.lab.jobs.service import project_of
from lithoscope.methods import Method, listed
from lithoscope.rules.run_estimates import ALIKE, Estimate, PastRun, estimate

MOST_RUNS = 60
ROUNDS = "iterations"
#: Run records with the outputs of their results.
Past = list[tuple[dict[str, Any], list[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class JobEstimate:
    """
    What a job would need.

    Parameters
    ----------
    time_s, memory_bytes : Estimate
        From its start by a worker to its result; at most at any moment.
    memory_limit_bytes : int
        At which a job is ended.
    warnings : tuple of InputWarning
        Doubts about its inputs that make its numbers wrong.
    """

    time_s: Estimate
    memory_bytes: Estimate
    memory_limit_bytes: int
    warnings: tuple[InputWarning, ...] = ()

    @property
    def is_too_large(self) -> bool:
        """Say whether it is likely to be ended for its memory."""
        return self.memory_bytes.value is not None and self.memory_bytes.value > self.memory_limit_bytes


class EstimateService:
    """
    Tells what jobs will need, from the runs of projects that the actor may read.

    The size of a run is how many numbers it reads; its time also counts how often it goes through them. Runs whose
    record does not tell their size are passed over.
    """

    def __init__(
        self, jobs: JobRepository, inputs: Inputs, *, methods: Mapping[str, Method], memory_limit_bytes: int
    ) -> None:
        self._jobs = jobs
        self._inputs = inputs
        self._methods = methods
        self._memory_limit_bytes = memory_limit_bytes
        self._known: dict[tuple[str, str], Past] = {}

    def of_request(self, actor: Actor, new: NewJob) -> JobEstimate:
        """Check a request as its submission would, and tell what its job would need."""
        method = self._methods[new.method]
        found = self._inputs.check(actor, method.inputs, new.inputs.model_dump(exclude_none=True))
        require(actor, Action.RUN, project_of(new.project_id, found))
        return self._of(actor, method, found, new.params.model_dump())

    def of_job(self, actor: Actor, job: Job) -> JobEstimate | None:
        """Tell what a submitted job will need; None of a method that is no longer offered."""
        method = self._methods.get(job.method)
        if method is None:
            return None
        return self._of(actor, method, self._inputs.check(actor, method.inputs, job.inputs), job.params)

    def _of(self, actor: Actor, method: Method, found: Found, params: Mapping[str, Any]) -> JobEstimate:
        records = [record for record, _ in self._past(actor, method)]
        size = size_of([one.numbers for one in each(found) if not one.record])
        memory = [PastRun(_size_of(record), float(record.get("peak_rss_bytes") or 0)) for record in records]
        time_s, memory_bytes = _time(records, size, params), estimate(memory, size)
        warnings = warnings_before(method.presumes, doubted(found), self._methods)
        return JobEstimate(time_s, memory_bytes, self._memory_limit_bytes, warnings)

    def of_size(
        self, actor: Actor, method_id: str, size: float, params: Mapping[str, Any]
    ) -> tuple[Estimate, dict[str, float]]:
        """
        Tell how long a run on so many numbers takes [s], and how many numbers each of its outputs will hold.

        An output that earlier runs did not give in one proportion to what they read is left out.
        """
        past = self._past(actor, self._methods[method_id])
        shares: dict[str, list[float]] = defaultdict(list)
        for record, outputs in past:
            for output in outputs if _size_of(record) else ():
                shares[output["name"]].append(numbers_in(output) / _size_of(record))
        held = {name: size * fmean(given) for name, given in shares.items() if max(given) <= ALIKE * min(given)}
        return _time([record for record, _ in past], size, params), held

    def _past(self, actor: Actor, method: Method) -> Past:
        """Read the past once for all that is asked within a request: a batch asks for each of its datasets."""
        key = (actor.id, method.id)
        if key not in self._known:
            self._known[key] = self._jobs.past_runs(readable_projects(actor), method.id, method.version, MOST_RUNS)
        return self._known[key]


def _time(records: Sequence[Mapping[str, Any]], size: float, params: Mapping[str, Any]) -> Estimate:
    times = [PastRun(_size_of(record) * _rounds(record["params"]), _seconds(record)) for record in records]
    return estimate(times, size * _rounds(params))


def size_of(numbers: Sequence[float]) -> float:
    """Return how many numbers are read: 1 where nothing but records is, 0 where one of the inputs does not tell."""
    return float(sum(numbers)) if numbers and all(numbers) else float(not numbers)


def _size_of(record: Mapping[str, Any]) -> float:
    given = [one for inputs in record["inputs"].values() for one in listed(inputs) if "record" not in one]
    return size_of([int(one.get("numbers", 0)) for one in given])


def _rounds(params: Mapping[str, Any]) -> float:
    """Return how often the inputs are gone through, where a parameter says so."""
    rounds = params.get(ROUNDS)
    return float(rounds) if isinstance(rounds, int) and rounds > 0 else 1.0


def _seconds(record: Mapping[str, Any]) -> float:
    """Return how long a run took by its own record; 0 when that does not tell."""
    if not (record.get("started_at") and record.get("finished_at")):
        return 0.0
    span = datetime.fromisoformat(record["finished_at"]) - datetime.fromisoformat(record["started_at"])
    return span.total_seconds()
