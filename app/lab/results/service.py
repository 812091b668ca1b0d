"""What jobs gave: immutable, known by its content; nobody commits here."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from app.errors import Invalid, LabError, NotFound, StaleVersion
from app.infra.clock import now
from app.infra.db.models import Job, Result, Tombstone
from app.infra.exports import formats_of
from app.infra.ids import new_id
from app.lab.access import SYSTEM, Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.lineage.service import LineageService
from app.lab.naming import telling_name
from app.lab.results.repository import ResultFilter, ResultRepository
from lithoscope.methods import listed


class ConversionBusy(LabError):
    """More outputs are asked for in other formats at this moment than can be converted."""

    code, status, title = "conversion-busy", 503, "Many conversions are under way"

    def __init__(self) -> None:
        super().__init__("Try again in a moment; ome-zarr chunks need no conversion.", headers={"Retry-After": "10"})


class FormatDoesNotFit(LabError):
    """The output cannot be written in this format."""

    code, status, title = "format-does-not-fit", 422, "The format does not fit"


class ResultService:
    """Publishes results once and finds them again."""

    def __init__(self, results: ResultRepository, lineage: LineageService, audit: AuditLog) -> None:
        self._results = results
        self._lineage = lineage
        self._audit = audit

    def hold_tree(self, key: str) -> None:
        """Keep a tree from being removed while it is published: call it before the tree goes into the store."""
        self._results.hold_tree(key)

    def publish(
        self,
        job: Job,
        *,
        digest: str,
        store_key: str,
        size_bytes: int,
        outputs: list[dict[str, Any]],
        run_record: dict[str, Any],
        result_id: str | None = None,
    ) -> Result:
        """
        Register what a job gave, in the worker's publishing transaction; its tree is in the store already.

        Parameters
        ----------
        job : Job
            The job.
        digest, store_key : str
            Of the published tree.
        size_bytes : int
            Of all its files.
        outputs : list of dict
            A summary of each output.
        run_record : dict
            The whole account: method and version, parameters, seed, software, input digests, machine.
        result_id : str, optional
            An identifier given out before.
        """
        result = Result(
            id=result_id or new_id("res"),
            job_id=job.id,
            project_id=job.project_id,
            sample_id=job.sample_id,
            digest=digest,
            store_key=store_key,
            size_bytes=size_bytes,
            outputs=outputs,
            run_record=run_record,
            state="available",
            created_at=now(),
        )
        self._results.add(result)
        self._lineage.link(result.id, job.id, "wasGeneratedBy")
        for given in job.inputs.values():
            for reference in listed(given):
                self._lineage.link(result.id, str(reference).partition("/")[0], "wasDerivedFrom")
        self._results.note_elements(result)
        return result

    def note_elements(self, result_ids: Iterable[str]) -> None:
        """Keep which elements results that came by another way map or quantify, once they are linked."""
        for each in result_ids:
            if (result := self._results.get(each)) is not None:
                self._results.note_elements(result)

    def get(self, actor: Actor, result_id: str, need: Action = Action.READ) -> Result:
        """Return a result the actor may act on; a foreign or deleted one is not found."""
        result = self._results.get(result_id)
        if result is None:
            raise NotFound
        require(actor, need, result.project_id)
        if result.state == "deleted":
            raise NotFound
        return result

    def page(
        self,
        actor: Actor,
        *,
        project_id: str | None = None,
        sample_id: str | None = None,
        job_id: str | None = None,
        method: str | None = None,
        tag: str | None = None,
        element: str | None = None,
        since: datetime | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Result]:
        """Return the results the actor may see, newest first."""
        wanted = ResultFilter(sample_id, job_id, method=method, tag=tag, element=element, since=since)
        return self._results.page(readable_projects(actor, project_id), wanted, before, limit)

    def with_outputs(
        self, actor: Actor, is_wanted: Callable[[str], bool], *, project_id: str | None = None, **wanted: Any
    ) -> list[dict[str, Any]]:
        """Return what is offered of results with an output of a wanted kind (by `text`, `methods`, `sample_id`)."""
        return self._results.with_outputs(readable_projects(actor, project_id), is_wanted, **wanted)

    def delete(self, actor: Actor, result_id: str, digest: str, reason: str) -> Tombstone:
        """
        Delete a result that nothing was made from; its tree goes when no other result shares it, a tombstone stays.

        Parameters
        ----------
        actor : Actor
            A steward of its project.
        result_id, digest : str
            What is deleted, and what the caller believes it to be.
        reason : str
            Kept in tombstone and audit log.
        """
        self.get(actor, result_id, need=Action.STEWARD)
        result = self._results.lock(result_id)
        if result is None or result.state == "deleted":
            raise NotFound
        if result.digest != digest:
            raise StaleVersion
        self._lineage.check_unused(result_id)
        return self._bury(actor, result, reason)

    def _bury(self, actor: Actor, result: Result, reason: str) -> Tombstone:
        kept = ("job_id", "sample_id", "digest", "size_bytes", "run_record")
        names = [summary["name"] for summary in result.outputs]
        record = {name: getattr(result, name) for name in kept} | {"outputs": names}
        tombstone = Tombstone(
            object_id=result.id,
            kind="result",
            project_id=result.project_id,
            reason=reason,
            record={**record, "created_at": result.created_at.isoformat()},
            deleted_by=actor.id,
            deleted_at=now(),
        )
        self._results.bury(result, tombstone)
        details = {"project_id": result.project_id, "reason": reason, "digest": result.digest}
        self._audit.record(actor, "result.delete", result.id, **details)
        return tombstone

    def deleted_trees(self) -> list[str]:
        """Return the trees nobody needs any more."""
        return self._results.deleted_trees()

    def forget_tree(self, key: str) -> None:
        """Say that a tree is gone."""
        self._results.forget_tree(key)

    def live_trees(self) -> list[str]:
        """Return the trees that must be in the store."""
        return self._results.live_trees()

    def output(self, result: Result, name: str | None) -> dict[str, Any]:
        """Return the summary of an output; without a name that of the only one."""
        names = [summary["name"] for summary in result.outputs]
        if name is None and len(names) > 1:
            raise Invalid.field("/query/output", f"The result has several outputs: choose one of {', '.join(names)}.")
        for summary in result.outputs:
            if name in {None, summary["name"]}:
                return dict(summary)
        raise NotFound

    def check_format(self, summary: dict[str, Any], format_name: str) -> None:
        """Refuse a format the output does not fit, naming those it does."""
        fitting = formats_of(summary)
        if format_name not in fitting:
            raise FormatDoesNotFit(f"A {summary['kind']} can be had as {' or '.join(fitting)}: choose one of these.")

    def download_name(self, result: Result, output: str) -> str:
        """Return ``sample_instrument_technique_UTCdate_shortid`` in ASCII; the technique names method and output."""
        found = self._lineage.walk(SYSTEM, result.id, "upstream")
        datasets = [node.id for node in found.nodes if node.kind == "dataset"]
        code, technique = self._results.instrument_of(datasets) or ("", "no-technique")
        made_by = f"{technique}-{self._results.method_of(result)}-{output}"
        return telling_name(result, self._results.sample_code(result), code, made_by)
