"""The fixtures themselves keep what they promise."""

from app.lab.composition import Lab


def test_a_member_sees_the_sample_and_a_stranger_does_not(people, project, sample):
    viewer, stranger = people.make(role="viewer", project=project), people.make()
    assert viewer.get(f"/api/v1/samples/{sample.id}").status_code == 200
    assert stranger.get(f"/api/v1/samples/{sample.id}").status_code == 404


def test_a_device_registers_with_a_key_for_repeats(device, project):
    new = {"project_id": project.id, "name": "cell 3", "material": "nmc"}
    assert device.client.post("/api/v1/samples", json=new).status_code == 400
    assert device.post("/api/v1/samples", json=new).status_code == 201


def test_any_house_has_its_tables(any_house):
    with any_house.database.writing() as session:
        assert Lab(any_house, session).audit.verify() is None


def test_redis_answers(redis_server):
    assert redis_server.url.startswith("redis://127.0.0.1")
