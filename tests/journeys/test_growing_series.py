"""A real tilt series arrives tilt by tilt and is processed as it grows, whatever is killed meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.client import Client
from lithoscope.readers import read
from lithoscope.writers.hdf5 import write_hdf5
from tests.live import LiveService, first_token, made, wait_for

SOURCE = Path(__file__).parents[2] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
TILTS = slice(0, 90, 10)
PARTS = 9
ACTION = {"method": "tomogram_sirt", "parameters": {"iterations": 3}}


@dataclass(frozen=True)
class Place:
    """A service that is killed, who uses it, and the tilts of a real series as files of their own."""

    live: LiveService
    client: Client
    http: httpx.Client
    sample: Any
    whole: LabelledArray
    files: list[Path]

    def send(self, number: int) -> str:
        """Send one tilt without waiting for its reading."""
        return self.client.upload(self.files[number - 1], sample=self.sample).id

    def begin(self, **more: Any) -> str:
        """Begin a series."""
        body = {"project_id": self.sample.project_id, "sample_id": self.sample.id, "name": "particle 1"}
        return str(made(self.http, "/series", {**body, "kind": "tilt_series", "every": 3, **more})["id"])

    def add(self, series: str, number: int, dataset: str) -> int:
        """Add a tilt to a series and return the status."""
        tilt = float(self.whole.coordinates["t"][number - 1])
        body = {"dataset_id": dataset, "number": number, "tilt_deg": tilt}
        answer = self.http.post(f"/series/{series}/parts", json=body)
        assert answer.is_success, answer.text
        return answer.status_code

    def series(self, series: str) -> dict[str, Any]:
        """Return a series as it stands."""
        return dict(self.http.get(f"/series/{series}").raise_for_status().json())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("growing")
    series = read(SOURCE).arrays[0]
    whole = replace(series, values=series.values[TILTS], coordinates={"t": series.coordinates["t"][TILTS]})
    files = [folder / f"tilt_{number}.h5" for number in range(1, PARTS + 1)]
    for path, image in zip(files, whole.values, strict=True):
        write_hdf5(LabelledArray(image, "yx", whole.spacing, whole.unit, name=path.stem), path)
    with LiveService(folder / "data", workers=2, sweep_s=0.5, lease_s=3, heartbeat_s=0.5) as live:
        token = first_token(live.url, live.setup_code)
        with live.client(token) as http, Client(live.url, token, progress=False) as client:
            project = made(http, "/projects", {"code": "GROW", "title": "Growing series"})
            sample = client.samples.create("particle", project=project["id"], material="nmc")
            yield Place(live, client, http, sample, whole, files)


def test_a_series_fed_tilt_by_tilt_is_byte_for_byte_the_series_sent_whole(place: Place, tmp_path: Path) -> None:
    series = place.begin(action=ACTION)
    sent: dict[int, str] = {}
    for number in (2, 1, 3, 4, 6, 5, 7):  # out of order
        sent[number] = place.send(number)
        assert place.add(series, number, sent[number]) == 201
        if number == 4:
            for worker in place.live.children("workers"):
                worker.kill()
    assert place.add(series, 2, sent[2]) == 200  # repeated
    place.live.kill()  # the whole service, with its workers
    place.live.start()
    wait_for(lambda: place.series(series)["newest_result"])
    closed = place.http.post(f"/series/{series}/closing", json={"parts": PARTS})  # before the last parts are there
    assert (closed.json()["state"], closed.json()["missing"]) == ("closing", [8, 9])
    for number in (9, 8):
        place.add(series, number, place.send(number))
    sealed = wait_for(lambda: (each := place.series(series))["state"] == "sealed" and each)
    assert sealed["parts"] == {"total": 9, "waiting": 0, "readable": 9, "refused": 0, "deleted": 0}
    dataset = place.client.dataset(sealed["sealed_dataset_id"])
    tree = dataset.to_xarray()
    path = tmp_path / "whole.h5"
    write_hdf5(place.whole, path)
    at_once = place.client.upload(path, sample=place.sample).wait().to_xarray()
    assert (tree.dtype, tree.dims) == (at_once.dtype, at_once.dims)
    assert tree.to_numpy().tobytes() == at_once.to_numpy().tobytes() == place.whole.values.tobytes()
    np.testing.assert_array_equal(tree.coords["t"], at_once.coords["t"])


def test_the_last_volume_begins_with_nothing_and_no_refresh_is_left_running(place: Place) -> None:
    ends = ("succeeded", "failed")
    row = place.http.get("/series").json()["items"][0]
    whole = wait_for(lambda: (each := place.series(row["id"]))["newest_refresh"]["state"] in ends and each)
    last = whole["newest_refresh"]
    assert (last["is_final"], last["state"], last["start"], last["parts"]) == (True, "succeeded", None, PARTS)
    jobs = place.http.get("/jobs", params={"method": "tomogram_sirt", "limit": 500}).json()["items"]
    assert {job["state"] for job in jobs} <= {"succeeded", "cancelled"}
    assert all(job["started_by"]["series_id"] == row["id"] for job in jobs)
    assert [job["params"]["iterations"] for job in jobs] == [3] * len(jobs)


def test_slices_at_their_depths_become_one_stack_of_them(place: Place) -> None:
    series = place.begin(kind="slices", name="trench 1", every=9)
    depths_nm = {1: 20.0, 2: 10.0, 3: 30.0}  # the beam went back once
    for number, depth_nm in depths_nm.items():
        body = {"dataset_id": place.send(number), "number": number, "z_nm": depth_nm}
        made(place.http, f"/series/{series}/parts", body)
    refused = place.http.post(f"/series/{series}/parts", json={**body, "tilt_deg": 1.0})
    assert refused.json()["errors"][0]["pointer"] == "/body/tilt_deg"
    place.http.post(f"/series/{series}/closing", json={"parts": 3}).raise_for_status()
    sealed = wait_for(lambda: (each := place.series(series))["state"] == "sealed" and each)
    dataset = place.client.dataset(sealed["sealed_dataset_id"])
    assert dataset.kind == "stack"
    stack = dataset.to_xarray()
    assert stack.dims == ("z", "y", "x")
    np.testing.assert_array_equal(stack.coords["z"], [10.0, 20.0, 30.0])
    np.testing.assert_array_equal(stack.to_numpy(), place.whole.values[[1, 0, 2]])
    (array,) = dataset.record["arrays"]
    assert {axis: step["value"] for axis, step in array["spacing"].items()} == {
        axis: place.whole.spacing[axis].value for axis in "yx"
    } | {"z": 10.0}


def test_only_the_sealed_dataset_is_listed(place: Place) -> None:
    listed = place.http.get("/datasets", params={"limit": 500}).json()["items"]
    every = place.http.get("/datasets", params={"limit": 500, "interim": True}).json()["items"]
    stacked = [each for each in listed if "series" in each["attributes"]]
    assert [each["attributes"]["series"]["is_sealed"] for each in stacked] == [True, True]
    assert len(every) > len(listed)
    assert len({each["sha256"] for each in every}) == len(every)
