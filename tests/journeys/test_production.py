"""One sample's day on PostgreSQL, Redis and Celery workers, from the enrolment of a PC to the report."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.infra.clock import now
from app.infra.ids import new_id
from app.infra.outgoing import signature
from lithoscope.client import Client
from lithoscope.client.sample import Sample
from tests.live import LiveService, first_token, made, wait_for
from tests.receivers import WebhookReceiver, webhook_receiver
from tests.servers import PostgresCluster, RedisServer

ROOT = Path(__file__).parents[2]
SERIES = ROOT / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
AHEAD = timedelta(minutes=40)  # of the microscope's PC
OPENED = now().replace(microsecond=0) - timedelta(days=3)
SQUARE = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
BEAM: dict[str, Any] = {
    "mode": "tem_field",
    "purpose": "acquisition",
    "field_um": SQUARE,
    "beam_energy_kV": {"value": 200.0, "source": "header"},
    "dose_rate_e_per_A2_s": {"value": 1.0, "unit": "e/(A^2 s)", "source": "measured"},
    "temperature_K": {"value": 293.15, "source": "user"},
}


@contextmanager
def served(folder: Path, cluster: PostgresCluster, redis: RedisServer) -> Iterator[LiveService]:
    """Run the service on both servers, without workers of its own."""
    with cluster.database(empty=True) as url:
        settings = {"database_url": url, "queue": "celery", "broker_url": redis.url, "alarm_s": 0.5, "sweep_s": 0.5}
        service = LiveService(folder, workers=0, free_disk_fraction=0, **settings)
        service.environment["LITHOSCOPE_DATA"] = str(folder)
        migrate = [sys.executable, "-m", "lithoscope.client.cli", "admin", "migrate"]
        subprocess.run(migrate, env=service.environment, check=True, capture_output=True)
        with service:
            yield service


@contextmanager
def celery_worker(service: LiveService) -> Iterator[None]:
    """Run one Celery worker beside a service."""
    command = [sys.executable, "-m", "celery", "-A", "workers.celery_app", "worker", "--pool", "threads"]
    options = ["--concurrency", "1", "--queues", "io,cpu-short,cpu-long", "--loglevel", "WARNING"]
    with (service.folder / "celery.log").open("ab") as log:
        worker = subprocess.Popen([*command, *options], cwd=ROOT, env=service.environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            worker.terminate()
            worker.wait(60)


@contextmanager
def facility(folder: Path, cluster: PostgresCluster, redis: RedisServer) -> Iterator[LiveService]:
    """Run the service without workers of its own, and one Celery worker beside it."""
    with served(folder, cluster, redis) as service, celery_worker(service):
        yield service


class Pc:
    """The microscope's PC: it enrols by a code, and stamps by a clock that runs ahead."""

    def __init__(self, url: str, code: str) -> None:
        with httpx.Client(base_url=f"{url}/api/v1", timeout=60) as stranger:
            key = made(stranger, "/enrolment-redemptions", {"code": code, "name": "PC of the Talos"})["key"]
        self.client = httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60)

    def stamp(self, moment: datetime) -> str:
        """Return a moment as its clock shows it."""
        return (moment + AHEAD).isoformat()

    def send(self, path: str, **body: Any) -> dict[str, Any]:
        """Send a record under a fresh Idempotency-Key."""
        answer = self.client.post(path, json=body, headers={"Idempotency-Key": new_id("otc")})
        assert answer.is_success, answer.text
        sent: dict[str, Any] = answer.json()
        return sent


def alarms_taken(receiver: WebhookReceiver, secret: str) -> list[bytes]:
    """Return the bodies a receiver got, each signed with the secret it was promised."""
    for taken in receiver.taken:
        stamp, name = int(taken.headers["Lithoscope-Timestamp"]), taken.headers["Lithoscope-Id"]
        promised = signature(secret, timestamp=stamp, message_id=name, body=taken.body)
        assert taken.headers["Lithoscope-Signature"] == promised
    return [taken.body for taken in receiver.taken]


def a_deposit(client: Client, pc: Pc, project_id: str) -> Sample:
    """Let the PC say how a deposit came into the glovebox; its stamps are put right by its heartbeat."""
    sample = client.samples.create(
        "deposit", project=project_id, material="lithium_electrodeposited", electrolyte="Gen2"
    )
    beat = pc.send("/heartbeats", sent_at=pc.stamp(now()))
    assert beat["clock_offset_s"] == pytest.approx(AHEAD.total_seconds(), abs=2)
    glovebox = {"atmosphere": "argon", "o2_ppm": 0.05, "h2o_ppm": 0.05, "temperature_K": 293.15}
    events = f"/samples/{sample.id}/events"
    pc.send(events, type="disassembly", occurred_at=pc.stamp(OPENED), **glovebox)
    until = pc.stamp(OPENED + timedelta(hours=4))
    pc.send(events, type="storage", occurred_at=pc.stamp(OPENED), ended_at=until, place="glovebox", **glovebox)
    then = sample.state(OPENED + timedelta(hours=3.9))
    assert (then.place, then.is_gap) == ("glovebox", False)
    assert sample.state(OPENED + timedelta(hours=4.5)).is_gap  # by the PC's clock it would still lie in the box
    return sample


def a_running_exposure(pc: Pc, sample: Sample, instrument_id: str) -> None:
    """Follow the budget of a region while the PC's beam is on, until it says that the beam went off."""
    region = sample.add_region("grain", SQUARE, phases=["LiF"])
    exposures, begun = f"/samples/{sample.id}/exposures", now() - timedelta(seconds=10)
    running = pc.send(exposures, **BEAM, occurred_at=pc.stamp(begun), is_running=True)
    spent = []
    for budget in region.follow_budget("LiF"):
        spent.append(budget.spent.lower)
        if len(spent) == 2:
            ended = {"occurred_at": pc.stamp(begun), "ended_at": pc.stamp(now()), "supersedes_id": running["id"]}
            final = pc.send(exposures, **BEAM, **ended)
    assert spent[0] < spent[1]
    assert region.budget("LiF").spent.lower == pytest.approx(spent[-1])
    assert final["instrument_id"] == instrument_id


@pytest.mark.postgres
@pytest.mark.redis
def test_a_sample_s_day_in_production(tmp_path: Path, postgres_cluster: PostgresCluster, redis_server: RedisServer):
    with (
        webhook_receiver() as receiver,
        facility(tmp_path / "data", postgres_cluster, redis_server) as service,
        Client(service.url, first_token(service.url, service.setup_code), progress=False) as client,
    ):
        project_id = client.connection.post("/projects", {"code": "DAY", "title": "A day"})["id"]
        hook = client.add_webhook(receiver.url, project_id=project_id, topics=["clock.overdue"])
        talos = {"code": "talos", "name": "Talos", "technique": "tem", "vendor": "TF", "model": "F200X"}
        instrument_id = client.connection.post("/instruments", talos)["id"]
        code = client.connection.post(f"/instruments/{instrument_id}/enrolments", {"project_ids": [project_id]})["code"]
        pc = Pc(service.url, code)
        with pc.client:
            sample = a_deposit(client, pc, project_id)
            a_running_exposure(pc, sample, instrument_id)
        wait_for(lambda: alarms_taken(receiver, hook["secret"]))
        kept = sample.evaluate("lithium_metal_tem")
        assert client.evaluation(kept.id).verdict == kept.verdict
        dataset = client.upload(SERIES, sample=sample).wait()
        assert dataset.state == "readable"
        assert sample.report("pdf", tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
        assert sample.report()["sums"]
        assert client.connection.get("/audit-verification")["is_intact"]
