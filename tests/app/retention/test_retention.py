"""Retention: what is deleted when, in whose name, and what stands in its place."""

from datetime import timedelta

import pytest

from app.infra.clock import now
from app.infra.db.models import Dataset, Job, JobEvent, RetentionRule, Upload
from app.lab.datasets.purging import purge
from app.lab.retention.sweeping import RuleSweeper, apply_rules
from tests.app.uploads.uploading import TUS, begun, problem, put, some_bytes
from tests.conftest import add_project

CONTENT = some_bytes(5000)
RULES, PLAN, TOMBSTONES = "/api/v1/retention-rules", "/api/v1/retention-plan", "/api/v1/tombstones"


def rule(person, kind="dataset", days=30, project=None):
    return person.post(RULES, json={"kind": kind, "keep_days": days, "project_id": project.id if project else None})


def age(house, table, days):
    with house.database.writing() as session:
        session.query(table).update({"created_at": now() - timedelta(days=days)})


def end_jobs(house):
    with house.database.writing() as session:
        session.query(Job).update({"state": "succeeded"})


def plan(person, project):
    return person.get(PLAN, params={"project_id": project.id}).json()["items"]


def test_a_dataset_is_deleted_when_its_time_is_over_in_the_name_of_the_rules_author(house, steward, project):
    dataset = put(steward, CONTENT, project.id).json()
    set_ = rule(steward, project=project).json()
    end_jobs(house)
    assert (plan(steward, project), apply_rules(house)) == ([], 0)
    age(house, Dataset, 31)
    [due] = plan(steward, project)
    assert (due["object_id"], due["held_by"], due["rule_id"]) == (dataset["id"], [], set_["id"])
    RuleSweeper(house).sweep()
    purge(house)
    assert steward.get(f"/api/v1/datasets/{dataset['id']}").status_code == 404
    assert list(house.store.keys()) == []
    [stone] = steward.get(TOMBSTONES, params={"project_id": project.id}).json()["items"]
    assert (stone["object_id"], stone["deleted_by"]) == (dataset["id"], steward.id)
    assert stone["reason"] == f"retention rule {set_['id']}: kept 30 days"


def test_what_is_in_use_is_held_and_said_to_be(house, steward, project):
    put(steward, CONTENT, project.id)
    rule(steward, project=project)
    age(house, Dataset, 31)
    [due] = plan(steward, project)
    assert due["held_by"][0].startswith("job_")
    assert apply_rules(house) == 0


def test_a_projects_own_rule_takes_the_place_of_the_facilitys(people, house, steward, project):
    other = add_project(house, "PRJ-2")
    put(people.admin, CONTENT, project.id)
    put(people.admin, CONTENT, other.id)
    end_jobs(house)
    age(house, Dataset, 20)
    rule(people.admin, days=10)
    rule(steward, days=100, project=project)
    assert (len(plan(steward, project)), len(plan(people.admin, other))) == (0, 1)
    assert apply_rules(house) == 1


def test_a_removed_rule_deletes_nothing(house, steward, project):
    put(steward, CONTENT, project.id)
    end_jobs(house)
    age(house, Dataset, 31)
    made = rule(steward, project=project)
    path = f"{RULES}/{made.json()['id']}"
    assert problem(steward.delete(path)) == (428, "precondition-required")
    assert steward.delete(path, headers={"If-Match": made.headers["ETag"]}).status_code == 204
    assert apply_rules(house) == 0


def test_records_of_uploads_that_came_to_nothing_go(house, steward, project):
    location = begun(steward, 10, project.id)
    steward.delete(location, headers=TUS)
    begun(steward, 10, project.id)
    rule(steward, "upload", 7, project)
    age(house, Upload, 8)
    assert apply_rules(house) == 1
    assert steward.get(location).status_code == 404


def test_event_logs_of_ended_jobs_go_and_the_jobs_stay(house, steward, project):
    put(steward, CONTENT, project.id)
    end_jobs(house)
    rule(steward, "job", 7, project)
    age(house, Job, 8)
    assert apply_rules(house) == 1
    with house.database.reading() as session:
        assert (session.query(Job).count(), session.query(JobEvent).count()) == (1, 0)
    assert apply_rules(house) == 0


def test_only_stewards_and_managers_set_rules(people, steward, project):
    assert problem(rule(people.make(role="analyst", project=project), project=project)) == (403, "forbidden")
    assert problem(rule(people.make(), project=project)) == (404, "not-found")
    assert problem(rule(steward)) == (403, "forbidden")
    assert rule(people.admin).status_code == 201


def test_one_rule_for_a_kind_in_a_project(steward, project, house):
    assert rule(steward, project=project).status_code == 201
    assert problem(rule(steward, project=project)) == (409, "rule-exists")
    with house.database.reading() as session:
        assert session.query(RetentionRule).count() == 1


@pytest.mark.parametrize("change", [{"keep_days": 0}, {"keep_days": "7"}, {"kind": "sample"}, {"colour": 1}])
def test_a_malformed_rule_is_refused(steward, project, change):
    body = {"kind": "dataset", "keep_days": 7, "project_id": project.id} | change
    assert steward.post(RULES, json=body).status_code == 422


def test_foreign_rules_and_tombstones_are_not_seen(people, house, steward, project):
    made = rule(steward, project=project).json()
    stranger = people.make()
    assert stranger.get(RULES).json()["items"] == []
    assert problem(stranger.get(PLAN, params={"project_id": project.id})) == (404, "not-found")
    assert problem(stranger.get(TOMBSTONES, params={"project_id": project.id})) == (404, "not-found")
    assert problem(stranger.delete(f"{RULES}/{made['id']}", headers={"If-Match": '"1"'})) == (404, "not-found")
    assert [row["id"] for row in steward.get(RULES).json()["items"]] == [made["id"]]
