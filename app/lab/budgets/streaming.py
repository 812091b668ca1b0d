"""
The budget of a region as server-sent events while an exposure runs or a series grows there.

No session is held between them.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app.lab.access import Actor
from app.lab.budgets.answers import region_budget_out
from app.lab.budgets.schemas import RegionBudgetOut
from app.lab.budgets.service import Wanted
from app.lab.composition import Lab
from app.lab.doors.event_streams import look_again

INTERVAL_S = 1.0
RETRY_MS = 5000


async def events(request: Request, region_id: str, wanted: Wanted, *, after: int) -> AsyncIterator[dict[str, Any]]:
    """Give the budget each second, numbered by its moment in milliseconds, until no beam is to be expected."""
    last = after
    while (read := await run_in_threadpool(_read, request, region_id, wanted)) is not None:
        found, is_growing = read
        last = max(last + 1, int(found.at.timestamp() * 1000))
        yield {"id": str(last), "event": "budget", "data": found.model_dump_json(), "retry": RETRY_MS}
        if not (found.running_exposure_ids or is_growing):
            yield {"id": str(last), "event": "idle", "data": "{}"}
            return
        await asyncio.sleep(INTERVAL_S)


def _read(request: Request, region_id: str, wanted: Wanted) -> tuple[RegionBudgetOut, bool] | None:
    """Judge the region for whoever still may see it, and say whether a series grows on it."""
    return look_again(request, lambda lab, actor: _found(lab, actor, region_id, wanted))


def _found(lab: Lab, actor: Actor, region_id: str, wanted: Wanted) -> tuple[RegionBudgetOut, bool]:
    return region_budget_out(lab.budgets.of_region(actor, region_id, wanted)), lab.series.is_growing_on(region_id)
