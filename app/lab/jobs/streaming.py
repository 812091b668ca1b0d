"""A job's events as server-sent events: numbered, resumable, ending with the job."""

import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from app.errors import LabError
from app.infra.house import House
from app.infra.queue import TERMINAL
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.doors.dependencies import LOGIN_COOKIE, house_of
from app.lab.doors.event_streams import event_stream
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
            if not await run_in_threadpool(_may_still_see, request, job_id):
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


def _may_still_see(request: Request, job_id: str) -> bool:
    """Ask again who follows: a credential that was revoked, or a member who left, hears no more. Following is use."""
    house, cookie = house_of(request), request.cookies.get(LOGIN_COOKIE)
    try:
        with house.database.reading() as session:
            lab = Lab(house, session)
            actor = lab.authentication.authenticate(
                authorization=request.headers.get("authorization"), cookie=cookie, csrf_token=None
            )
            lab.jobs.get(actor, job_id)
    except LabError:
        return False
    request.app.state.last_seen.note(actor.credential_id, cookie)
    return True


def _read(house: House, job_id: str, after: int) -> list[JobEventOut]:
    with house.database.reading() as session:
        return [JobEventOut.model_validate(row) for row in JobRepository(session).events(job_id, after, _BATCH)]


def _has_ended(house: House, job_id: str, after: int) -> bool:
    """A stream that resumes beyond the last event has nothing to wait for."""
    with house.database.reading() as session:
        job = JobRepository(session).get(job_id)
        return job is None or (job.state in TERMINAL and job.last_event_seq <= after)
