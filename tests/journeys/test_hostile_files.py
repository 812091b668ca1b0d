"""Files that attack their reader, through the real service: each is kept and refused by name, nothing else suffers."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.lithoscope.readers.hostile import CATALOGUE, DM3, Hostile
from tests.lithoscope.readers.vendors import small_velox
from tests.live import LiveService, made, wait_for

ENDLESS = Path(__file__).parents[1] / "data/endless_hdf5.emd"
PUT_BYTES = 16 << 20
READER_CPU_S = 2


@dataclass
class Facility:
    """A running service with a project, and the processes it began with."""

    service: LiveService
    client: httpx.Client
    project_id: str
    processes: list[psutil.Process]

    def send(self, path: Path, name: str) -> httpx.Response:
        """Send a file: whole, or by tus when it is too large for one PUT."""
        content = path.read_bytes()
        if len(content) <= PUT_BYTES:
            where = {"project_id": self.project_id, "filename": name}
            return self.client.put("/uploads", params=where, content=content, headers=_digest(content))
        return self._send_by_tus(content, name)

    def _send_by_tus(self, content: bytes, name: str) -> httpx.Response:
        tus = {"Tus-Resumable": "1.0.0"}
        said = {"project_id": self.project_id, "filename": name}
        words = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
        begun = self.client.post(
            "/uploads", headers={**tus, "Upload-Length": str(len(content)), "Upload-Metadata": words}
        )
        place = begun.headers["Location"].removeprefix("/api/v1")
        kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        self.client.patch(place, content=content, headers={**tus, **kind}).raise_for_status()
        done = wait_for(lambda: self.client.get(place).json()["dataset_id"])
        return self.client.get(f"/datasets/{done}")

    def read(self, dataset_id: str) -> dict[str, Any]:
        """Wait until a dataset was read or refused, and return it."""

        def ended() -> dict[str, Any] | None:
            dataset: dict[str, Any] = self.client.get(f"/datasets/{dataset_id}").json()
            return dataset if dataset["state"] in {"readable", "rejected"} else None

        return dict(wait_for(ended))


def _digest(content: bytes) -> dict[str, str]:
    return {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"}


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """Give one service for all files; its second slot goes on while the first holds a file that never ends."""
    folder = tmp_path_factory.mktemp("hostile") / "data"
    with (
        LiveService(folder, workers=2, reader_cpu_s=READER_CPU_S, free_disk_fraction=0) as service,
        service.administrator() as client,
    ):
        project = made(client, "/projects", {"code": "HOSTILE", "title": "Files that lie"})
        yield Facility(service, client, project["id"], service.process_info.children())


@pytest.fixture(scope="module")
def endless(facility: Facility) -> str:
    """Send the file on which HDF5 never returns, before all others."""
    return str(facility.send(ENDLESS, "endless.emd").json()["id"])


@pytest.fixture(scope="module")
def sent(facility: Facility, endless: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, httpx.Response]:
    """Send every file of the catalogue without waiting for any."""
    assert endless
    folder = tmp_path_factory.mktemp("files")
    answers = {}
    for number, hostile in enumerate(CATALOGUE):
        (folder / str(number)).mkdir()
        answers[hostile.label] = facility.send(hostile.make(folder / str(number)), hostile.name)
    return answers


@pytest.mark.parametrize("hostile", [one for one in CATALOGUE if one.row > 1], ids=lambda one: f"{one.row} {one.label}")
def test_a_hostile_file_is_kept_and_refused_by_name(
    facility: Facility, sent: dict[str, httpx.Response], hostile: Hostile
):
    answer = sent[hostile.label]
    assert answer.is_success, answer.text
    dataset = facility.read(answer.json()["id"])
    assert (dataset["state"], dataset["problem"]["type"]) == ("rejected", f"/problems/{hostile.code}")
    assert str(facility.service.folder) not in dataset["problem"]["detail"]
    kept = facility.client.get(f"/datasets/{dataset['id']}/content")
    assert hashlib.sha256(kept.content).hexdigest() == dataset["sha256"]
    assert kept.headers["content-disposition"].startswith("attachment")


def test_a_file_of_no_bytes_is_refused_at_once(sent: dict[str, httpx.Response]):
    answer = sent["zero bytes"]
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/empty-file")


def test_a_file_that_never_ends_is_ended_by_its_time_limit(facility: Facility, endless: str):
    dataset = facility.read(endless)
    assert (dataset["state"], dataset["problem"]["type"]) == ("rejected", "/problems/time-limit")
    jobs = facility.client.get("/jobs", params={"kind": "ingest", "state": "failed", "limit": 500}).json()["items"]
    job = next(each for each in jobs if each["inputs"]["dataset"] == endless)
    assert (job["attempts"], job["crashes"]) == (3, 3)


def test_a_header_of_half_characters_breaks_no_answer(facility: Facility, tmp_path: Path):
    path = tmp_path / "a.emd"
    small_velox(path, Half={"\ud800<script>": "\udfff", "nul\0": "\0"})
    dataset = facility.read(facility.send(path, path.name).json()["id"])
    assert dataset["state"] == "readable"
    assert dataset["original"]["principal"]["Half"].keys() == {"\ufffd<script>", "nul"}
    assert facility.client.get("/datasets").status_code == 200


def test_after_all_of_them_the_service_is_as_before(facility: Facility, sent: dict[str, httpx.Response], endless: str):
    for answer in sent.values():
        if answer.is_success:
            facility.read(answer.json()["id"])
    facility.read(endless)
    good = facility.read(facility.send(DM3, "series.dm3").json()["id"])
    assert good["state"] == "readable"
    assert facility.service.process_info.children() == facility.processes
    wait_for(lambda: not list((facility.service.folder / "staging/jobs").glob("*/*")))
    assert not list((facility.service.folder / "staging/uploads").iterdir())
    assert facility.client.get("/jobs", params={"state": "running"}).json()["items"] == []
