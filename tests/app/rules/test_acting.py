"""Rules of automatic processing act: once for a dataset and version, for their maker, within their limits."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.infra.clock import now
from app.infra.db.models import Dataset, Job, Membership, Project, RuleCandidate, RuleFiring, Sample, User
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.queue import Leases
from app.lab.access import SYSTEM
from app.lab.annotations.schemas import NewTag
from app.lab.composition import Lab
from app.lab.rules.repository import RuleRepository
from app.lab.rules.sweeping import sweep
from tests.app.rules.acting import RULES, arrived, firings, jobs, made, read, series
from tests.conftest import People, Person, add_device
from tests.datasets import add_dataset


@pytest.fixture
def house(any_house: House) -> House:
    return any_house


def test_a_dataset_that_becomes_readable_starts_a_job_that_says_why(house: House, analyst: Person, project: Project):
    ours = made(analyst, project)
    dataset = arrived(house, project)
    [job] = jobs(house)
    shown = analyst.get(f"/api/v1/jobs/{job.id}").json()
    assert {name: said for name, said in shown["started_by"].items() if said is not None} == {
        "rule_id": ours["id"],
        "rule_version": 1,
        "rule_name": "Every series",
        "dataset_id": dataset.id,
        "matched": "kind tilt_series",
    }
    assert (shown["inputs"], shown["params"]["iterations"]) == ({"projections": f"{dataset.id}/dark_field"}, 7)
    assert (shown["created_by"], job.priority) == (analyst.id, -10)
    assert firings(analyst, ours["id"]) == [("started", "")]


def test_a_recipe_is_run_with_its_preset_and_each_of_its_jobs_says_why(house: House, analyst: Person, project: Project):
    ours = made(analyst, project, action={"recipe": "tilt_series_to_particle"})
    arrived(house, project)
    [job, *_] = jobs(house)
    [run] = analyst.get("/api/v1/recipe-runs").json()["items"]
    assert job.started_by == {name: said for name, said in run["started_by"].items() if said is not None}
    [firing] = analyst.get(f"{RULES}/{ours['id']}/firings").json()["items"]
    assert (firing["run_id"], firing["state"]) == (run["id"], "running")


def test_a_version_never_acts_twice_on_a_dataset_and_the_next_one_may(house: House, analyst: Person, project: Project):
    ours = made(analyst, project)
    dataset = arrived(house, project)
    read(house, dataset)
    assert len(jobs(house)) == 1
    change = {"name": "Deeper", "action": {"method": "tomogram_sirt"}, "is_enabled": True, "reason": "more rounds"}
    answer = analyst.post(f"{RULES}/{ours['id']}/versions", json=change, headers={"If-Match": '"1"'})
    assert answer.json()["version"] == 2
    assert len(jobs(house)) == 1
    read(house, dataset)
    assert [job.started_by["rule_version"] for job in jobs(house) if job.started_by] == [1, 2]


def test_what_became_readable_while_a_rule_was_off_is_left_alone(house: House, analyst: Person, project: Project):
    arrived(house, project)
    made(analyst, project)
    assert jobs(house) == []


def test_a_dataset_waits_until_a_sweep_has_acted_and_no_longer(house: House, analyst: Person, project: Project):
    made(analyst, project)
    arrived(house, project)
    with house.database.reading() as session:
        assert session.query(RuleCandidate).count() == 1
    assert (sweep(house), sweep(house)) == (1, 0)
    with house.database.reading() as session:
        assert session.query(RuleCandidate).count() == 0


def test_a_firing_that_is_on_record_stops_a_second_one(house: House, analyst: Person, project: Project):
    """The constraint holds even when the candidate comes back, as from a backup of half a database."""
    made(analyst, project)
    dataset = arrived(house, project)
    jobs(house)
    with house.database.writing() as session:
        RuleRepository(session).note_readable(session.get_one(Dataset, dataset.id))
    assert len(jobs(house)) == 1
    with house.database.reading() as session:
        assert session.query(RuleFiring).count() == 1


def test_instrument_sample_and_tags_are_looked_up(
    house: House, people: People, analyst: Person, project: Project, sample: Sample
):
    device = add_device(house, people.client, [project])
    with house.database.writing() as session:
        Lab(house, session).annotations.tag(SYSTEM, sample.id, NewTag(tag="cathode"))
    trigger = {"techniques": ["stem"], "materials": ["nmc"], "tags": ["cathode"]}
    made(analyst, project, trigger=trigger)
    made(analyst, project, trigger={**trigger, "tags": ["anode"]})
    arrived(house, project, sample, instrument_id=device.instrument.id)
    [job] = jobs(house)
    assert (job.started_by or {})["matched"] == "technique stem, material nmc, tagged cathode"


def test_a_rule_of_one_instrument_leaves_the_others_data_alone(
    house: House, people: People, analyst: Person, project: Project
):
    one, other = (add_device(house, people.client, [project]).instrument for _ in range(2))
    made(analyst, project, trigger={"instrument_ids": [one.id]})
    for instrument in (one, other):
        arrived(house, project, instrument_id=instrument.id)
    assert len(jobs(house)) == 1


@pytest.mark.parametrize("loss", ["role", "account"])
def test_a_rule_loses_effect_with_its_makers_right_and_says_so(
    house: House, people: People, analyst: Person, project: Project, loss: str
):
    ours = made(analyst, project)
    with house.database.writing() as session:
        if loss == "role":
            session.execute(delete(Membership).where(Membership.user_id == analyst.id))
        else:
            session.execute(update(User).where(User.id == analyst.id).values(disabled_at=analyst.user.created_at))
    arrived(house, project)
    assert jobs(house) == []
    shown = people.admin.get(f"{RULES}/{ours['id']}").json()
    assert shown["state"] == "without_effect"
    assert "the rule acts for" in shown["problem"]
    assert firings(people.admin, ours["id"]) == [("skipped", shown["problem"])]
    answer = people.admin.post(f"{RULES}/{ours['id']}/switch", json={"is_enabled": True}, headers={"If-Match": '"1"'})
    assert (answer.json()["state"], answer.json()["made_by"]) == ("on", people.admin.id)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"per_hour": 1}, "1 of 1 starts in an hour"),
        ({"per_day": 1}, "1 of 1 starts in a day"),
        ({"waiting": 1}, "1 of 1 jobs that wait"),
    ],
)
def test_beyond_a_limit_it_skips_and_says_which(
    house: House, analyst: Person, project: Project, limits: dict[str, int], words: str
):
    ours = made(analyst, project, limits=limits)
    for _ in range(2):
        arrived(house, project)
    assert len(jobs(house)) == 1
    assert firings(analyst, ours["id"]) == [("skipped", f"limit reached: {words}"), ("started", "")]


def test_computing_time_that_is_used_up_starts_nothing_more(house: House, analyst: Person, project: Project):
    ours = made(analyst, project, limits={"compute_h_per_day": 0.5})
    arrived(house, project)
    [job] = jobs(house)
    with house.database.writing() as session:
        row = session.get_one(Job, job.id)
        row.state, row.started_at, row.finished_at = "succeeded", now() - timedelta(hours=1), now()
    arrived(house, project)
    assert len(jobs(house)) == 1
    assert "hours of computing" in firings(analyst, ours["id"])[0][1]


def test_what_no_past_run_tells_of_is_not_started_under_a_limit_of_time(
    house: House, analyst: Person, project: Project
):
    ours = made(analyst, project, limits={"estimate_at_most_s": 60})
    arrived(house, project)
    assert jobs(house) == []
    assert firings(analyst, ours["id"])[0][0] == "skipped"


def test_a_dataset_the_method_does_not_take_is_refused_and_listed(house: House, analyst: Person, project: Project):
    ours = made(analyst, project, action={"method": "raster_dose"})
    arrived(house, project)
    assert jobs(house) == []
    [(outcome, reason)] = firings(analyst, ours["id"])
    assert (outcome, bool(reason)) == ("refused", True)


@pytest.mark.parametrize(
    "saved", [{"original": {"labels": ["Lithoscope: volume"]}}, {"attributes": {"made_of": f"res_{'0' * 32}"}}]
)
def test_the_file_of_a_result_starts_nothing_unless_the_rule_includes_it(
    house: House, analyst: Person, project: Project, saved: dict[str, Any]
):
    ours = made(analyst, project)
    arrived(house, project, **saved)
    assert jobs(house) == []
    assert "results are left alone" in firings(analyst, ours["id"])[0][1]
    made(analyst, project, trigger={"includes_results": True})
    arrived(house, project, **saved)
    assert len(jobs(house)) == 1


def test_a_rule_never_works_on_what_came_of_itself(house: House, analyst: Person, project: Project):
    ours = made(analyst, project, trigger={"includes_results": True})
    arrived(house, project)
    [job] = jobs(house)
    result_id = new_id("res")
    with house.database.writing() as session:
        session.get_one(Job, job.id).result_id = result_id
    arrived(house, project, attributes={"made_of": result_id})
    assert len(jobs(house)) == 1
    assert "round for ever" in firings(analyst, ours["id"])[0][1]


def test_a_rules_job_waits_for_what_people_asked_for(house: House, analyst: Person, project: Project, people: People):
    made(analyst, project)
    arrived(house, project)
    [ruled] = jobs(house)
    other = people.make(role="analyst", project=project)
    by_hand = add_dataset(house, project, arrays=[series(3)])
    body = {"method": "tomogram_sirt", "inputs": {"projections": by_hand.id}}
    asked = [other.post("/api/v1/jobs", json=body).json()["id"] for _ in range(2)]
    with house.database.writing() as session:
        claims = [Leases(session).claim(["cpu-long"], worker="w", lease_s=60) for _ in range(3)]
    assert [claim.job_id for claim in claims if claim] == [*asked, ruled.id]


def test_who_repeats_a_rules_job_waits_for_it_like_for_any_other(house: House, analyst: Person, project: Project):
    made(analyst, project)
    arrived(house, project)
    [job] = jobs(house)
    analyst.post(f"/api/v1/jobs/{job.id}/cancellation")
    again = analyst.post(f"/api/v1/jobs/{job.id}/retries").json()
    assert again["started_by"] is None
    with house.database.reading() as session:
        assert session.get_one(Job, again["id"]).priority == 0


def test_a_deleted_dataset_starts_nothing(house: House, people: People, analyst: Person, project: Project):
    made(analyst, project)
    dataset = arrived(house, project)
    answer = people.admin.delete(
        f"/api/v1/datasets/{dataset.id}", params={"reason": "wrong"}, headers={"If-Match": '"2"'}
    )
    assert answer.status_code == 200
    assert jobs(house) == []
