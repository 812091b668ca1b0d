"""Disk and quotas: counted, judged by thresholds, shown to whom they concern."""

import shutil

import pytest
from sqlalchemy import update

from app.infra.db.models import Dataset, Project, Upload
from app.infra.storage import blob_key, tree_key
from app.lab.space.sweeping import SpaceSweeper, measure, pause_after
from tests.conftest import add_project
from tests.objects import add_everything


def put(house, key, content):
    source = house.staging / "probe"
    source.write_bytes(content)
    house.store.put_file(key, source)


def space_of(person, project):
    items = person.get("/api/v1/project-spaces").json()["items"]
    return next(each for each in items if each["project_id"] == project.id)


@pytest.fixture
def full(house, project, sample, device):
    """Give the project a dataset of 9 bytes, an upload of 9 and a result of 1."""
    return add_everything(house, project, sample, device.instrument)


def test_every_file_is_counted_under_its_kind(house, manager, full):
    digest, of_dataset = "cd" * 32, "ef" * 32
    put(house, blob_key("ab" * 32), b"123456789")
    put(house, f"{tree_key(digest)}/volume/zarr.json", b"12345")
    put(house, f"{tree_key(digest)}/volume.display/zarr.json", b"123")
    put(house, f"{tree_key(of_dataset)}/frames/zarr.json", b"1234")
    with house.database.writing() as session:
        session.execute(update(Dataset).where(Dataset.id == full["dataset_id"]).values(store_key=tree_key(of_dataset)))
    (house.staging / "half").write_bytes(b"12")
    assert manager.get("/api/v1/space").json()["kinds"] == []
    measure(house)
    kinds = manager.get("/api/v1/space").json()["kinds"]
    assert {each["kind"]: (each["size_bytes"], each["files"]) for each in kinds} == {
        "raw": (9, 1),
        "readings": (4, 1),
        "results": (5, 1),
        "display": (3, 1),
        "temporary": (2, 1),
    }


def test_the_store_is_counted_once_a_minute_whoever_asks(house, manager):
    SpaceSweeper(house).sweep()
    put(house, blob_key("ab" * 32), b"123456789")
    SpaceSweeper(house).sweep()
    assert {each["size_bytes"] for each in manager.get("/api/v1/space").json()["kinds"]} == {0}


def test_a_store_that_takes_long_to_count_is_counted_seldom():
    for taken_s, pause_s in ((0.01, 60.0), (0.5, 500.0), (30.0, 3600.0)):
        assert pause_after(taken_s).total_seconds() == pause_s


def test_a_quota_counts_datasets_and_open_uploads_but_no_results(house, steward, project, full):
    shown = space_of(steward, project)
    assert (shown["raw_bytes"], shown["arriving_bytes"], shown["result_bytes"]) == (9, 9, 1)
    assert (shown["counted_bytes"], shown["level"]) == (18, "within")
    with house.database.writing() as session:
        session.execute(update(Upload).values(state="expired"))
        session.execute(update(Dataset).values(state="deleted"))
    assert space_of(steward, project)["counted_bytes"] == 0


@pytest.mark.parametrize(("quota", "level"), [(18, "exceeded"), (22, "near"), (23, "within"), (0, "exceeded")])
def test_a_project_is_warned_of_from_four_fifths_of_its_quota(house, steward, project, full, quota, level):
    with house.database.writing() as session:
        session.execute(update(Project).where(Project.id == project.id).values(quota_bytes=quota))
    assert space_of(steward, project)["level"] == level


def test_the_fullest_project_comes_first_and_foreign_ones_not_at_all(house, manager, steward, project, full):
    other = add_project(house, "OTHER")
    codes = [each["code"] for each in manager.get("/api/v1/project-spaces").json()["items"]]
    assert codes == [project.code, other.code]
    assert [each["code"] for each in steward.get("/api/v1/project-spaces").json()["items"]] == [project.code]


def test_the_disk_is_shown_to_managers_with_what_uploads_never_fill(house, manager, steward):
    shown = manager.get("/api/v1/space").json()
    disk = shutil.disk_usage(house.staging)
    assert shown["total_bytes"] == disk.total
    assert shown["reserve_bytes"] == int(disk.total * house.settings.free_disk_fraction)
    assert (shown["store"], shown["level"] in {"within", "near", "exceeded"}) == ("folder", True)
    assert steward.get("/api/v1/space").status_code == 403
