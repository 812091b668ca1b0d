"""A run as server-sent events: how it stands, whenever that changes; no session is held between them."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app.lab.doors.event_streams import look_again
from app.lab.recipes.schemas import RunOut

INTERVAL_S = 0.75
RETRY_MS = 2000


async def events(request: Request, run_id: str, *, after: int) -> AsyncIterator[dict[str, Any]]:
    """Give the run when it changes, numbered by the moment in milliseconds, until it has ended."""
    last, shown = after, ""
    while (found := await run_in_threadpool(_read, request, run_id)) is not None:
        text = found.model_dump_json()
        if text != shown:
            last, shown = max(last + 1, int(time.time() * 1000)), text
            yield {"id": str(last), "event": "run", "data": text, "retry": RETRY_MS}
        if found.finished_at is not None:
            yield {"id": str(last), "event": "idle", "data": "{}"}
            return
        await asyncio.sleep(INTERVAL_S)


def _read(request: Request, run_id: str) -> RunOut | None:
    """Read the run for whoever still may see it."""
    return look_again(request, lambda lab, actor: RunOut.of(lab.recipes.get(actor, run_id)))
