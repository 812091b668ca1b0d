"""What people do with jobs; nobody commits here."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from app.errors import Conflict, Invalid, LabError, NotFound, QuotaExceeded
from app.infra.clock import now
from app.infra.db.models import Dataset, Job, JobEvent
from app.infra.db.quotas import lacking
from app.infra.ids import new_id
from app.infra.queue import TERMINAL, Queue
from app.lab.access import SYSTEM, Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.jobs.inputs import Found, Inputs, each, objects_of, references_of
from app.lab.jobs.orders import Order, fingerprint
from app.lab.jobs.repository import JobRepository
from app.lab.jobs.schemas import NewJob
from app.lab.lineage.service import LineageService
from lithoscope.methods import Method

INGEST, INGEST_VERSION = "ingest", "1"
ASSEMBLY = "assembly"
#: What the service itself does to files: its jobs are no method's.
OWN_VERSIONS = {INGEST: INGEST_VERSION, ASSEMBLY: "1"}
_INGEST_PRIORITY = 10
RULE_PRIORITY = -10  # below what people wait for


class WrongJobState(Conflict):
    """The job's state does not allow the act."""

    code, title = "wrong-job-state", "The job's state does not allow this"


class JobService:
    """Submits jobs, shows how they go, and stops them."""

    def __init__(
        self,
        jobs: JobRepository,
        inputs: Inputs,
        *,
        methods: Mapping[str, Method],
        queue: Queue,
        lineage: LineageService,
        audit: AuditLog,
        on_end: Callable[[Job], None],
    ) -> None:
        self._jobs = jobs
        self._inputs = inputs
        self._methods = methods
        self._queue = queue
        self._lineage = lineage
        self._audit = audit
        self._on_end = on_end

    def submit(self, actor: Actor, new: NewJob) -> Job:
        """Queue a run of a method on inputs the actor may read, in a project where they may run jobs."""
        order = self.order(new)
        return self._submit(actor, order, self._inputs.check(actor, order.method.inputs, order.references))

    def order(self, new: NewJob, *, started_by: Mapping[str, Any] | None = None) -> Order:
        """Write down what a request asks for; a seed is drawn where it names none."""
        return Order(
            self._methods[new.method],
            new.inputs.model_dump(exclude_none=True),
            new.params,
            secrets.randbits(32) if new.seed is None else new.seed,
            new.project_id,
            started_by,
        )

    def submit_or_reuse(self, actor: Actor, order: Order) -> tuple[Job, bool]:
        """Return a finished job that did the same in the same project, and True; else queue one."""
        found = self._inputs.check(actor, order.method.inputs, order.references)
        done = self._alike(actor, order, found)
        return (self._submit(actor, order, found), False) if done is None else (done, True)

    def alike(self, actor: Actor, order: Order) -> Job | None:
        """Return the finished job whose result an equal order would get, if any."""
        return self._alike(actor, order, self._inputs.check(actor, order.method.inputs, order.references))

    def _alike(self, actor: Actor, order: Order, found: Found) -> Job | None:
        project_id = project_of(order.project_id, found)
        require(actor, Action.READ, project_id)
        return self._jobs.alike(project_id, fingerprint(order, found))

    def _submit(self, actor: Actor, order: Order, found: Found) -> Job:
        project_id = project_of(order.project_id, found)
        require(actor, Action.RUN, project_id)
        job = self._make(
            actor,
            kind="analysis",
            method=order.method.id,
            method_version=order.method.version,
            queue=order.method.queue,
            project_id=project_id,
            sample_id=sample_of(found),
            inputs=references_of(found),
            params=order.params.model_dump(mode="json"),
            seed=order.seed,
            fingerprint=fingerprint(order, found),
            **_origin(order),
        )
        return self._enter(actor, job, [given.object_id for given in each(found)])

    def submit_ingest(self, actor: Actor, dataset: Dataset) -> Job:
        """
        Queue the reading of a verified dataset; the caller has checked the actor's right to send it.

        A companion file is read together with the dataset it belongs to, which is thereby read again.
        """
        main = dataset.attributes.get("companion_of")
        inputs = {"dataset": main, "companion": dataset.id} if main else {"dataset": dataset.id}
        job = self._make(
            actor,
            kind="ingest",
            method=INGEST,
            method_version=INGEST_VERSION,
            queue="io",
            priority=_INGEST_PRIORITY,
            project_id=dataset.project_id,
            sample_id=dataset.sample_id,
            inputs=inputs,
            params={},
            seed=0,
        )
        return self._enter(actor, job, list(inputs.values()))

    def submit_assembly(self, **columns: Any) -> Job:
        """
        Queue the stacking of parts of a series.

        ``columns``: ``project_id``, ``sample_id``, ``created_by``, ``inputs``, ``params`` and ``reserved_bytes``, for
        which the caller has asked the quota.
        """
        job = Job(
            **columns,
            id=new_id("job"),
            kind=ASSEMBLY,
            method=ASSEMBLY,
            method_version=OWN_VERSIONS[ASSEMBLY],
            queue="io",
            priority=_INGEST_PRIORITY,
            seed=0,
            state="queued",
            created_at=now(),
        )
        return self._enter(replace(SYSTEM, id=job.created_by), job, objects_of(job.inputs))

    def retry(self, actor: Actor, job_id: str) -> Job:
        """Queue a job that failed or was cancelled again, as a new job."""
        old = self.get(actor, job_id, need=Action.RUN)
        if old.state not in {"failed", "cancelled"}:
            raise WrongJobState(f"The job is {old.state}: only a failed or cancelled job can be tried again.")
        self._check_room(old)
        same = ("kind", "method", "queue", "project_id", "sample_id", "inputs", "params", "seed", "reserved_bytes")
        job = self._make(
            actor,
            method_version=self._version_now(old),
            retry_of=old.id,
            priority=max(old.priority, 0),  # who asks again waits for it, whoever asked first
            fingerprint=self._fingerprint_now(old),
            **{name: getattr(old, name) for name in same},
        )
        return self._enter(actor, job, objects_of(old.inputs))

    def _check_room(self, old: Job) -> None:
        """Ask the quota anew: what a job that ended had reserved may be taken."""
        if old.reserved_bytes and old.reserved_bytes > (left := self._jobs.room_in(old.project_id)):
            raise QuotaExceeded(lacking("What the job makes may take", old.reserved_bytes, left))

    def _version_now(self, old: Job) -> str:
        if old.kind in OWN_VERSIONS:
            return OWN_VERSIONS[old.kind]
        if old.method not in self._methods:
            raise WrongJobState("The job's method is no longer offered: choose another method.")
        return self._methods[old.method].version

    def _fingerprint_now(self, old: Job) -> str | None:
        """Tell what a repeated job is equal to; nothing when it cannot run any more, which its worker will say."""
        if old.kind in OWN_VERSIONS:
            return None
        method = self._methods[old.method]
        try:
            params = method.params.model_validate_json(json.dumps(old.params))
            found = self._inputs.check(SYSTEM, method.inputs, old.inputs)
        except (ValidationError, LabError):
            return None
        return fingerprint(Order(method, old.inputs, params, old.seed), found)

    def _make(self, actor: Actor, **columns: Any) -> Job:
        return Job(**columns, id=new_id("job"), state="queued", created_by=actor.id, created_at=now())

    def _enter(self, actor: Actor, job: Job, used: list[str]) -> Job:
        self._jobs.add(job)
        for object_id in dict.fromkeys(used):
            self._lineage.link(job.id, object_id, "used")
        self._queue.submit(self._jobs.session, job.id, job.queue)
        self._audit.record(actor, "job.submit", job.id, project_id=job.project_id, method=job.method)
        return job

    def get(self, actor: Actor, job_id: str, need: Action = Action.READ) -> Job:
        """Return a job the actor may act on; a foreign one is not found."""
        job = self._jobs.get(job_id)
        if job is None:
            raise NotFound
        require(actor, need, job.project_id)
        return job

    def page(
        self,
        actor: Actor,
        *,
        project_id: str | None = None,
        since: datetime | None = None,
        before: str | None,
        limit: int,
        **filters: str | None,
    ) -> list[Job]:
        """
        Return the jobs the actor may see, newest first.

        ``filters``: ``state``, ``method``, ``kind``, ``sample_id``, ``created_by``; None leaves one out.
        """
        given = {column: value for column, value in filters.items() if value is not None}
        return self._jobs.page(readable_projects(actor, project_id), given, since=since, before=before, limit=limit)

    def events(self, actor: Actor, job_id: str, *, after: int = 0, limit: int = 500) -> list[JobEvent]:
        """Return what a job said after a number, in order."""
        return self._jobs.events(self.get(actor, job_id).id, after, limit)

    def using(self, object_id: str) -> Job | None:
        """Return an unfinished job that reads this dataset, result or exposure, if any: it blocks changes to it."""
        return self._jobs.using(object_id)

    def cancel(self, actor: Actor, job_id: str) -> Job:
        """Stop a job; one that waits ends at once, one that runs when its processes are gone."""
        job = self.get(actor, job_id, need=Action.RUN)
        stopped = self._stop(actor, job)
        if job.state in {"succeeded", "failed"}:
            raise WrongJobState(f"The job has {job.state}: there is nothing left to cancel.")
        if stopped:
            self._on_end(job)
        return job

    def stop_if_free(self, actor: Actor, job: Job) -> None:
        """Cancel a job of somebody who holds a lock its worker may wait for; one that is just ending is left alone."""
        if self._jobs.is_free(job):
            self._stop(actor, job)

    def _stop(self, actor: Actor, job: Job) -> bool:
        stopped = self._jobs.step(job, "cancelled", Job.state == "queued", cancel_requested=True, finished_at=now())
        stopped = stopped or self._jobs.step(job, "cancelling", cancel_requested=True)
        if stopped:
            self._audit.record(actor, "job.cancel", job.id, project_id=job.project_id)
        return stopped

    def finish_early(self, actor: Actor, job_id: str) -> Job:
        """Ask a running job to stop at its next step and keep what it has."""
        job = self.get(actor, job_id, need=Action.RUN)
        if not self._jobs.ask_early_finish(job):
            raise WrongJobState(f"The job is {job.state}: only a running job can finish early.")
        self._audit.record(actor, "job.finish-early", job.id, project_id=job.project_id)
        return job


def _origin(order: Order) -> dict[str, Any]:
    """Return the columns that say what started a job; that of a rule or a series waits for everybody's."""
    if order.started_by is None:
        return {}
    return {"rule_id": order.started_by.get("rule_id"), "started_by": dict(order.started_by), "priority": RULE_PRIORITY}


def is_terminal(job: Job) -> bool:
    """Say whether a job has ended."""
    return job.state in TERMINAL


def project_of(wanted: str | None, found: Found) -> str:
    """Return the project of what is worked on, which may be named but not changed; without inputs it must be named."""
    project_id = next((given.project_id for given in each(found)), wanted)
    if project_id is None:
        raise Invalid.field("/body/project_id", "Name the project of a job without inputs.")
    if wanted not in {None, project_id}:
        raise Invalid.field("/body/project_id", "The inputs belong to another project: leave it out or name theirs.")
    return project_id


def sample_of(found: Found) -> str | None:
    """
    Return the sample all inputs belong to, if they belong to one.

    An input of no sample, as a reference spectrum, changes nothing; among the many of one input it is a stranger.
    """
    of_inputs = ({given.sample_id for given in each({name: given})} for name, given in found.items())
    samples = {sample for of_input in of_inputs for sample in of_input if of_input != {None}}
    return samples.pop() if len(samples) == 1 else None
