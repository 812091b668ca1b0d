"""What all tests share: a fresh house, the application on it, people, an instrument's PC, servers."""

import os
import shutil
import sys
from pathlib import Path

# Before numpy: test processes share the cores, and threads of one algebra wait ten times as long for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Nothing that tests write has to outlive the machine: in memory no commit waits for a disk.
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 * 2**30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
# What is compiled once is not compiled again by each of the many processes that tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.infra import log, tokens
from app.infra.clock import now
from app.infra.db.models import AccessKey, Instrument, Login, Membership, Project, Sample, User
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.access import Actor
from app.main import create_app
from app.settings import Settings
from tests.houses import furnished
from tests.servers import PostgresCluster, RedisServer, need

MANY = 1_000_000


log.configure(as_json=True)  # structlog's own default draws tracebacks with all their variables, which takes seconds


#: Folders of few tests that take long, because they start services, browsers and judges: files of theirs begin first.
LONG = (
    "journeys/test_portal_everywhere.py",
    "journeys",
    "lithoscope/client",
    "contract",
    "deploy",
    "frontend",
    "workers",
    "app/cli",
    "app/uploads",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files in front, so that no process is alone with one at the end."""
    folder = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(folder).as_posix()
        return next((rank for rank, name in enumerate(LONG) if path.startswith(name)), len(LONG))

    items.sort(key=place)


def settings_for(folder: Path, **more: Any) -> Settings:
    """Return settings of a service in a folder that tests may hurry."""
    return Settings(data=folder, requests_per_second=more.pop("requests_per_second", MANY), **more)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """Give one PostgreSQL server for the whole run, started when first asked for."""
    need("postgres", PostgresCluster.missing())
    cluster = PostgresCluster()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: PostgresCluster) -> Iterator[str]:
    """Give an empty database with all tables, dropped at the end."""
    with postgres_cluster.database() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Give one Redis server with an append-only file for the whole run, started when first asked for."""
    need("redis", RedisServer.missing())
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings of a service on SQLite; a module may override this fixture."""
    return settings_for(tmp_path / "data")


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """Give a fresh house on SQLite with all tables."""
    house = furnished(settings)
    yield house
    house.database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Give a fresh house on SQLite, then one on PostgreSQL."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    house = furnished(settings_for(tmp_path / "data", database_url=url))
    yield house
    house.database.dispose()


@pytest.fixture
def postgres_house(postgres_url: str, tmp_path: Path) -> Iterator[House]:
    """Give a fresh house on PostgreSQL."""
    house = House(settings_for(tmp_path / "data", database_url=postgres_url))
    yield house
    house.database.dispose()


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[tuple[House, TestClient]]:
    """Run the application on a fresh house, for all tests of a module that change nothing."""
    house = furnished(settings_for(folder, **settings))
    with TestClient(create_app(house.settings), follow_redirects=False) as client:
        yield house, client
    house.database.dispose()


@pytest.fixture
def app(house: House) -> FastAPI:
    """Give the application on the fresh house."""
    return create_app(house.settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Give a client without credential; the application's lifespan runs."""
    with TestClient(app, follow_redirects=False) as client:
        yield client


@dataclass
class Person:
    """A person with the client of their sign-in."""

    user: User
    client: TestClient
    cookie: str

    @property
    def id(self) -> str:
        """Return the person's identifier."""
        return self.user.id

    def actor(self, roles: dict[str, str] | None = None) -> Actor:
        """Return the actor for direct calls of services."""
        return Actor(
            id=self.user.id,
            kind="person",
            label=self.user.display_name,
            facility_role=self.user.facility_role,  # type: ignore[arg-type]
            roles=roles or {},
        )

    def __getattr__(self, name: str) -> Any:
        """Pass get, post, put, patch, delete, request and stream on to the client."""
        return getattr(self.client, name)


@dataclass
class People:
    """Makes people with sign-ins; no password is hashed."""

    house: House
    client: TestClient
    count: int = 0
    _admin: Person | None = field(default=None, repr=False)

    @property
    def admin(self) -> Person:
        """Return the administrator."""
        if self._admin is None:
            self._admin = self.make(facility_role="admin")
        return self._admin

    def make(self, *, role: str = "", project: Project | str | None = None, facility_role: str = "member") -> Person:
        """Make a person, with a role in a project when both are named."""
        self.count += 1
        user = User(
            id=new_id("usr"),
            login=f"person{self.count}",
            display_name=f"Person {self.count}",
            facility_role=facility_role,
            created_at=now(),
        )
        cookie, csrf = tokens.new_secret(), tokens.new_secret()
        with self.house.database.writing() as session:
            session.add(user)
            session.flush()
            session.add(_login(user.id, cookie, csrf))
            if project is not None and role:
                project_id = project if isinstance(project, str) else project.id
                session.add(Membership(project_id=project_id, user_id=user.id, role=role, created_at=now()))
        client = beside(self.client, cookies={"lithoscope_login": cookie}, headers={"X-CSRF-Token": csrf})
        return Person(user, client, cookie)


def _login(user_id: str, cookie: str, csrf: str) -> Login:
    return Login(
        token_digest=tokens.digest(cookie),
        user_id=user_id,
        csrf_token=csrf,
        created_at=now(),
        last_seen_at=now(),
        expires_at=now() + timedelta(hours=12),
    )


def beside(
    client: TestClient, *, cookies: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> TestClient:
    """Return another client of the same running application."""
    other = TestClient(client.app, cookies=cookies, headers=headers, follow_redirects=False)
    other.portal = client.portal
    return other


@pytest.fixture
def people(house: House, client: TestClient) -> People:
    """Give a maker of people."""
    return People(house, client)


@pytest.fixture
def analyst(people: People, project: Project) -> Person:
    """Give an analyst of the project."""
    return people.make(role="analyst", project=project)


@pytest.fixture
def project(house: House) -> Project:
    """Give a project."""
    return add_project(house, "PRJ-1")


def add_project(house: House, code: str) -> Project:
    """Add a project straight to the database."""
    project = Project(
        id=new_id("prj"), code=code, title=f"Project {code}", quota_bytes=2**40, created_by="system", created_at=now()
    )
    with house.database.writing() as session:
        session.add(project)
    return project


@pytest.fixture
def sample(house: House, project: Project) -> Sample:
    """Give a sample of the project."""
    return add_sample(house, project, "LS-2026-9001")


def add_sample(house: House, project: Project, code: str, **more: Any) -> Sample:
    """Add a sample straight to the database, with further fields."""
    sample = Sample(
        id=new_id("smp"),
        project_id=project.id,
        code=code,
        name=f"Sample {code}",
        material="nmc",
        created_by="system",
        created_at=now(),
        **more,
    )
    with house.database.writing() as session:
        session.add(sample)
    return sample


@dataclass
class Device:
    """An instrument's PC with its key."""

    instrument: Instrument
    key: AccessKey
    key_text: str
    client: TestClient

    @property
    def id(self) -> str:
        """Return the key's identifier, which is the device's as an actor."""
        return self.key.id

    def actor(self) -> Actor:
        """Return the actor for direct calls of services."""
        projects = self.key.project_ids
        return Actor(
            id=self.key.id,
            kind="device",
            label=self.key.name,
            scopes=frozenset(self.key.scopes),
            project_ids=None if projects is None else frozenset(projects),
            instrument_id=self.instrument.id,
            credential_id=self.key.id,
        )

    def post(self, url: str, **more: Any) -> httpx.Response:
        """Send a POST with the fresh Idempotency-Key a device must give."""
        headers = {"Idempotency-Key": new_id("otc"), **more.pop("headers", {})}
        return self.client.post(url, headers=headers, **more)

    def __getattr__(self, name: str) -> Any:
        """Pass everything else on to the client."""
        return getattr(self.client, name)


def add_device(house: House, client: TestClient, projects: list[Project] | None) -> Device:
    """Add an instrument and a device key, limited to projects unless None."""
    instrument = Instrument(
        id=new_id("ins"), code=f"tem-{new_id('ins')[-6:]}", name="Titan", technique="stem", created_at=now()
    )
    secret = tokens.new_secret()
    key = AccessKey(
        id=new_id("key"),
        kind="device",
        name="PC of the Titan",
        secret_digest=tokens.digest(secret),
        instrument_id=instrument.id,
        scopes=["uploads:write", "data:write"],
        project_ids=None if projects is None else [project.id for project in projects],
        created_at=now(),
        expires_at=now() + timedelta(days=365),
    )
    with house.database.writing() as session:
        session.add(instrument)
        session.flush()
        session.add(key)
    text = tokens.key_text(key.id, secret)
    return Device(instrument, key, text, beside(client, headers={"Authorization": f"Bearer {text}"}))


@pytest.fixture
def device(house: House, client: TestClient, project: Project) -> Device:
    """Give the PC of an instrument, limited to the project."""
    return add_device(house, client, [project])
