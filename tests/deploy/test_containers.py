"""Every container of the compose file that runs our image, run as a process, does its part of the main job."""

import base64
import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from lithoscope.client import Client
from tests.deploy.containers import IMAGE, ROOT, Machine, compose_file, health_check
from tests.deploy.front_door import front_door
from tests.live import first_token, made, setup_code, wait_for
from tests.servers import PostgresCluster, RedisServer, free_port, need

pytestmark = [pytest.mark.postgres, pytest.mark.redis]
EXAMPLE = ROOT / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
DOTENV = {"POSTGRES_PASSWORD": "database-password", "REDIS_PASSWORD": "broker-password"}


def ours() -> list[str]:
    """Return the services that run our image."""
    services = compose_file()["services"]
    return [name for name, service in services.items() if service["image"].startswith(IMAGE)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run Redis by the compose file's own command; give its port."""
    need("redis", RedisServer.missing())
    port = free_port()
    folder = tmp_path_factory.mktemp("broker")
    command = Machine(DOTENV, {}, folder / "log")
    words = [command.here(word) for word in compose_file()["services"]["redis"]["command"]]
    here = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*words, *here], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port, password=DOTENV["REDIS_PASSWORD"])
    wait_for(lambda: _answers(client))
    client.close()
    yield port
    server.terminate()
    server.wait(10)


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@dataclass(frozen=True)
class Facility:
    """The running containers and a scientist in front of them."""

    machine: Machine
    migrated: int
    direct: str
    url: str
    token: str
    project_id: str
    folder: Path

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {self.token}"}, timeout=60
        )


@pytest.fixture(scope="module")
def facility(
    postgres_cluster: PostgresCluster, broker: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Facility]:
    folder, port = tmp_path_factory.mktemp("facility"), free_port()
    folder.chmod(0o755)
    with postgres_cluster.database(empty=True) as url:
        places = {
            "@postgres/lithoscope": f"@{url.partition('@')[2]}",
            "redis:6379": f"127.0.0.1:{broker}",
            "/var/lib/lithoscope": str(folder / "data"),
            "0.0.0.0": "127.0.0.1",
            "8400": str(port),
        }
        machine = Machine(DOTENV, places, folder / "containers.log")
        try:
            yield from _opened(machine, folder, port)
        finally:
            machine.end_all()


def _opened(machine: Machine, folder: Path, port: int) -> Iterator[Facility]:
    migrated = machine.start("migrate").wait(60)
    machine.running.pop("migrate")
    api = machine.start("api", stdout=subprocess.PIPE)
    for name in ours():
        if name.startswith("worker-"):
            machine.start(name)
    assert api.stdout is not None
    code = setup_code(api.stdout.readline())
    with front_door(folder, port, folder / "data" / "store") as outside:
        direct, url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{outside}"
        token = first_token(url, code)
        with httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}) as client:
            project_id = made(client, "/projects", {"code": "COMPOSE", "title": "Containers"})["id"]
        yield Facility(machine, migrated, direct, url, token, project_id, folder)


def put(facility: Facility) -> str:
    """Upload the example through nginx by one PUT and return its dataset once it is readable."""
    content = EXAMPLE.read_bytes()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    with facility.client() as client:
        answer = client.put(
            "/uploads",
            params={"project_id": facility.project_id, "filename": EXAMPLE.name},
            content=content,
            headers={"Content-Digest": f"sha-256=:{digest}:", "Content-Type": "application/octet-stream"},
        )
        assert answer.status_code in {200, 201}, answer.text
        dataset_id = str(answer.json()["id"])
        wait_for(lambda: client.get(f"/datasets/{dataset_id}").json()["state"] == "readable")
    return dataset_id


@pytest.fixture(scope="module")
def series(facility: Facility) -> str:
    """Give the reference of the uploaded tilt series."""
    dataset_id = put(facility)
    with Client(facility.url, facility.token, progress=False) as client:
        arrays = client.dataset(dataset_id).arrays.values()
        return next(array.reference for array in arrays if array.summary["kind"] == "tilt_series")


def test_the_file_names_a_migration_an_api_and_three_workers():
    assert ours() == ["migrate", "api", "worker-io", "worker-short", "worker-long"]


def test_the_database_is_migrated_before_anything_starts(facility: Facility):
    assert facility.migrated == 0


def test_the_api_is_healthy_and_ready_from_inside_and_through_the_front_door(facility: Facility):
    for url in (facility.direct, facility.url):
        assert httpx.get(f"{url}/healthz").status_code == 200
        assert httpx.get(f"{url}/readyz").status_code == 200


def test_the_images_health_check_passes(facility: Facility):
    command = [facility.machine.moved(word) for word in health_check()]
    environment = facility.machine.environment(compose_file()["services"]["api"])
    assert subprocess.run(command, env=environment, check=False).returncode == 0


def test_the_workers_take_an_uploaded_series_to_a_volume(facility: Facility, series: str):
    with Client(facility.url, facility.token, progress=False) as client:
        tilts = client.run("tilt_series_subset", series, first_deg=-70.0, last_deg=70.0, step_deg=10.0)
        clean = client.run("tilt_series_background", tilts.wait().outputs["tilt_series"])
        volume = client.run("tomogram_sirt", clean.wait().outputs["tilt_series"], iterations=5)
        array = volume.wait().outputs["volume"]
        assert array.shape == (64, 64, 64)
        assert array.to_xarray().values.max() > 0


def test_nginx_sends_a_chunk_that_the_service_allowed_and_keeps_its_tag(facility: Facility, series: str):
    dataset_id, _, name = series.partition("/")
    address = f"/datasets/{dataset_id}/arrays/{name}/zarr/zarr.json"
    with facility.client() as client:
        through = client.get(address)
        assert through.status_code == 200
        assert through.json()["zarr_format"] == 3
        assert through.headers["ETag"].strip('"') == hashlib.sha256(through.content).hexdigest()
        assert "x-accel-redirect" not in through.headers
        assert through.headers["X-Content-Type-Options"] == "nosniff"
        assert through.headers["Content-Security-Policy"].startswith("sandbox")
        assert client.get(address, headers={"If-None-Match": through.headers["ETag"]}).status_code == 304
        part = client.get(address, headers={"Range": "bytes=0-9"})
        assert (part.status_code, part.content) == (206, through.content[:10])
        direct = client.get(f"{facility.direct}/api/v1{address}")
        assert direct.headers["X-Accel-Redirect"].startswith("/_store/")
    assert httpx.get(f"{facility.url}/api/v1{address}").status_code == 401


def test_progress_passes_the_front_door_while_the_job_runs(facility: Facility, series: str):
    """The stream ends only after the early finish, which is asked for only after an event came through."""
    with facility.client() as client:
        body: dict[str, Any] = {"method": "tomogram_sirt", "inputs": {}, "params": {"iterations": 2000}}
        job = made(client, "/jobs", {**body, "inputs": {"projections": series}})
        headers = {"Accept": "text/event-stream"}
        seen = []
        with client.stream("GET", f"/jobs/{job['id']}/events", headers=headers) as stream:
            for line in stream.iter_lines():
                seen.append(line)
                if line == "event: progress" and seen.count(line) == 1:
                    assert client.post(f"/jobs/{job['id']}/early-finish").status_code == 202
        assert client.get(f"/jobs/{job['id']}").json()["state"] == "succeeded"
    assert "event: progress" in seen


def test_ten_thousand_header_lines_end_at_the_front_door(facility: Facility):
    lines = {f"X-Line-{number}": "value" for number in range(10_000)}
    assert httpx.get(f"{facility.url}/healthz", headers=lines).status_code == 431


def test_every_container_ends_within_its_grace_and_leaves_no_process(facility: Facility):
    """Last in the file: nothing runs afterwards."""
    for name in list(facility.machine.running):
        assert facility.machine.end(name) == [], name
