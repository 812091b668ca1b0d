"""The fixtures themselves keep what they promise."""

from app.lab.composition import Lab
from tests.conftest import add_project, add_sample


def test_a_member_sees_the_sample_and_a_stranger_does_not(people, project, sample):
    viewer, stranger = people.make(role="viewer", project=project), people.make()
    assert viewer.get(f"/api/v1/samples/{sample.id}").status_code == 200
    assert stranger.get(f"/api/v1/samples/{sample.id}").status_code == 404


def test_a_device_sees_labels_of_its_projects_only(device, sample, house):
    other = add_sample(house, add_project(house, "PRJ-2"), "LS-2026-9002")
    codes = [row["code"] for row in device.get("/api/v1/sample-codes").json()["items"]]
    assert codes == [sample.code]
    assert device.get(f"/api/v1/samples/{sample.id}").status_code == 404
    assert other.code not in codes


def test_any_house_has_its_tables(any_house):
    with any_house.database.writing() as session:
        assert Lab(any_house, session).audit.verify() is None


def test_redis_answers(redis_server):
    assert redis_server.url.startswith("redis://127.0.0.1")
