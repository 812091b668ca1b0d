"""Queues and workers over HTTP."""

from app.infra.db.models import QueuePause
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.queues.schemas import HeldJobOut, NewPause, PauseOut, QueueOut, WaitingJobOut, WorkerOut
from app.lab.queues.service import HeldJob, WorkerState
from app.lab.schemas import Page

router = room_router("queues")


@router.get("/queues", operation_id="listQueues", responses=refuses())
def list_queues(actor: CurrentActor, lab: CurrentLab) -> Page[QueueOut]:
    """List the queues: what waits and why, what runs, what ended lately; for managers and administrators."""
    return Page(items=[QueueOut.model_validate(row) for row in lab.queues.queues(actor)])


@router.get("/queues/{queue}/waiting-jobs", operation_id="listWaitingJobs", responses=refuses())
def list_waiting_jobs(queue: str, actor: CurrentActor, lab: CurrentLab) -> Page[WaitingJobOut]:
    """List the twenty jobs that have waited longest in a queue; for managers and administrators."""
    return Page(items=[WaitingJobOut.model_validate(row) for row in lab.queues.waiting(actor, queue)])


@router.put("/queues/{queue}/pause", operation_id="pauseQueue", responses=refuses(409))
def pause_queue(queue: str, new: NewPause, actor: CurrentActor, lab: CurrentLab) -> PauseOut:
    """Let nothing more be taken from a queue; what runs goes on, what waits stays."""
    row: QueuePause = lab.queues.pause(actor, queue, new.reason)
    return PauseOut.model_validate(row)


@router.delete("/queues/{queue}/pause", status_code=204, operation_id="resumeQueue", responses=refuses())
def resume_queue(queue: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Let a queue be served again."""
    lab.queues.resume(actor, queue)


@router.get("/workers", operation_id="listWorkers", responses=refuses())
def list_workers(actor: CurrentActor, lab: CurrentLab) -> Page[WorkerOut]:
    """List worker processes, when each was last heard, and the jobs it holds; for managers and administrators."""
    return Page(items=[_worker(row) for row in lab.queues.workers(actor)])


def _worker(row: WorkerState) -> WorkerOut:
    there = row.presence
    return WorkerOut(
        name=row.name,
        is_alive=row.is_alive,
        queues=list(there.queues) if there else [],
        slots=there.slots if there else 0,
        software=there.software if there else None,
        started_at=there.started_at if there else None,
        silent_s=there.silent_s if there else None,
        jobs=[_held(job) for job in row.jobs],
    )


def _held(held: HeldJob) -> HeldJobOut:
    own = {name: getattr(held.job, name) for name in HeldJobOut.model_fields if hasattr(held.job, name)}
    return HeldJobOut(**own, lease_left_s=held.lease_left_s)
