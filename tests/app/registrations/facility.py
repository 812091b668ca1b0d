"""A service that sees a folder of the facility's storage, for tests of files that are registered where they lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.infra.db.models import Project, Sample
from app.infra.house import House
from app.infra.storage import blob_key
from app.lab.registrations.hashing import sweep
from app.main import create_app
from tests.app.uploads.uploading import some_bytes
from tests.conftest import People, add_project, add_sample, settings_for
from tests.houses import furnished

REGISTRATIONS, ROOTS = "/api/v1/registrations", "/api/v1/registration-roots"


@dataclass
class Facility:
    """A service that sees a folder of the facility's storage, a project that may use it and one that may not."""

    house: House
    storage: Path
    people: People
    project: Project
    other: Project
    sample: Sample
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sender = self.people.make(role="steward", project=self.project)

    def file(self, content: bytes | None = None) -> str:
        """Lay a fresh file into the storage and return its path there."""
        name = f"day {len(self.names)}/{len(self.names)}.dm3"
        self.names.append(name)
        path = self.storage / name
        path.parent.mkdir()
        path.write_bytes(some_bytes(2000, len(self.names)) if content is None else content)
        return name

    def ask(self, path: str, *, who: Any = None, **more: Any) -> Any:
        body = {"project_id": self.project.id, "root": "em", "path": path, **more}
        return (who or self.sender).post(REGISTRATIONS, json=body)

    def registered(self, path: str, **more: Any) -> dict[str, Any]:
        """Register a file, have it hashed, and return its dataset."""
        answer = self.ask(path, **more)
        assert answer.status_code == 202, answer.text
        sweep(self.house)
        upload = self.sender.get(answer.headers["Location"]).json()
        assert upload["state"] == "verified", upload
        return self.dataset(upload["dataset_id"])

    def dataset(self, dataset_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.sender.get(f"/api/v1/datasets/{dataset_id}").json()
        return found

    def content(self, dataset: dict[str, Any]) -> Any:
        return self.sender.get(f"/api/v1/datasets/{dataset['id']}/content")


@contextmanager
def facility_in(folder: Path, *, database_url: str = "") -> Iterator[Facility]:
    """Give a service whose project MINE may use the root ``em``; ``away`` is a root that is not there."""
    storage = folder / "storage"
    storage.mkdir()
    roots = {
        "em": {"path": str(storage), "projects": ["MINE"]},
        "away": {"path": str(folder / "no"), "projects": ["*"]},
    }
    house = furnished(settings_for(folder / "data", database_url=database_url, roots_in_place=roots))
    with TestClient(create_app(house.settings), follow_redirects=False) as client:
        project, other = add_project(house, "MINE"), add_project(house, "OTHER")
        sample = add_sample(house, project, "LS-2026-0001")
        yield Facility(house, storage, People(house, client), project, other, sample)
    house.database.dispose()


def problem_of(answer: Any) -> tuple[int, str, str]:
    """Return status, type and first pointer of a refusal."""
    body = answer.json()
    pointers = [each["pointer"] for each in body.get("errors") or [{"pointer": ""}]]
    return answer.status_code, body["type"].removeprefix("/problems/"), pointers[0]


def stored(facility: Facility, digest: str) -> bool:
    """Say whether the store has a copy of some bytes."""
    return facility.house.store.exists(blob_key(digest))
