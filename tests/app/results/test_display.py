"""Viewers read a small copy of what a job gave; it is published, kept, counted and removed with the original."""

import io
import zipfile
from typing import Any

import numpy as np
import pytest
import zarr

from app.infra.db.models import Result
from app.infra.house import House
from app.infra.storage import LocalStore
from app.lab.results.purging import purge
from lithoscope.arrays import LabelledArray
from tests.app.results.publishing import NM, volume
from tests.datasets import add_dataset

LARGE = (70, 80, 90)


def large() -> LabelledArray:
    values = np.random.default_rng(3).normal(50, 4, LARGE).astype("f4")
    return LabelledArray(values, "zyx", dict.fromkeys("zyx", NM), "at%", kind="volume", name="volume")


@pytest.fixture
def kept() -> dict[str, Any]:
    return {"volume": large(), "small": volume()}


def display(result: Result, path: str, name: str = "volume") -> str:
    return f"/api/v1/results/{result.id}/outputs/{name}/display/{path}"


def test_a_large_volume_of_real_numbers_says_that_it_has_a_copy(viewer: Any, result: Result):
    made = {each["name"]: each for each in viewer.get(f"/api/v1/results/{result.id}").json()["outputs"]}
    assert (made["volume"]["has_display"], made["small"]["has_display"]) == (True, False)


def test_the_copy_is_served_like_the_original(viewer: Any, result: Result):
    about = viewer.get(display(result, "zarr.json")).json()["attributes"]
    original = viewer.get(f"/api/v1/results/{result.id}/outputs/volume/zarr/zarr.json").json()["attributes"]
    assert about["ome"] == original["ome"]
    coding = about["lithoscope"]["display"]
    chunk = viewer.get(display(result, "0/c/0/0/0"))
    assert chunk.headers["ETag"]
    part = viewer.get(display(result, "0/c/0/0/0"), headers={"Range": "bytes=-68"})
    assert (part.status_code, part.content) == (206, chunk.content[-68:])
    assert coding["no_value"] == 0
    for outside in ("0/c/9/9/9", "../volume.ome.zarr/zarr.json", ""):
        assert viewer.get(display(result, outside)).status_code == 404
    assert viewer.get(display(result, "zarr.json", "small")).status_code == 404


def test_codes_are_the_values_of_the_original(house: House, result: Result):
    assert isinstance(house.store, LocalStore)
    tree = house.store.path(result.store_key or "")
    group = zarr.open_group(tree / "volume.display", mode="r")
    attributes: Any = group.attrs["lithoscope"]
    coding, codes = attributes["display"], np.asarray(group["0"][...])  # type: ignore[index]
    assert np.abs(coding["offset"] + coding["scale"] * codes - large().values).max() <= coding["scale"] * 0.5001


def test_the_copy_counts_as_bytes_of_the_result_and_is_no_part_of_downloads(viewer: Any, house: House, result: Result):
    assert isinstance(house.store, LocalStore)
    tree = house.store.path(result.store_key or "")
    files = [path for path in tree.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert result.size_bytes == sum(path.stat().st_size for path in files)
    wanted = {"format": "ome-zarr", "output": "volume"}
    bundle = viewer.get(f"/api/v1/results/{result.id}/download", params=wanted).content
    assert not [name for name in zipfile.ZipFile(io.BytesIO(bundle)).namelist() if "display" in name]


def test_the_copy_goes_with_the_result(steward: Any, house: House, result: Result):
    steward.request(
        "DELETE",
        f"/api/v1/results/{result.id}",
        params={"reason": "wrong sample"},
        headers={"If-Match": f'"{result.digest}"'},
    )
    assert purge(house) == 1
    assert not [key for key in house.store.keys("trees") if "display" in key]


def test_a_result_without_a_copy_is_read_as_before(viewer: Any, house: House, result: Result):
    with house.database.writing() as session:
        row = session.get_one(Result, result.id)
        row.outputs = [{name: value for name, value in each.items() if name != "has_display"} for each in row.outputs]
    outputs = viewer.get(f"/api/v1/results/{result.id}").json()["outputs"]
    assert not any(each["has_display"] for each in outputs)
    assert viewer.get(f"/api/v1/results/{result.id}/outputs/volume/zarr/zarr.json").status_code == 200


def test_arrays_of_datasets_have_their_copy_too(viewer: Any, house: House, project: Any, result: Result):
    dataset = add_dataset(house, project, arrays=result.outputs, store_key=result.store_key)
    arrays = viewer.get(f"/api/v1/datasets/{dataset.id}").json()["arrays"]
    assert [array["has_display"] for array in arrays] == [True, False]
    answer = viewer.get(f"/api/v1/datasets/{dataset.id}/arrays/volume/display/zarr.json")
    assert answer.json()["attributes"]["lithoscope"]["display"]["unit"] == "at%"


def test_another_project_sees_nothing_of_it(people: Any, result: Result):
    assert people.make().get(display(result, "zarr.json")).status_code == 404
