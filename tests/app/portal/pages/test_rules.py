"""Rules in the portal: chosen, tried, made, switched on; the job says which rule started it."""

import re

from app.infra.db.models import Project, Sample
from app.infra.house import House
from tests.app.rules.acting import RULES, arrived, jobs, made
from tests.conftest import People, Person

FORM = "/rules/new?method=tomogram_sirt"


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def answers(project: Project, page: str, **more: str) -> dict[str, str]:
    return {
        "csrf_token": token(page),
        "name": "Every series",
        "project_id": project.id,
        "trigger.kinds.tilt_series": "true",
        "trigger.ranges.0.quantity": "tilts",
        "trigger.ranges.0.at_least": "20",
        "params.iterations": "7",
        "limits.per_hour": "5",
        **more,
    }


def test_a_rule_is_tried_made_and_switched_on(house: House, analyst: Person, project: Project):
    dataset = arrived(house, project)
    assert "tomogram_sirt" in analyst.get("/rules/new").text
    page = analyst.get(FORM).text
    tried = analyst.post(FORM, data=answers(project, page, **{"try": "1"}))
    assert tried.status_code == 200
    assert "1 started" in tried.text
    assert dataset.filename in tried.text
    assert analyst.get(RULES).json()["items"] == []
    done = analyst.post(FORM, data=answers(project, page))
    assert done.status_code == 303, done.text
    address = done.headers["Location"].partition("?")[0]
    [ours] = analyst.get(RULES).json()["items"]
    assert (ours["state"], ours["limits"]["per_hour"], ours["action"]["params"]["iterations"]) == ("off", 5, 7)
    assert ours["trigger"]["ranges"] == [{"quantity": "tilts", "at_least": 20.0, "at_most": None}]
    shown = analyst.get(f"{address}?over=50").text
    assert "Switch on" in shown
    assert "1 started" in shown
    on = {"csrf_token": token(shown), "version": "1", "is_enabled": "true"}
    assert analyst.post(f"{address}/switch", data=on).status_code == 303
    arrived(house, project)
    [job] = jobs(house)
    assert "Every series" in analyst.get(f"/jobs/{job.id}").text
    assert f"/jobs/{job.id}" in analyst.get(address).text
    assert "Every series" in analyst.get("/rules").text


def test_a_wrong_answer_stands_at_its_field_and_nothing_is_made(analyst: Person, project: Project):
    page = analyst.get(FORM).text
    wrong = analyst.post(FORM, data=answers(project, page, **{"params.iterations": "0"}))
    assert wrong.status_code == 422
    assert 'id="params.iterations-wrong"' in wrong.text
    assert analyst.get(RULES).json()["items"] == []


def test_the_next_version_begins_with_what_the_rule_says(analyst: Person, project: Project):
    ours = made(analyst, project, trigger={"tags": ["cathode"], "ranges": [{"quantity": "tilts", "at_most": 40}]})
    page = analyst.get(f"/rules/{ours['id']}/edit").text
    assert 'value="cathode"' in page
    given = answers(project, page, version="1", reason="narrower", **{"trigger.name_pattern": "*.mrc"})
    assert analyst.post(f"/rules/{ours['id']}/edit", data=given).status_code == 303
    now = analyst.get(f"{RULES}/{ours['id']}").json()
    assert (now["version"], now["trigger"]["name_pattern"], now["reason"]) == (2, "*.mrc", "narrower")


def test_a_viewer_reads_rules_and_is_offered_no_change(people: People, analyst: Person, project: Project):
    ours = made(analyst, project)
    viewer = people.make(role="viewer", project=project)
    page = viewer.get(f"/rules/{ours['id']}").text
    assert "Every series" in page
    assert "Switch off" not in page
    assert "Make a rule" not in viewer.get("/rules").text


def test_without_rules_the_page_says_so(analyst: Person):
    assert "nothing starts by itself" in analyst.get("/rules").text


def test_a_series_is_begun_with_a_rule_of_its_project_that_is_on(analyst: Person, project: Project, sample: Sample):
    page = f"/samples/{sample.id}/series/new"
    assert "No rule of this project is switched on" in analyst.get(page).text
    made(analyst, project, name="Asleep", is_enabled=False)
    ours = made(analyst, project)
    text = analyst.get(page).text
    assert "Asleep" not in text
    given = {"csrf_token": token(text), "name": "Tilts", "kind": "tilt_series", "rule_id": ours["id"]}
    done = analyst.post(page, data=given)
    assert done.status_code == 303, done.text
    [series] = analyst.get("/api/v1/series").json()["items"]
    assert (series["rule_id"], series["action"]["method"]) == (ours["id"], "tomogram_sirt")
