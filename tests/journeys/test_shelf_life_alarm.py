"""A facility titrates its own shelf life; a sample outlives it; the alarm arrives although everything was killed."""

import json
from datetime import timedelta
from math import exp
from pathlib import Path
from typing import Any

import pytest

from app.infra.clock import now
from tests.live import LiveService, made, wait_for
from tests.receivers import webhook_receiver

RATE_PER_H = 0.02  # a tenth is lost after 5.3 h


def titrated(project_id: str, calibration_id: str) -> dict[str, Any]:
    """Return a series of three bottles at each of four times."""
    bottles = [
        {"storage_h": hours, "areas": [1e4 * 0.08 * exp(-RATE_PER_H * hours) + scatter]}
        for hours in (0.0, 6.0, 12.0, 24.0)
        for scatter in (-4.0, 0.0, 4.0)
    ]
    named = {"project_id": project_id, "material": "lithium_electrodeposited", "electrolyte": "our own"}
    return {**named, "gas_calibration_id": calibration_id, "bottles": bottles}


def test_an_overdue_sample_is_told_of_after_every_process_was_killed(tmp_path: Path):
    settings = {"free_disk_fraction": 0, "sweep_s": 0.2, "alarm_s": 0.2}
    with (
        webhook_receiver() as receiver,
        LiveService(tmp_path / "data", workers=1, **settings) as service,
        service.administrator() as client,
    ):
        receiver.answers = [503]
        project_id = made(client, "/projects", {"code": "SHELF", "title": "Shelf life"})["id"]
        made(client, "/webhooks", {"url": receiver.url, "project_id": project_id, "topics": ["clock.overdue"]})
        gc = made(client, "/instruments", {"code": "gc-1", "name": "GC", "technique": "other"})["id"]
        points = [{"amount": 0.02 * step, "area": 200.0 * step + (-1) ** step} for step in range(1, 6)]
        standards = {"instrument_id": gc, "measured_at": now().isoformat(), "standard": "lithium_mg", "points": points}
        calibration_id = made(client, "/gas-calibrations", standards)["id"]
        series = made(client, "/titration-series", titrated(project_id, calibration_id))
        assert series["fits"][0]["shelf_life"]["value"] == pytest.approx(5.3, rel=0.05)
        sample = {"project_id": project_id, "name": "deposit", "material": "lithium_electrodeposited"}
        sample_id = made(client, "/samples", {**sample, "electrolyte": "Our Own"})["id"]
        opened = {"type": "disassembly", "occurred_at": (now() - timedelta(days=3)).isoformat(), "atmosphere": "argon"}
        made(client, f"/samples/{sample_id}/events", opened)
        clocks = client.get(f"/samples/{sample_id}/clocks").json()["clocks"]
        assert series["id"] in json.dumps(clocks), "the clocks know nothing of the facility's own series"
        wait_for(lambda: client.get("/webhooks").json()["items"][0]["last_error"] == "the receiver answered 503")
        service.kill()
        refused = {taken.headers["Lithoscope-Id"] for taken in receiver.taken}
        service.start()
        alarms = f"/alarms?project_id={project_id}&topic=clock.overdue"

        def is_delivered() -> bool:
            items = client.get(alarms).json()["items"]
            return bool(items) and all(each["deliveries"]["delivered"] == 1 for each in items)

        wait_for(is_delivered)
        taken = [taken.headers["Lithoscope-Id"] for taken in receiver.taken]
        assert refused <= set(taken)
        assert len(set(taken)) == len(client.get(alarms).json()["items"])
