"""Both ways to run the service: embedded, and PostgreSQL with Redis and Celery workers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.live import LiveService, made
from tests.servers import PostgresCluster, RedisServer

HURRIED = {"lease_s": 6, "heartbeat_s": 1.5, "sweep_s": 1}


@pytest.fixture(params=["embedded", pytest.param("production", marks=[pytest.mark.postgres, pytest.mark.redis])])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveService]:
    """Give a running service of each kind, hurried so that leases end soon."""
    if request.param == "embedded":
        live = LiveService(tmp_path / "data", workers=2, **HURRIED)
        live.start()
        yield live
        live.stop()
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    redis: RedisServer = request.getfixturevalue("redis_server")
    with cluster.database(empty=True) as url:
        live = LiveService(
            tmp_path / "data", workers=0, database_url=url, queue="celery", broker_url=redis.url, **HURRIED
        )
        subprocess.run(
            [sys.executable, "-m", "lithoscope.client.cli", "admin", "migrate"],
            env={**os.environ, "LITHOSCOPE_DATA": str(live.folder), "LITHOSCOPE_DATABASE_URL": url},
            check=True,
        )
        live.start()
        yield live
        live.stop()


@pytest.fixture
def scientist(service: LiveService) -> Iterator[httpx.Client]:
    """Give the administrator's client; its ``headers`` carry a token that survives restarts."""
    client = service.administrator()
    yield client
    client.close()


@pytest.fixture
def project_id(scientist: httpx.Client) -> str:
    """Give a project."""
    return str(made(scientist, "/projects", {"code": "STORM", "title": "Storm"})["id"])
