"""Registered files are hashed and read where they lie, whatever happens to workers meanwhile."""

import json
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np

from app.infra.db.models import Upload
from app.lab.registrations.hashing import sweep
from app.lab.uploads.leases import NODE
from tests.app.registrations.facility import Facility, problem_of, stored
from tests.app.uploads.uploading import put
from tests.workers.running import local_workers


def test_a_file_written_to_while_it_is_hashed_is_refused_and_a_registration_can_be_ended(facility: Facility):
    path = facility.storage / facility.file()
    answer = facility.ask(str(path.relative_to(facility.storage)))
    path.unlink()
    sweep(facility.house)
    failed = facility.sender.get(answer.headers["Location"]).json()
    assert (failed["state"], failed["problem"]["type"]) == ("failed", "/problems/not-registered")
    ended = facility.ask(facility.file())
    gone = facility.sender.delete(ended.headers["Location"], headers={"Tus-Resumable": "1.0.0"})
    assert gone.status_code == 204
    sweep(facility.house)
    assert facility.sender.get(ended.headers["Location"]).json()["state"] == "terminated"


HASHING = """
import sys
from app.infra.house import House
from app.lab.registrations.hashing import sweep
from app.settings import Settings
sweep(House(Settings()))
"""


def test_a_worker_killed_while_it_hashes_leaves_a_registration_that_the_next_one_finishes(facility: Facility):
    path = facility.storage / facility.file()
    with path.open("r+b") as file:
        file.truncate(3 << 30)  # long enough to be met half way, and no room on the disk
    upload = facility.ask(str(path.relative_to(facility.storage))).json()
    roots = facility.house.settings.model_dump_json(include={"roots_in_place"})
    environment = {
        **os.environ,
        "LITHOSCOPE_DATA": str(facility.house.settings.data),
        "LITHOSCOPE_HEARTBEAT_S": "0.05",
        "LITHOSCOPE_ROOTS_IN_PLACE": json.dumps(json.loads(roots)["roots_in_place"]),
    }
    worker = subprocess.Popen([sys.executable, "-c", HASHING], env=environment)
    try:
        while worker.poll() is None and not _row(facility, upload["id"]).offset_bytes:
            time.sleep(0.05)
    finally:
        worker.kill()
        worker.wait()
    assert _row(facility, upload["id"]).state == "verifying"
    facility.sender.delete(f"/api/v1/uploads/{upload['id']}", headers={"Tus-Resumable": "1.0.0"})
    with path.open("r+b") as file:
        file.truncate(1000)
    again = facility.ask(str(path.relative_to(facility.storage))).json()
    with facility.house.database.writing() as session:
        row = session.get_one(Upload, again["id"])
        row.lease_token, row.lease_until = f"{NODE}.{worker.pid}.gone", 2.0**40
    sweep(facility.house)
    assert _row(facility, again["id"]).state == "verified"


def _row(facility: Facility, upload_id: str) -> Upload:
    with facility.house.database.reading() as session:
        return session.get_one(Upload, upload_id)


def test_the_confined_reader_reads_the_file_and_no_job_works_on_what_changed_since(facility: Facility):
    path = facility.storage / "image.npy"
    np.save(path, np.arange(12.0).reshape(3, 4))
    with local_workers(facility.house, 1):
        dataset = facility.registered("image.npy")
        row = _settled(facility, dataset["id"])
        assert (row["state"], row["arrays"][0]["shape"]) == ("readable", [3, 4]), row["problem"]
        before, content = path.stat(), path.read_bytes()
        assert (before.st_nlink, stored(facility, row["sha256"])) == (1, False)
        np.save(path, np.arange(20.0).reshape(4, 5))
        job = {"method": "tomogram_sirt", "inputs": {"projections": dataset["id"]}, "params": {}}
        assert problem_of(facility.sender.post("/api/v1/jobs", json=job))[:2] == (409, "source-changed")
        change = {"calibration": {"pixel_size_nm": {"value": 2.0, "unit": "nm"}}, "reason": "by the grating"}
        url = f"/api/v1/datasets/{dataset['id']}"
        answer = facility.sender.patch(url, json=change, headers={"If-Match": f'"{row["version"]}"'})
        assert answer.status_code == 200, answer.text
        row = _settled(facility, dataset["id"])
        assert (row["state"], row["problem"]["type"]) == ("rejected", "/problems/source-changed")
        assert "Put the file back" in row["problem"]["remedy"]
        sent = put(facility.sender, content, facility.project.id, "found in a drawer.npy")
        assert sent.json()["id"] == dataset["id"]
        until = time.monotonic() + 60
        while facility.dataset(dataset["id"])["state"] == "rejected" and time.monotonic() < until:
            time.sleep(0.05)
        assert _settled(facility, dataset["id"])["state"] == "readable"


def _settled(facility: Facility, dataset_id: str) -> dict[str, Any]:
    for _ in range(1200):
        row = facility.dataset(dataset_id)
        if row["state"] not in {"received", "verified"}:
            return row
        time.sleep(0.05)
    raise TimeoutError("never read")
