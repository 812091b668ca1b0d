"""Rules of automatic processing over HTTP: made, changed by versions, switched, tried out before they act."""

from typing import Any

import pytest

from app.infra.db.models import Project
from app.infra.house import House
from app.infra.ids import new_id
from tests.app.rules.acting import RULES, TRIES, arrived, jobs, made, rule
from tests.conftest import People, Person


def test_a_change_is_a_version_and_the_earlier_ones_stay(analyst: Person, people: People, project: Project):
    ours = made(analyst, project, is_enabled=False)
    other = people.make(role="analyst", project=project)
    change = {"name": "Other", "action": {"method": "tomogram_sirt"}, "is_enabled": True, "reason": "too slow"}
    answer = other.post(f"{RULES}/{ours['id']}/versions", json=change, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"2"')
    versions = analyst.get(f"{RULES}/{ours['id']}/versions").json()["items"]
    assert [(each["number"], each["name"], each["made_by"]) for each in versions] == [
        (2, "Other", other.id),
        (1, "Every series", analyst.id),
    ]
    stale = analyst.post(f"{RULES}/{ours['id']}/versions", json=change, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert analyst.post(f"{RULES}/{ours['id']}/versions", json=change).status_code == 428


def test_a_switch_is_a_version_that_says_the_same(analyst: Person, project: Project):
    ours = made(analyst, project, is_enabled=False)
    assert ours["state"] == "off"
    on = analyst.post(f"{RULES}/{ours['id']}/switch", json={"is_enabled": True}, headers={"If-Match": '"1"'}).json()
    assert (on["state"], on["version"], on["action"]) == ("on", 2, ours["action"])
    body = {"is_enabled": False, "reason": "the disk is full"}
    off = analyst.post(f"{RULES}/{ours['id']}/switch", json=body, headers={"If-Match": '"2"'}).json()
    assert (off["state"], off["reason"]) == ("off", "the disk is full")


def test_a_viewer_sees_rules_and_makes_none(analyst: Person, people: People, project: Project):
    ours = made(analyst, project)
    viewer = people.make(role="viewer", project=project)
    assert [each["id"] for each in viewer.get(RULES).json()["items"]] == [ours["id"]]
    assert viewer.post(RULES, json=rule(project)).status_code == 403
    assert viewer.post(TRIES, json={"rule": rule(project)}).status_code == 403
    switch = viewer.post(f"{RULES}/{ours['id']}/switch", json={"is_enabled": False}, headers={"If-Match": '"1"'})
    assert switch.status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"action": {"method": "alchemy"}}, "/body/action/method"),
        ({"action": {"recipe": "alchemy"}}, "/body/action/recipe"),
        ({"action": {}}, "/body/action"),
        ({"action": {"method": "tomogram_sirt", "params": {"iterations": 0}}}, "/body/action/params/iterations"),
        ({"action": {"method": "tomogram_sirt", "params": {"rounds": 1}}}, "/body/action/params/rounds"),
        ({"action": {"method": "tomogram_sirt", "inputs": {"film": f"ds_{'0' * 32}"}}}, "/body/action/inputs"),
        ({"action": {"recipe": "tilt_series_to_particle", "preset": "none"}}, "/body/action/preset"),
        (
            {"action": {"method": "tomogram_sirt", "inputs": {"mask": f"res_{'0' * 32}/labels"}}},
            "/body/action/inputs/mask",
        ),
        ({"trigger": {"ranges": [{"quantity": "tilts"}]}}, "/body/trigger/ranges/0"),
        ({"trigger": {"ranges": [{"quantity": "tilts", "at_least": 2, "at_most": 1}]}}, "/body/trigger/ranges/0"),
        ({"trigger": {"instrument_ids": [new_id("ins")]}}, "/body/trigger/instrument_ids/0"),
        ({"limits": {"per_hour": 0}}, "/body/limits/per_hour"),
    ],
)
def test_what_could_never_act_is_refused_where_it_is_wrong(
    analyst: Person, project: Project, change: dict[str, Any], pointer: str
):
    answer = analyst.post(RULES, json=rule(project, **change))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_dry_run_says_what_would_have_been_done_and_keeps_nothing(house: House, analyst: Person, project: Project):
    fits, short = arrived(house, project), arrived(house, project, tilts=5)
    ours = rule(project, trigger={"ranges": [{"quantity": "tilts", "at_least": 20}]})
    told = analyst.post(TRIES, json={"rule": ours}).json()
    assert (told["looked_at"], told["would_start"]) == (2, 1)
    found = {item["dataset_id"]: item for item in told["items"]}
    assert (found[fits.id]["outcome"], found[fits.id]["matched"]) == ("would_start", "tilts 29")
    assert found[fits.id]["inputs"] == {"projections": fits.id}
    assert (found[short.id]["outcome"], found[short.id]["reason"]) == ("no_match", "tilts 5, below 20")
    assert told["params"]["iterations"] == 7
    assert told["params"]["nonnegative"] is True
    assert analyst.get(RULES).json()["items"] == []
    assert jobs(house) == []


def test_a_dry_run_names_what_would_be_refused_and_what_goes_beyond_a_limit(
    house: House, analyst: Person, project: Project
):
    for _ in range(3):
        arrived(house, project)
    refused = analyst.post(TRIES, json={"rule": rule(project, action={"method": "raster_dose"})}).json()
    assert (refused["would_be_refused"], refused["would_start"]) == (3, 0)
    assert all(item["reason"] for item in refused["items"])
    limited = analyst.post(TRIES, json={"rule": rule(project, limits={"per_hour": 2})}).json()
    assert (limited["would_start"], limited["would_skip"]) == (2, 1)
    assert limited["items"][0]["reason"] == "limit reached: 2 of 2 starts in an hour"
    assert limited["not_judged"] == ["jobs that wait: they are counted when the rule acts"]


def test_a_rule_that_stands_is_tried_as_it_would_act(house: House, analyst: Person, people: People, project: Project):
    arrived(house, project)
    ours = made(analyst, project)
    viewer = people.make(role="viewer", project=project)
    told = viewer.get(f"{RULES}/{ours['id']}/dry-run", params={"over": 10}).json()
    assert told["would_start"] == 1
