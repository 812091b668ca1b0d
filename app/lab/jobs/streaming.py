"""A job's events as server-sent events: numbered, resumable, ending with the job."""

import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from app.infra.house import House
from app.infra.queue import TERMINAL
from app.lab.access import Actor
from app.lab.doors.dependencies import house_of
from app.lab.doors.event_streams import event_stream, look_again
from app.lab.jobs.repository import JobRepository
from app.lab.jobs.schemas import JobEventOut
from app.lab.jobs.watch import JobWatch

RECHECK_S = 2.0
_BATCH = 200


def stream(request: Request, actor: Actor, job_id: str, after: int) -> EventSourceResponse:
    """Answer with every event beyond a number and those to come; no session is held open."""
    return event_stream(request, actor, _events(_watch(request), request, job_id, after))


def _watch(request: Request) -> JobWatch:
    state = request.app.state
    if not hasattr(state, "job_watch"):
        state.job_watch = JobWatch(house_of(request))
    watch: JobWatch = state.job_watch
    return watch


async def _events(watch: JobWatch, request: Request, job_id: str, after: int) -> AsyncIterator[dict[str, Any]]:
    house, checked = house_of(request), time.monotonic()
    while True:
        if time.monotonic() - checked >= RECHECK_S:
            if await run_in_threadpool(look_again, request, lambda lab, actor: lab.jobs.get(actor, job_id)) is None:
                return
            checked = time.monotonic()
        rows = await run_in_threadpool(_read, house, job_id, after)
        for row in rows:
            after = row.seq
            yield {"id": str(row.seq), "event": row.type, "data": row.model_dump_json()}
            if row.type == "state" and row.payload["state"] in TERMINAL:
                return
        if not rows:
            if await run_in_threadpool(_has_ended, house, job_id, after):
                return
            await watch.wait(job_id, after, RECHECK_S)


def _read(house: House, job_id: str, after: int) -> list[JobEventOut]:
    with house.database.reading() as session:
        return [JobEventOut.model_validate(row) for row in JobRepository(session).events(job_id, after, _BATCH)]


def _has_ended(house: House, job_id: str, after: int) -> bool:
    """A stream that resumes beyond the last event has nothing to wait for."""
    with house.database.reading() as session:
        job = JobRepository(session).get(job_id)
        return job is None or (job.state in TERMINAL and job.last_event_seq <= after)
