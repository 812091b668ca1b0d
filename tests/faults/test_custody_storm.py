"""Custody in a storm: what was acknowledged of a sample's past stays, each record once, and every alarm arrives."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.infra.clock import now
from tests.live import LiveService, made, persistently, wait_for
from tests.receivers import webhook_receiver

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
SAMPLES, NOTES, KILLS = 24, 10, 8
HURRIED = {"sweep_s": 0.3, "alarm_s": 0.3, "free_disk_fraction": 0}


def records(sample_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the past of a sample: a cell opened days ago, notes, and a beam."""
    opened = now() - timedelta(days=3)
    past: list[tuple[str, timedelta, dict[str, Any]]] = [
        ("events", timedelta(), {"type": "disassembly", "atmosphere": "argon"}),
        *(("events", timedelta(hours=n), {"type": "note", "note": f"note {n}"}) for n in range(NOTES)),
        ("exposures", timedelta(hours=20), {"mode": "stem_raster"}),
    ]
    return [
        (
            f"/samples/{sample_id}/{kind}",
            {**body, "occurred_at": (opened + after).isoformat(), "client_event_id": f"{sample_id}-{number}"},
        )
        for number, (kind, after, body) in enumerate(past)
    ]


def deposits(client: httpx.Client, project_id: str) -> list[str]:
    """Register samples whose clocks are long overdue once their cell is known to have been opened."""
    new = {"project_id": project_id, "material": "lithium_electrodeposited", "electrolyte": "Gen2"}
    return [made(client, "/samples", {**new, "name": f"deposit {number}"})["id"] for number in range(SAMPLES)]


def recorded_in_a_storm(service: LiveService, client: httpx.Client, samples: list[str]) -> dict[str, list[str]]:
    """Record every sample's past while the whole service is killed again and again; return what was acknowledged."""
    acknowledged: dict[str, list[str]] = {}

    def record(sample_id: str) -> None:
        for path, body in records(sample_id):
            answer = persistently(lambda path=path, body=body: client.post(path, json=body))
            assert answer.status_code in {200, 201}, answer.text
            acknowledged.setdefault(sample_id, []).append(answer.json()["id"])

    rng, kills = random.Random(4), 0
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(record, sample_id) for sample_id in samples]
        while not all(task.done() for task in work) and kills < KILLS:
            time.sleep(rng.uniform(0.2, 1.0))
            service.kill()
            kills += 1
            service.start()
        for done in work:
            done.result()
    assert kills > 0
    return acknowledged


def test_kills_lose_no_acknowledged_record_of_a_sample_and_double_none(
    service: LiveService, scientist: httpx.Client, project_id: str
):
    acknowledged = recorded_in_a_storm(service, scientist, deposits(scientist, project_id))
    assert len(acknowledged) == SAMPLES
    for sample_id, ids in acknowledged.items():
        lists = [scientist.get(f"/samples/{sample_id}/{kind}").json()["items"] for kind in ("events", "exposures")]
        assert Counter(each["id"] for items in lists for each in items) == Counter(ids)
    assert scientist.get("/audit-verification").json()["is_intact"] is True


def test_kills_let_every_alarm_arrive_and_none_for_ever(tmp_path: Path):
    with (
        webhook_receiver() as receiver,
        LiveService(tmp_path / "data", workers=1, **HURRIED) as service,
        service.administrator() as client,
    ):
        project_id = made(client, "/projects", {"code": "STORM", "title": "Storm"})["id"]
        made(client, "/webhooks", {"url": receiver.url, "project_id": project_id, "topics": ["clock.overdue"]})
        recorded_in_a_storm(service, client, deposits(client, project_id))

        def delivered() -> list[dict[str, Any]]:
            items = client.get(f"/alarms?project_id={project_id}&topic=clock.overdue&limit=500").json()["items"]
            are_settled = all(each["deliveries"]["delivered"] == 1 for each in items)
            return items if are_settled and len({each["sample_id"] for each in items}) == SAMPLES else []

        items = wait_for(delivered, seconds=180)
        taken = Counter(each.headers["Lithoscope-Id"] for each in receiver.taken)
        assert len(taken) == len(items)
        assert sum(taken.values()) <= len(items) + KILLS  # each kill may cut off one that was taken before it was noted
        time.sleep(10 * HURRIED["alarm_s"])
        assert len(receiver.taken) == sum(taken.values())
