"""Series that take what a rule says is run: set up once, whoever begins them."""

import pytest

from app.infra.db.models import Project
from app.lab.rules.sweeping import sweep as act_by_rules
from tests.app.rules.acting import RULES, firings, made
from tests.app.series.growing import ACTION, SERIES, add, begun, close, refreshes, seen, stacked, tilt
from tests.conftest import add_device, add_project
from tests.objects import series_of

RUNS = {"method": "tomogram_sirt", "params": {"iterations": 7}}


@pytest.fixture
def rule(analyst, project: Project):
    return made(analyst, project, action=RUNS)


def test_a_devices_series_runs_what_the_rule_says_with_the_rights_of_its_maker(
    client, house, project, sample, analyst, rule, tmp_path
):
    device = add_device(house, client, [project])
    series = begun(device, sample, rule_id=rule["id"])
    assert (series["action"]["method"], series["action"]["parameters"]) == ("tomogram_sirt", {"iterations": 7})
    assert (series["acts_for"], series["rule_id"], series["rule_version"]) == (analyst.id, rule["id"], 1)
    add(device, series, tilt(house, project, sample, instrument_id=device.instrument.id), 1)
    seen(house, analyst, series)
    stacked(house, tmp_path)
    [job] = refreshes(house)
    assert (job.created_by, job.params["iterations"]) == (analyst.id, 7)
    close(device, series, 1)
    assert seen(house, analyst, series)["state"] == "sealed"
    assert act_by_rules(house) == 0
    assert firings(analyst, rule["id"]) == [("skipped", "the series it was sealed from runs what this rule says")]


def test_a_rule_that_changes_or_is_switched_off_changes_nothing_of_a_series_that_grows(analyst, sample, rule):
    series = begun(analyst, sample, rule_id=rule["id"])
    answer = analyst.post(f"{RULES}/{rule['id']}/switch", json={"is_enabled": False}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert analyst.get(f"{SERIES}/{series['id']}").json()["action"] == series["action"]
    refused = analyst.post(SERIES, json=series_of(sample.project_id, sample.id, rule_id=rule["id"]))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/body/rule_id")


def test_a_rule_of_another_project_is_refused_as_one_that_is_not_there(house, client, analyst, people, project, sample):
    foreign = add_project(house, "OTHER")
    other = made(people.make(role="analyst", project=foreign), foreign, action=RUNS)
    device = add_device(house, client, [project, foreign])
    for asker in (analyst, device):
        answers = [
            asker.post(SERIES, json=series_of(sample.project_id, sample.id, rule_id=rule_id))
            for rule_id in (other["id"], f"apr_{'0' * 32}")
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        said, nothing = ({**answer.json(), "request_id": ""} for answer in answers)
        assert said == nothing


def test_a_person_who_chooses_what_is_run_takes_the_series_from_the_rule(contributor, analyst, sample, rule):
    series = begun(contributor, sample, rule_id=rule["id"])
    changed = analyst.client.put(f"{SERIES}/{series['id']}/action", json=ACTION).json()
    assert (series["acts_for"], changed["acts_for"]) == (analyst.id, analyst.id)
    assert (changed["rule_id"], changed["rule_version"], changed["action"]) == (None, None, series["action"])
