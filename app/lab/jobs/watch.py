"""One look at the database for all open event streams of a process."""

import asyncio
from collections import defaultdict

from starlette.concurrency import run_in_threadpool

from app.infra.house import House
from app.lab.jobs.repository import JobRepository

INTERVAL_S = 0.25


class JobWatch:
    """
    Wakes streams when their job has said something.

    Parameters
    ----------
    house : House
        Its database is read four times a second while anybody watches, whatever their number.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting: defaultdict[str, set[tuple[int, asyncio.Event]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def wait(self, job_id: str, after: int, timeout_s: float) -> bool:
        """Wait for an event of a job beyond a number; False when none came in time."""
        news = asyncio.Event()
        entry = (after, news)
        self._waiting[job_id].add(entry)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            await asyncio.wait_for(news.wait(), timeout_s)
        except TimeoutError:
            return False
        finally:
            self._waiting[job_id].discard(entry)
            if not self._waiting[job_id]:
                del self._waiting[job_id]
        return True

    async def _look(self) -> None:
        while self._waiting:
            heads = await run_in_threadpool(self._heads, set(self._waiting))
            for job_id, head in heads.items():
                for after, news in self._waiting.get(job_id, ()):
                    if head > after:
                        news.set()
            await asyncio.sleep(INTERVAL_S)

    def _heads(self, job_ids: set[str]) -> dict[str, int]:
        with self._house.database.reading() as session:
            return JobRepository(session).heads(job_ids)
