"""Small duties beside the requests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from app.infra.log import get_logger

log = get_logger(__name__)


@asynccontextmanager
async def every(seconds: float, duty: Callable[[], None]) -> AsyncIterator[None]:
    """Do a duty at intervals while the block runs, and once more at its end."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(seconds)
            await _try(duty)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await _try(duty)


async def _try(duty: Callable[[], None]) -> None:
    try:
        await run_in_threadpool(duty)
    except DBAPIError as error:  # the database is away or busy: the next turn tries again
        log.warning("duty put off", cause=type(error).__name__)
