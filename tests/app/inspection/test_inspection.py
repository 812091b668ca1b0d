"""A voxel tells its value, how sure it is and what it was made from; a part of an array tells what its values are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.db.models import Result
from app.infra.house import House
from app.infra.storage import LocalStore
from lithoscope.arrays import LabelledArray, Table
from tests.app.provenance.scene import Scene
from tests.app.results.publishing import NM, add_job, publish
from tests.datasets import add_dataset

SHAPE = (5, 70, 66)
NOISE = np.random.default_rng(4)
VALUES = NOISE.normal(30, 5, (2, *SHAPE)).astype("f4")
VALUES[0, 0, 0, 0] = np.nan
SPREAD = (VALUES / 10).astype("f4")
PARTICLE = np.zeros(SHAPE, "u1")
PARTICLE[1:4, 5:60, 5:60] = 1
PARTICLE[2, 20:30, 20:30] = 2
VALID = (PARTICLE > 0).astype("u1")
DEPTH = np.where(PARTICLE > 0, np.indices(SHAPE)[1] * 3.0, np.nan).astype("f4")
STEPS = dict.fromkeys("zyx", NM)


def volume(name: str, values: Any, *, unit: str = "at%", kind: str = "volume") -> LabelledArray:
    return LabelledArray(values, "czyx"[-values.ndim :], STEPS, unit, kind=kind, name=name)


def made() -> dict[str, Any]:
    return {
        "composition": volume("composition", VALUES),
        "uncertainty": volume("uncertainty", SPREAD),
        "valid": volume("valid", VALID, unit="1", kind="labels"),
        "classes": Table({"class": [1]}, {"class": "1"}),
    }


@pytest.fixture
def kept() -> dict[str, Any]:
    return made()


@pytest.fixture
def particle(house: House, project: Any, sample: Any, tmp_path: Path) -> Result:
    arrays = {
        "depth": volume("depth", DEPTH, unit="nm"),
        "labels": volume("labels", PARTICLE, unit="1", kind="labels"),
        "other": volume("other", VALUES[0]),
        "again": volume("again", VALID, unit="1", kind="labels"),
    }
    return publish(house, add_job(house, project, sample), tmp_path, arrays)


def ask(who: Any, result: Result, what: str, name: str = "composition", **query: Any) -> Any:
    return who.get(f"/api/v1/results/{result.id}/outputs/{name}/{what}", params=query)


def refused(answer: Any) -> str:
    assert answer.status_code == 422, answer.text
    return str(answer.json()["errors"][0]["pointer"])


def test_a_voxel_tells_value_unit_uncertainty_validity_and_its_job(viewer: Any, result: Result):
    voxel = ask(viewer, result, "voxel", c=1, z=2, y=20, x=21).json()
    assert voxel["value"]["value"] == pytest.approx(float(VALUES[1, 2, 20, 21]))
    assert voxel["value"]["uncertainty"] == pytest.approx(float(SPREAD[1, 2, 20, 21]))
    assert (voxel["value"]["unit"], voxel["value"]["source"], voxel["validity"]) == ("at%", "measured", "valid")
    assert voxel["place"] == {"c": 1, "z": 2, "y": 20, "x": 21}
    assert voxel["position"]["x"]["value"] == pytest.approx(21 * 17.99)
    assert (voxel["job_id"], voxel["method"], voxel["method_version"]) == (result.job_id, "segment_threshold", "1")


def test_a_place_outside_validity_and_an_empty_place_say_so(viewer: Any, result: Result):
    assert ask(viewer, result, "voxel", c=1, z=0, y=0, x=0).json()["validity"] == "not_valid"
    empty = ask(viewer, result, "voxel", c=0, z=0, y=0, x=0).json()
    assert (empty["validity"], empty["value"]["value"], empty["value"]["source"]) == ("no_value", None, "unknown")


def test_without_such_maps_uncertainty_and_validity_are_not_recorded(viewer: Any, particle: Result):
    voxel = ask(viewer, particle, "voxel", "other", z=2, y=20, x=21).json()
    assert (voxel["value"]["uncertainty"], voxel["validity"]) == (None, "not_recorded")
    assert "no uncertainty" in voxel["value"]["note"]


def test_data_and_dose_behind_a_voxel_are_told_with_their_source(house: House, tmp_path: Path, people: Any):
    scene = Scene(house, tmp_path)
    data = scene.dataset(scene.lamella)
    beam = scene.exposure(scene.lamella, 6, dataset_id=data)
    result = scene.result(data)
    who = people.make(role="viewer", project=scene.project)
    voxel = who.get(f"/api/v1/results/{result}/outputs/volume/voxel", params={"z": 1, "y": 2, "x": 3}).json()
    assert [each["id"] for each in voxel["datasets"]] == [data]
    (exposure,) = voxel["exposures"]
    assert (exposure["id"], exposure["fluence"]["value"], exposure["fluence"]["unit"]) == (beam, 30.0, "e/A^2")
    assert exposure["fluence"]["source"] in {"user", "measured"}
    assert [each["id"] for each in voxel["samples"]] == [scene.lamella.id, scene.cell.id]
    assert voxel["samples"][0]["name"] == scene.lamella.name
    assert voxel["method_title"]


def test_a_dataset_is_looked_at_as_it_was_read(viewer: Any, house: House, project: Any, sample: Any, particle: Result):
    dataset = add_dataset(house, project, sample, arrays=particle.outputs, store_key=particle.store_key)
    address = f"/api/v1/datasets/{dataset.id}/arrays/other"
    voxel = viewer.get(f"{address}/voxel", params={"z": 2, "y": 20, "x": 21}).json()
    assert voxel["value"]["value"] == pytest.approx(float(VALUES[0, 2, 20, 21]))
    assert (voxel["job_id"], [each["id"] for each in voxel["datasets"]]) == (None, [dataset.id])
    assert any("dose is unknown" in words for words in voxel["unknowns"])
    assert viewer.get(f"{address}/statistics").json()["n"] == VALUES[0].size - 1


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"z": 1, "y": 1}, "/query/c"),
        ({"c": 0, "z": 1, "y": 1}, "/query/x"),
        ({"c": 0, "z": 5, "y": 1, "x": 1}, "/query/z"),
        ({"c": 0, "z": 1, "y": 1, "x": 1, "t": 0}, "/query/t"),
    ],
)
def test_a_place_names_every_axis_of_the_array_within_its_length(viewer: Any, result: Result, query, pointer):
    assert refused(ask(viewer, result, "voxel", **query)) == pointer


def test_what_has_no_voxels_is_refused(viewer: Any, result: Result):
    assert refused(ask(viewer, result, "voxel", "classes", z=0)) == "/path/name"
    assert refused(ask(viewer, result, "statistics", "classes")) == "/path/name"
    assert ask(viewer, result, "voxel", "nothing", z=0).status_code == 404


def close(found: Any, values: Any) -> None:
    there = values[np.isfinite(values)].astype(float)
    assert (found["n"], found["left_out"]) == (there.size, values.size - there.size)
    for name, value in {"mean": there.mean(), "sd": there.std(ddof=1), "median": np.median(there)}.items():
        assert found[name] == pytest.approx(value)
    assert (found["min"], found["max"]) == (there.min(), there.max())


def test_a_box_gives_the_statistics_of_the_stored_values(viewer: Any, result: Result):
    found = ask(viewer, result, "statistics", c=0, box="0,3,0,66,2,65").json()
    close(found, VALUES[0, 0:3, 0:66, 2:65])
    assert (found["unit"], found["level"], found["voxels_per_value"]) == ("at%", 0, 1)
    assert found["box"] == {"c": [0, 1], "z": [0, 3], "y": [0, 66], "x": [2, 65]}
    close(ask(viewer, result, "statistics", c=1).json(), VALUES[1])


def test_a_label_or_a_shell_chooses_voxels_and_a_box_narrows_them(viewer: Any, result: Result, particle: Result):
    by = f"{particle.id}/labels"
    found = ask(viewer, result, "statistics", c=1, label=2, by=by).json()
    close(found, VALUES[1][PARTICLE == 2])
    assert found["selected_by"] == by
    close(ask(viewer, result, "statistics", c=1, label=1).json(), VALUES[1][VALID == 1])
    close(
        ask(viewer, result, "statistics", c=1, label=1, by=by, box="1,3,0,70,0,66").json(),
        VALUES[1, 1:3][PARTICLE[1:3] == 1],
    )
    shell = (DEPTH >= 30) & (DEPTH < 45)
    close(ask(viewer, particle, "statistics", "other", shell="30,45").json(), VALUES[0][shell])
    found = ask(viewer, result, "statistics", c=0, shell="30,45", by=f"{particle.id}/depth").json()
    close(found, VALUES[0][shell])


def test_a_choice_of_nothing_has_no_mean(viewer: Any, particle: Result):
    found = ask(viewer, particle, "statistics", "other", label=9, by=f"{particle.id}/labels").json()
    assert (found["n"], found["mean"], found["sd"], found["median"]) == (0, None, None, None)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"box": "1,2,3"}, "/query/box"),
        ({"box": "0,9,0,70,0,66"}, "/query/box"),
        ({"box": "2,2,0,70,0,66"}, "/query/box"),
        ({"box": "a,1,0,70,0,66"}, "/query/box"),
        ({"shell": "5"}, "/query/shell"),
        ({"shell": "9,5"}, "/query/shell"),
        ({"shell": "nan,5"}, "/query/shell"),
        ({"shell": "0,inf"}, "/query/shell"),
        ({"shell": "0,5", "label": 1}, "/query/shell"),
        ({"label": 1}, "/query/by"),
        ({"by": "{id}/labels"}, "/query/by"),
        ({"label": 1, "by": "{id}/depth"}, "/query/by"),
        ({"label": 1, "by": "res_1/labels"}, "/query/by"),
        ({"c": 0}, "/query/c"),
    ],
)
def test_a_part_that_cannot_be_is_refused_by_its_field(viewer: Any, particle: Result, query, pointer):
    query = {name: str(value).replace("{id}", particle.id) for name, value in query.items()}
    assert refused(ask(viewer, particle, "statistics", "other", **query)) == pointer


def test_without_depths_a_shell_says_how_to_get_them(viewer: Any, result: Result):
    answer = ask(viewer, result, "statistics", c=0, shell="0,5")
    assert refused(answer) == "/query/shell"
    assert "particle_profiles" in answer.json()["detail"]


def test_a_series_is_boxed_along_its_tilts(viewer: Any, house: House, project: Any, tmp_path: Path):
    values = NOISE.integers(0, 900, (7, 20, 30)).astype("u2")
    series = LabelledArray(values, "tyx", {}, "counts", kind="tilt_series", name="series")
    result = publish(house, add_job(house, project, None), tmp_path, {"series": series})
    close(ask(viewer, result, "statistics", "series", box="2,5,0,20,0,30").json(), values[2:5])


def test_complex_numbers_have_no_statistics(viewer: Any, house: House, project: Any, tmp_path: Path):
    wave = LabelledArray(np.ones((4, 5), "c8"), "yx", {}, name="wave")
    result = publish(house, add_job(house, project, None), tmp_path, {"wave": wave})
    assert ask(viewer, result, "statistics", "wave").json()["type"].endswith("no-statistics")
    assert ask(viewer, result, "voxel", "wave", y=1, x=1).json()["value"]["source"] == "unknown"


def test_damage_is_an_error_and_never_a_number(viewer: Any, house: House, particle: Result):
    assert isinstance(house.store, LocalStore)
    (path,) = (house.store.path(particle.store_key or "") / "other.ome.zarr" / "0" / "c" / "0" / "0").glob("0")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    for what, query in (("voxel", {"z": 0, "y": 1, "x": 1}), ("statistics", {})):
        answer = ask(viewer, particle, what, "other", **query)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (500, "integrity-failure")


def test_nobody_chooses_by_an_array_of_another_project(people: Any, house: House, particle: Result, tmp_path: Path):
    from tests.conftest import add_project

    other = add_project(house, "OTHER")
    theirs = publish(house, add_job(house, other, None), tmp_path, {"other": volume("other", VALUES[0])})
    stranger = people.make(role="viewer", project=other)
    answer = ask(stranger, theirs, "statistics", "other", label=1, by=f"{particle.id}/labels")
    assert refused(answer) == "/query/by"
    assert ask(stranger, particle, "voxel", "other", z=0, y=0, x=0).status_code == 404


def test_a_dataset_is_not_found_among_results(viewer: Any, house: House, project: Any, particle: Result):
    dataset = add_dataset(house, project, arrays=particle.outputs, store_key=particle.store_key)
    for what in ("voxel", "statistics"):
        assert viewer.get(f"/api/v1/results/{dataset.id}/outputs/other/{what}").status_code == 404
        assert viewer.get(f"/api/v1/datasets/{particle.id}/arrays/other/{what}").status_code == 404


def test_of_a_part_too_large_to_read_at_once_a_coarser_level_is_read(
    viewer: Any, house: House, project: Any, tmp_path: Path
):
    values = np.zeros((520, 520, 520), "u1")
    values[:, :260] = 4
    huge = volume("huge", values, unit="1", kind="labels")
    result = publish(house, add_job(house, project, None), tmp_path, {"huge": huge})
    found = ask(viewer, result, "statistics", "huge").json()
    assert (found["level"], found["voxels_per_value"], found["n"], found["max"]) == (1, 8, 260**3, 4.0)
    part = ask(viewer, result, "statistics", "huge", box="0,9,250,261,0,520").json()
    assert (part["level"], part["n"], part["median"]) == (0, 9 * 11 * 520, 4.0)
