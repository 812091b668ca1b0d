"""Many requests at one moment: they wait their turn, and none waits for what only another that waits can give."""

import asyncio
from collections import Counter

import httpx
from fastapi import FastAPI

from app.infra.db.models import Project
from tests.conftest import People

AT_ONCE = 200


def test_a_burst_larger_than_threads_and_connections_is_answered(app: FastAPI, people: People, project: Project):
    cookies = {"lithoscope_login": people.admin.cookie}

    async def burst() -> Counter[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies) as client:
            answers = await asyncio.gather(*(client.get(f"/api/v1/projects/{project.id}") for _ in range(AT_ONCE)))
        return Counter(answer.status_code for answer in answers)

    assert asyncio.run(burst()) == {200: AT_ONCE}
