"""What a person should know at a glance, by who asks."""

from tests.app.jobs.standing import add_job
from tests.conftest import add_device
from tests.objects import add_everything


def test_what_was_tried_again_is_no_failure_any_more(house, people, project):
    person = people.make(role="analyst", project=project)
    failed = add_job(house, project, person, "failed", problem={"detail": "no signal"})
    add_job(house, project, person, "queued", retry_of=failed.id)
    found = person.get("/api/v1/overview").json()
    assert found["counts"] == {"running": 0, "waiting": 1, "failed": 0}
    assert found["failed"] == []


def test_a_manager_sees_queues_and_the_disk(house, people, project):
    add_job(house, project, people.make(role="analyst", project=project), "queued")
    found = people.make(facility_role="manager").get("/api/v1/overview").json()
    assert found["kind"] == "manager"
    assert found["queues"][0]["waiting"] == 1
    assert found["total_bytes"] > found["free_bytes"] > 0


def test_people_who_wait_are_told_why_a_queue_is_paused(house, people, project):
    person = people.make(role="analyst", project=project)
    job = add_job(house, project, person, "queued")
    paused = people.admin.put(f"/api/v1/queues/{job.queue}/pause", json={"reason": "disks are changed"})
    assert paused.is_success, paused.text
    (load,) = person.get("/api/v1/overview").json()["queues"]
    assert (load["waiting"], load["paused_for"]) == (1, "disks are changed")
    assert "disks are changed" in person.get(f"/jobs/{job.id}", headers={"Accept": "text/html"}).text


def test_a_project_s_space_is_counted_as_its_quota_is(house, people, project, sample, client):
    add_everything(house, project, sample, add_device(house, client, [project]).instrument)
    member = people.make(role="viewer", project=project)
    (at_a_glance,) = member.get("/api/v1/overview").json()["projects"]
    (in_full,) = member.get("/api/v1/project-spaces").json()["items"]
    assert at_a_glance == in_full


def test_a_stranger_to_a_project_hears_nothing_of_it(people, project):
    found = people.make().get("/api/v1/overview").json()
    assert found["projects"] == []
    assert found["free_bytes"] is None


def test_what_is_on_its_way_from_an_instrument_is_told_of_ones_own_projects_alone(
    house, people, project, sample, client
):
    instrument = add_device(house, client, [project]).instrument
    add_everything(house, project, sample, instrument)
    member, stranger = people.make(role="viewer", project=project), people.make()
    told = {}
    for who, asker in (("member", member), ("manager", people.make(facility_role="manager")), ("stranger", stranger)):
        posts = asker.get("/api/v1/overview").json()["instruments"]
        told[who] = [post["transfers"] for post in posts if post["instrument_id"] == instrument.id]
    assert told == {"member": [1], "manager": [1], "stranger": [0]}
