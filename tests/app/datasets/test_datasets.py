"""Datasets: bytes as received, served as promised, calibrated by people, deleted with a trace."""

import pytest

from app.infra.db.models import Blob, Dataset, Job, Tombstone
from app.infra.storage import blob_key, tree_key
from app.lab.composition import Lab
from app.lab.datasets.purging import purge
from app.lab.datasets.verification import verify_store
from lithoscope.units import Quantity
from tests.app.infra.trees import make_tree
from tests.app.uploads.uploading import problem, put, sha256, some_bytes
from tests.conftest import add_project

CONTENT = some_bytes(100_000)
DATASETS = "/api/v1/datasets"
PIXEL = Quantity(17.99, "nm", "header", note="ImageTags").to_json()


@pytest.fixture
def dataset(steward, project, sample):
    return put(steward, CONTENT, project.id, "series.dm3", sample_id=sample.id).json()


def end_jobs(house):
    with house.database.writing() as session:
        session.query(Job).update({"state": "succeeded"})


@pytest.fixture
def readable(house, dataset, tmp_path):
    digest, _files = make_tree(tmp_path / "tree")
    house.store.put_tree(tree_key(digest), tmp_path / "tree")
    end_jobs(house)
    with house.database.writing() as session:
        Lab(house, session).datasets.mark_readable(
            dataset["id"],
            arrays=[{"name": "map", "kind": "image"}],
            store_key=tree_key(digest),
            format="dm3",
            kind="tilt_series",
            calibration={"pixel_size_nm": PIXEL},
            quantities={"beam_current_nA": Quantity.unknown("nA", "header says 0").to_json()},
        )
    return dataset["id"]


def get(house, dataset_id):
    with house.database.reading() as session:
        return session.get_one(Dataset, dataset_id)


def flip(house, key):
    path = house.store.path(key)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


# the life of a dataset


def test_a_reading_makes_a_dataset_readable_with_unit_and_source(steward, readable):
    found = steward.get(f"{DATASETS}/{readable}").json()
    assert (found["state"], found["kind"], found["version"]) == ("readable", "tilt_series", 2)
    assert (found["calibration"]["pixel_size_nm"]["value"], found["calibration"]["pixel_size_nm"]["source"]) == (
        17.99,
        "header",
    )
    assert found["quantities"]["beam_current_nA"]["value"] is None


def test_saying_twice_what_was_read_changes_nothing(house, readable):
    with house.database.writing() as session:
        Lab(house, session).datasets.mark_readable(readable, arrays=[], store_key="other")
        Lab(house, session).datasets.mark_rejected(readable, {"type": "/problems/late"})
    assert (get(house, readable).version, get(house, readable).problem) == (2, None)


def test_a_rejected_file_keeps_its_bytes_and_says_why(house, steward, dataset):
    reason = {"type": "/problems/truncated-file", "title": "Truncated", "detail": "It ends early."}
    for _ in range(2):
        with house.database.writing() as session:
            Lab(house, session).datasets.mark_rejected(dataset["id"], reason)
    found = steward.get(f"{DATASETS}/{dataset['id']}").json()
    remedy = found["problem"].pop("remedy")
    assert (found["state"], found["problem"], found["version"]) == ("rejected", reason, 2)
    assert "copy it from the instrument again" in remedy
    assert steward.get(f"{DATASETS}/{dataset['id']}/content").content == CONTENT


def test_lists_are_narrowed_and_show_only_what_one_may_read(people, house, steward, project, sample, dataset):
    other = add_project(house, "PRJ-2")
    put(people.admin, CONTENT, other.id, "else_where%.dm3")
    ids = lambda reader, **query: [row["id"] for row in reader.get(DATASETS, params=query).json()["items"]]  # noqa: E731
    assert ids(steward) == [dataset["id"]]
    assert len(ids(people.admin)) == 2
    assert ids(steward, sample_id=sample.id, state="verified", q="SERIES") == [dataset["id"]]
    assert ids(steward, q="%") == []
    assert len(ids(people.admin, q="%")) == 1
    assert ids(steward, state="readable") == []
    assert problem(steward.get(DATASETS, params={"project_id": other.id})) == (404, "not-found")


def test_lists_are_narrowed_by_the_instrument_s_technique_and_by_tag(steward, device, project, dataset):
    ids = lambda **query: [row["id"] for row in steward.get(DATASETS, params=query).json()["items"]]  # noqa: E731
    sent = put(device, b"by the device", project.id, "device.bin").json()
    technique = steward.get("/api/v1/instruments").json()["items"][0]["technique"]
    assert ids(technique=technique) == [sent["id"]]
    assert ids(technique="atom_probe") == []
    assert steward.post(f"/api/v1/annotations/{dataset['id']}/tags", json={"tag": "Seen twice"}).is_success
    assert ids(tag="seen twice") == [dataset["id"]]


def test_a_foreign_dataset_is_not_found_on_any_way(people, readable, device):
    stranger = people.make()
    paths = ("", "/content", "/arrays/map/zarr/zarr.json", "/arrays/map/slices/z.png")
    for path in paths:
        assert problem(stranger.get(f"{DATASETS}/{readable}{path}")) == (404, "not-found")
        assert problem(device.get(f"{DATASETS}/{readable}{path}")) == (404, "not-found")


# calibration


def calibrate(person, dataset_id, version=2, **value):
    body = {"calibration": {"pixel_size_nm": {"value": 18.1, "unit": "nm"} | value}, "reason": "grating replica"}
    return person.patch(f"{DATASETS}/{dataset_id}", json=body, headers={"If-Match": f'"{version}"'})


def test_a_person_may_know_a_calibration_better_and_the_old_value_stays(house, steward, readable):
    answer = calibrate(steward, readable, uncertainty=0.1)
    assert answer.headers["ETag"] == '"3"'
    found = answer.json()
    assert found["calibration"]["pixel_size_nm"] == {
        "value": 18.1, "unit": "nm", "source": "user", "uncertainty": 0.1, "interval": None, "note": "grating replica"
    }  # fmt: skip
    [entry] = found["calibration_history"]
    assert (entry["previous"]["value"], entry["reason"], entry["changed_by"]) == (17.99, "grating replica", steward.id)


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"unit": "um"}, 422), ({"unit": "parsec"}, 422), ({"value": True}, 422), ({"uncertainty": -1}, 422)],
)
def test_a_calibration_keeps_its_unit(steward, readable, value, expected):
    assert calibrate(steward, readable, **value).status_code == expected


def test_a_stale_calibration_is_refused(steward, readable, people, project):
    assert problem(calibrate(steward, readable, version=1)) == (412, "stale-version")
    assert problem(calibrate(people.make(role="viewer", project=project), readable)) == (403, "forbidden")
    assert steward.patch(f"{DATASETS}/{readable}", json={}).status_code in {422, 428}


def test_an_instruments_pc_calibrates_nothing(device, readable):
    assert problem(calibrate(device, readable)) == (404, "not-found")


def test_only_what_was_read_is_calibrated(steward, dataset):
    assert problem(calibrate(steward, dataset["id"], version=1)) == (409, "dataset-not-readable")


# bytes


def test_bytes_come_back_under_a_safe_name_and_never_as_a_page(steward, dataset):
    answer = steward.get(f"{DATASETS}/{dataset['id']}/content")
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["ETag"] == f'"{sha256(CONTENT)}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    name = answer.headers["Content-Disposition"]
    assert name.startswith('attachment; filename="LS-2026-9001_no-instrument_data_')
    assert name.endswith(f"{dataset['id'][-8:]}.dm3\"; filename*=UTF-8''series.dm3")


@pytest.mark.parametrize(
    ("given", "status", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=99990-", 206, (99_990, 100_000)),
        ("bytes=-7", 206, (99_993, 100_000)),
        ("bytes=5-999999999", 206, (5, 100_000)),
        ("bytes=0-1,5-6", 200, (0, 100_000)),
        ("bytes=9-3", 200, (0, 100_000)),
        ("lines=1-2", 200, (0, 100_000)),
    ],
)
def test_one_range_is_served(steward, dataset, given, status, span):
    answer = steward.get(f"{DATASETS}/{dataset['id']}/content", headers={"Range": given})
    assert (answer.status_code, answer.content) == (status, CONTENT[slice(*span)])
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {span[0]}-{span[1] - 1}/100000"


@pytest.mark.parametrize("given", ["bytes=100000-", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(steward, dataset, given):
    answer = steward.get(f"{DATASETS}/{dataset['id']}/content", headers={"Range": given})
    assert (problem(answer), answer.headers["Content-Range"]) == ((416, "range-not-satisfiable"), "bytes */100000")


def test_a_file_above_the_check_limit_is_streamed_in_ranges(steward, project):
    content = bytes(65 * 2**20)
    location = f"{DATASETS}/{_sent_by_tus(steward, content, project.id)}/content"
    assert steward.get(location, headers={"Range": "bytes=68157430-"}).content == b"\0" * 10
    whole = steward.get(location)
    assert (len(whole.content), whole.headers["Content-Length"]) == (len(content), str(len(content)))


def _sent_by_tus(sender, content, project_id):
    from tests.app.uploads.uploading import begun, patch

    location = begun(sender, len(content), project_id)
    assert patch(sender, location, 0, content).status_code == 204
    return sender.get(location).json()["dataset_id"]


def test_what_the_client_holds_is_not_sent_again(steward, dataset):
    answer = steward.get(f"{DATASETS}/{dataset['id']}/content", headers={"If-None-Match": f'"{sha256(CONTENT)}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_damaged_bytes_are_never_sent(house, steward, dataset):
    flip(house, blob_key(dataset["sha256"]))
    assert problem(steward.get(f"{DATASETS}/{dataset['id']}/content")) == (500, "integrity-failure")


def test_sending_a_file_again_mends_the_damaged_copy(house, steward, project, sample, dataset):
    flip(house, blob_key(dataset["sha256"]))
    assert [damage.problem for damage in verify_store(house).damages] == ["changed"]
    assert put(steward, CONTENT, project.id, "series.dm3", sample_id=sample.id).status_code == 200
    assert steward.get(f"{DATASETS}/{dataset['id']}/content").content == CONTENT
    with house.database.reading() as session:
        assert session.get_one(Blob, dataset["sha256"]).damaged_at is None


def test_behind_nginx_the_store_is_sent_by_nginx(house, steward, dataset):
    changed = house.settings.model_copy(update={"accel_redirect_prefix": "/store"})
    steward.client.app.state.house = type(house)(changed)
    answer = steward.get(f"{DATASETS}/{dataset['id']}/content")
    assert answer.headers["X-Accel-Redirect"] == f"/store/{blob_key(dataset['sha256'])}"
    assert answer.content == b""


# arrays


def test_chunks_are_served_once_and_for_all(steward, readable):
    answer = steward.get(f"{DATASETS}/{readable}/arrays/map/zarr/c/0/0")
    assert (answer.status_code, answer.content) == (200, bytes(range(256)) * 4)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["ETag"] == f'"{sha256(answer.content)}"'
    part = steward.get(f"{DATASETS}/{readable}/arrays/map/zarr/c/0/0", headers={"Range": "bytes=-4"})
    assert (part.status_code, part.content) == (206, b"\xfc\xfd\xfe\xff")


def test_the_picture_of_the_middle_is_served(steward, readable):
    answer = steward.get(f"{DATASETS}/{readable}/arrays/map/slices/z.png")
    assert (answer.headers["Content-Type"], answer.content) == ("image/png", b"\x89PNG picture")
    assert problem(steward.get(f"{DATASETS}/{readable}/arrays/map/slices/y.png")) == (404, "not-found")


@pytest.mark.parametrize(
    "path", ["c/9/9", "../../manifest.json", "..%2f..%2fmanifest.json", "c/0", "", "%2e%2e/table.csv"]
)
def test_only_files_of_the_array_are_served(steward, readable, path):
    assert steward.get(f"{DATASETS}/{readable}/arrays/map/zarr/{path}").status_code == 404


def test_damaged_chunks_are_never_sent(house, steward, readable):
    flip(house, f"{get(house, readable).store_key}/map.ome.zarr/c/0/0")
    assert problem(steward.get(f"{DATASETS}/{readable}/arrays/map/zarr/c/0/0")) == (500, "integrity-failure")


def test_ranges_of_a_damaged_chunk_are_never_sent_though_it_was_sound_before(house, steward, readable):
    url, part = f"{DATASETS}/{readable}/arrays/map/zarr/c/0/0", {"Range": "bytes=10-19"}
    assert [steward.get(url, headers=part).content for _ in range(2)] == [bytes(range(10, 20))] * 2
    flip(house, f"{get(house, readable).store_key}/map.ome.zarr/c/0/0")
    assert problem(steward.get(url, headers=part)) == (500, "integrity-failure")


# deletion


def delete(person, dataset_id, version=1, reason="sample mixed up"):
    return person.delete(f"{DATASETS}/{dataset_id}", params={"reason": reason}, headers={"If-Match": f'"{version}"'})


def test_a_deleted_dataset_leaves_a_tombstone_and_no_bytes(house, steward, readable):
    answer = delete(steward, readable, version=2)
    assert (answer.status_code, answer.json()["deleted_by"]) == (200, steward.id)
    assert problem(steward.get(f"{DATASETS}/{readable}")) == (404, "not-found")
    assert purge(house) == 2
    assert list(house.store.keys()) == []
    with house.database.reading() as session:
        [stone] = session.query(Tombstone).all()
    assert (stone.reason, stone.record["filename"]) == ("sample mixed up", "series.dm3")
    assert purge(house) == 0


def test_bytes_another_dataset_shares_stay(people, house, steward, dataset):
    other = add_project(house, "PRJ-2")
    twin = put(people.admin, CONTENT, other.id).json()
    end_jobs(house)
    assert delete(steward, dataset["id"]).status_code == 200
    purge(house)
    assert people.admin.get(f"{DATASETS}/{twin['id']}/content").content == CONTENT


def test_deleted_bytes_may_come_again(house, steward, project, dataset):
    end_jobs(house)
    delete(steward, dataset["id"])
    purge(house)
    again = put(steward, CONTENT, project.id)
    assert again.status_code == 201
    assert steward.get(f"{DATASETS}/{again.json()['id']}/content").content == CONTENT
    assert purge(house) == 0


def test_bytes_that_come_again_before_they_went_stay(house, steward, project, dataset):
    end_jobs(house)
    delete(steward, dataset["id"])
    again = put(steward, CONTENT, project.id).json()
    assert purge(house) == 0
    assert steward.get(f"{DATASETS}/{again['id']}/content").content == CONTENT


def test_what_a_job_is_using_is_not_deleted(steward, dataset):
    answer = delete(steward, dataset["id"])
    assert problem(answer) == (409, "has-dependents")
    assert answer.json()["dependents"][0].startswith("job_")


def test_only_stewards_delete(people, project, readable):
    assert problem(delete(people.make(role="analyst", project=project), readable, 2)) == (403, "forbidden")


# the whole store


def test_verification_names_exactly_what_is_damaged(house, steward, project, readable):
    sent = [put(steward, some_bytes(1000, seed), project.id, f"{seed}.dm3").json() for seed in range(1, 6)]
    tree = get(house, readable).store_key
    flip(house, blob_key(sent[1]["sha256"]))
    house.store.delete(blob_key(sent[3]["sha256"]))
    flip(house, f"{tree}/table.csv")
    found = {(damage.key, damage.path, damage.problem) for damage in verify_store(house).damages}
    assert found == {
        (blob_key(sent[1]["sha256"]), "", "changed"),
        (blob_key(sent[3]["sha256"]), "", "missing"),
        (tree, "table.csv", "changed"),
    }
