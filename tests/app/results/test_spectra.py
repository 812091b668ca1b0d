"""Spectra over HTTP: one pixel's, the mean of a tilt, a map of counts within a window of energies."""

import hashlib
from typing import Any

import h5py
import numpy as np
import pytest

from app.infra.db.models import Result
from app.infra.spectra import StoredSpectra
from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from tests.app.results.publishing import volume
from tests.datasets import add_dataset

NM = Quantity(4.63, "nm", "header")
TILTS = np.array([-10.0, 10.0, 0.0])
ENERGIES = 500.0 + 5.0 * np.arange(32)
COUNTS = np.random.default_rng(3).poisson(4.0, (3, 6, 7, 32)).astype(np.uint16)


def spectra() -> LabelledArray:
    places = {"t": TILTS, "e": ENERGIES}
    return LabelledArray(COUNTS, "tyxe", dict.fromkeys("yx", NM), "counts", places, "spectra", "core_loss")


@pytest.fixture
def kept() -> dict[str, Any]:
    image = LabelledArray(COUNTS[0, ..., ::-1], "yxe", {}, "counts", {"e": ENERGIES[::-1].copy()}, "spectra", "one")
    bare = LabelledArray(COUNTS[0], "yxe", {}, "counts", {}, "spectra", "bare")
    return {"core_loss": spectra(), "one": image, "bare": bare, "volume": volume()}


def home(result: Result, name: str = "core_loss") -> str:
    return f"/api/v1/results/{result.id}/outputs/{name}"


def test_one_pixel_has_its_own_spectrum_with_its_energies(viewer, result):
    found = viewer.get(f"{home(result)}/spectrum?t=1&y=2&x=5").json()
    assert found["values"] == COUNTS[1, 2, 5].tolist()
    assert found["energies"] == ENERGIES.tolist()
    assert (found["place"], found["is_mean"], found["unit"]) == ({"t": 1, "y": 2, "x": 5}, False, "counts")


def test_without_a_pixel_it_is_the_mean_of_the_tilt_nearest_to_zero(viewer, result):
    found = viewer.get(f"{home(result)}/spectrum").json()
    assert (found["place"], found["is_mean"]) == ({"t": 2}, True)
    np.testing.assert_allclose(found["values"], COUNTS[2].mean(axis=(0, 1)))


def test_a_mean_is_summed_once_for_all_who_ask(viewer, result, house):
    """Of the bytes it is known by: it stays what it was when the file is gone, and a pixel is refused then."""
    address = f"{home(result)}/spectrum?t=0"
    first = viewer.get(address).json()
    house.store.path(f"{result.store_key}/core_loss.h5").unlink()
    assert viewer.get(address).json() == first
    assert viewer.get(f"{address}&y=1&x=1").status_code == 500


def test_a_region_has_the_mean_of_its_pixels(viewer, result):
    found = viewer.get(f"{home(result)}/spectrum?t=1&y=2&x=1&y_to=4&x_to=3").json()
    np.testing.assert_allclose(found["values"], COUNTS[1, 2:5, 1:4].mean(axis=(0, 1)))
    assert found["place"] == {"t": 1, "y": 2, "x": 1, "y_to": 4, "x_to": 3}
    assert (found["is_mean"], found["pixels"]) == (True, 9)
    one = viewer.get(f"{home(result)}/spectrum?t=1&y=2&x=5&y_to=2&x_to=5").json()
    assert (one["values"], one["pixels"]) == (COUNTS[1, 2, 5].tolist(), 1)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("y=2&x=1&y_to=4", "/query/x"), ("y_to=3&x_to=3", "/query/y"), ("y=4&x=1&y_to=2&x_to=2", "/query/y_to"),
     ("y=0&x=0&y_to=5&x_to=7", "/query/x_to")],
)  # fmt: skip
def test_a_region_that_is_none_is_refused_by_name(viewer, result, query, pointer):
    refused = viewer.get(f"{home(result)}/spectrum?{query}")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_a_map_sums_the_counts_of_a_window_whichever_way_the_energies_run(viewer, result):
    whole = viewer.get(f"{home(result)}/energy-map?t=0")
    assert (whole.headers["x-shape"], whole.headers["x-unit"]) == ("6,7", "counts")
    np.testing.assert_array_equal(np.frombuffer(whole.content, "<f4").reshape(6, 7), COUNTS[0].sum(-1))
    window = "low_eV=524&high_eV=545"
    inside = (ENERGIES >= 524) & (ENERGIES <= 545)
    for name, query in (("core_loss", f"t=0&{window}"), ("one", window)):
        content = viewer.get(f"{home(result, name)}/energy-map?{query}").content
        np.testing.assert_array_equal(np.frombuffer(content, "<f4").reshape(6, 7), COUNTS[0][..., inside].sum(-1))


def test_a_map_that_was_seen_is_not_sent_again(viewer, result):
    first = viewer.get(f"{home(result)}/energy-map?t=0")
    again = viewer.get(f"{home(result)}/energy-map?t=0", headers={"If-None-Match": first.headers["etag"]})
    other = viewer.get(f"{home(result)}/energy-map?t=1", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)


def test_datasets_answer_as_results_do(viewer, house, project, result):
    dataset = add_dataset(house, project, arrays=result.outputs[:1], store_key=result.store_key)
    at = f"/api/v1/datasets/{dataset.id}/arrays/core_loss"
    assert viewer.get(f"{at}/spectrum?t=0&y=0&x=0").json()["values"] == COUNTS[0, 0, 0].tolist()
    assert viewer.get(f"{at}/energy-map?t=1").headers["x-shape"] == "6,7"
    assert viewer.get(f"/api/v1/datasets/{dataset.id}/arrays/no/spectrum").status_code == 404


@pytest.mark.parametrize(
    ("path", "code", "pointer"),
    [
        ("core_loss/spectrum?y=6&x=0", "invalid-input", "/query/y"),
        ("core_loss/spectrum?t=3", "invalid-input", "/query/t"),
        ("core_loss/spectrum?y=1", "invalid-input", "/query/x"),
        ("core_loss/energy-map?low_eV=9000", "invalid-input", "/query/low_eV"),
        ("core_loss/energy-map?low_eV=540&high_eV=520", "invalid-input", "/query/low_eV"),
        ("bare/energy-map?low_eV=540", "invalid-input", "/query/low_eV"),
        ("volume/spectrum?y=1&x=1", "no-spectra", None),
        ("volume/energy-map", "no-spectra", None),
    ],
)
def test_a_place_or_window_outside_is_refused_by_name(viewer, result, path, code, pointer):
    answer = viewer.get(f"/api/v1/results/{result.id}/outputs/{path}")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(code)
    assert [each["pointer"] for each in answer.json().get("errors", [])] == ([pointer] if pointer else [])


def test_damage_is_named(viewer, house, result):
    path = house.store.path(f"{result.store_key}/core_loss.h5")
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    answer = viewer.get(f"{home(result)}/spectrum?t=0&y=0&x=0")
    assert answer.status_code == 500
    assert answer.json()["type"].endswith("integrity-failure")


def test_a_tilt_larger_than_a_block_is_summed_in_whole_chunks(house, tmp_path):
    values = np.random.default_rng(0).integers(0, 9, (90, 64, 1024), dtype=np.uint8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("entry/data/data", data=values, chunks=(16, 64, 1024))
    source = tmp_path / "a.h5"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    house.store.put_file("blobs/x", source)
    found = StoredSpectra(house.store, "blobs/x", digest, "yxe")
    np.testing.assert_allclose(found.mean(None), values.mean(axis=(0, 1)))
    np.testing.assert_array_equal(
        np.frombuffer(found.counts(None, slice(3, 9)), "<f4").reshape(90, 64), values[..., 3:9].sum(-1)
    )


def test_a_row_larger_than_a_block_is_summed_in_parts(house, tmp_path):
    """One row of a hostile image would else fill the service's memory."""
    values = np.random.default_rng(0).integers(0, 9, (2, 2500, 4096), dtype=np.uint8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("entry/data/data", data=values, chunks=(1, 250, 4096))
    source = tmp_path / "a.h5"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    house.store.put_file("blobs/y", source)
    found = StoredSpectra(house.store, "blobs/y", digest, "yxe")
    with h5py.File(house.store.path("blobs/y")) as file:
        rows = found._rows(file["entry/data/data"], None)
        assert max(part.size for part in rows) <= 1 << 22 < values[0].size
    np.testing.assert_allclose(found.mean(None), values.mean(axis=(0, 1)))
    np.testing.assert_array_equal(
        np.frombuffer(found.counts(None, slice(3, 9)), "<f4").reshape(2, 2500), values[..., 3:9].sum(-1)
    )


@pytest.mark.parametrize(
    ("shape", "what"), [((1, 1, 1, 1 << 19), "spectrum?t=0&y=0&x=0"), ((1, 1 << 13, 1 << 12, 2), "energy-map")]
)
def test_spectra_too_large_for_an_answer_are_refused_before_they_are_read(viewer, house, project, result, shape, what):
    vast = {**result.outputs[0], "shape": list(shape), "coordinates": {}}
    dataset = add_dataset(house, project, arrays=[vast], store_key=result.store_key)
    answer = viewer.get(f"/api/v1/datasets/{dataset.id}/arrays/core_loss/{what}")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("spectra-too-large")
