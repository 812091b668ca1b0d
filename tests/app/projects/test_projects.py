"""Projects: opened by managers, their members kept by stewards."""

import pytest


def test_a_manager_opens_a_project_and_a_member_does_not(people):
    new = {"code": "SEI-2026", "title": "Interphases"}
    assert people.make().post("/api/v1/projects", json=new).status_code == 403
    manager = people.make(facility_role="manager")
    made = manager.post("/api/v1/projects", json=new)
    assert (made.status_code, made.json()["code"]) == (201, "SEI-2026")
    assert manager.get(made.headers["location"]).headers["etag"] == made.headers["etag"]
    assert manager.post("/api/v1/projects", json=new).json()["type"] == "/problems/project-code-taken"


def test_a_steward_gives_roles_and_takes_them(people, project, sample):
    steward, newcomer = people.make(role="steward", project=project), people.make()
    url = f"/api/v1/projects/{project.id}/members"
    assert newcomer.get(f"/api/v1/samples/{sample.id}").status_code == 404
    given = steward.put(f"{url}/{newcomer.user.login}", json={"role": "viewer"})
    assert (given.status_code, given.json()["user_id"]) == (200, newcomer.id)
    assert newcomer.get(f"/api/v1/samples/{sample.id}").status_code == 200
    assert [row["role"] for row in newcomer.get(url).json()["items"]] == ["steward", "viewer"]
    assert steward.delete(f"{url}/{newcomer.id}").status_code == 204
    assert newcomer.get(f"/api/v1/samples/{sample.id}").status_code == 404
    assert steward.delete(f"{url}/{newcomer.id}").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "contributor", "analyst"])
def test_nobody_else_gives_roles(people, project, role):
    person = people.make(role=role, project=project)
    answer = person.put(f"/api/v1/projects/{project.id}/members/{person.id}", json={"role": "steward"})
    assert answer.status_code == 403


def test_a_steward_changes_the_title_and_a_manager_the_quota(people, project):
    steward, url = people.make(role="steward", project=project), f"/api/v1/projects/{project.id}"
    tag = steward.get(url).headers["etag"]
    assert steward.patch(url, json={"quota_bytes": 5}, headers={"If-Match": tag}).status_code == 403
    changed = steward.patch(url, json={"title": "New"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["title"]) == (200, "New")
    quota = people.make(facility_role="manager").patch(
        url, json={"quota_bytes": 5}, headers={"If-Match": changed.headers["etag"]}
    )
    assert quota.json()["quota_bytes"] == 5


def test_a_person_sees_their_projects_only(people, project, house):
    assert people.make().get("/api/v1/projects").json()["items"] == []
    member = people.make(role="viewer", project=project)
    assert [row["id"] for row in member.get("/api/v1/projects").json()["items"]] == [project.id]
