"""A rule that lost its effect raises an alarm, once, and what breaks on one dataset or rule stops no other."""

from typing import Any

import pytest
from sqlalchemy import delete, text, update

from app.infra.clock import now
from app.infra.db.models import AccessKey, Dataset, Membership, Project, RuleVersion
from app.infra.house import House
from app.lab.alarms.sweeping import raise_alarms
from app.lab.rules.sweeping import sweep
from tests.app.rules.acting import RULES, arrived, firings, jobs, made
from tests.conftest import People, Person, add_device

LOSSES = {
    "right": "who may no longer start jobs",
    "method": "No method is called so",
    "inputs": "of these are no inputs",
    "instrument": "nothing arrives any more from",
}


def take_away(house: House, analyst: Person, project: Project, loss: str) -> None:
    """Let a rule lose what it needs."""
    action: dict[str, Any] = {"method": "gone" if loss == "method" else "tomogram_sirt"}
    action["inputs"] = {"no_longer_taken": f"ds_{32 * chr(48)}/a"} if loss == "inputs" else {}
    with house.database.writing() as session:
        if loss == "right":
            session.execute(delete(Membership).where(Membership.user_id == analyst.id))
        elif loss == "instrument":
            session.execute(update(AccessKey).where(AccessKey.kind == "device").values(revoked_at=now()))
        else:
            session.execute(update(RuleVersion).values(document={"trigger": {}, "action": action, "limits": {}}))


def alarms(person: Person) -> list[dict[str, Any]]:
    """Return the alarms about rules, newest first."""
    return list(person.get("/api/v1/alarms?topic=rule.stopped").json()["items"])


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_a_rule_that_loses_its_effect_raises_one_alarm_that_says_why(
    house: House, people: People, analyst: Person, project: Project, loss: str
):
    instrument = add_device(house, people.client, [project]).instrument
    ours = made(analyst, project, trigger={"instrument_ids": [instrument.id]})
    made(people.admin, project, is_enabled=False)
    assert raise_alarms(house, {}) == 0
    take_away(house, analyst, project, loss)
    assert (raise_alarms(house, {}), raise_alarms(house, {})) == (1, 0)
    [alarm] = alarms(people.admin)
    assert (alarm["project_id"], alarm["record"]["rule_id"]) == (project.id, ours["id"])
    assert LOSSES[loss] in alarm["record"]["reason"]
    shown = people.admin.get(f"{RULES}/{ours['id']}").json()
    assert (shown["state"], shown["problem"]) == ("without_effect", alarm["record"]["reason"])


def test_a_rule_that_cannot_be_looked_at_silences_no_other(
    house: House, people: People, analyst: Person, project: Project
):
    broken = made(analyst, project)
    made(analyst, project, name="Also stopped")
    with house.database.writing() as session:
        version = update(RuleVersion).where(RuleVersion.rule_id == broken["id"])
        session.execute(version.values(document={"action": {}}))
    take_away(house, analyst, project, "right")
    assert raise_alarms(house, {}) == 1
    assert [alarm["record"]["rule_name"] for alarm in alarms(people.admin)] == ["Also stopped"]


def test_a_dataset_that_cannot_be_judged_is_listed_and_the_others_are_acted_on(
    house: House, analyst: Person, project: Project
):
    ours = made(analyst, project)
    broken, fine = arrived(house, project), arrived(house, project)
    with house.database.writing() as session:
        nameless = update(Dataset).where(Dataset.id == broken.id)
        session.execute(nameless.values(arrays=[{"kind": "tilt_series"}]))
    [job] = jobs(house)
    assert job.inputs == {"projections": f"{fine.id}/dark_field"}
    (started, _), (failed, words) = firings(analyst, ours["id"])
    assert (started, failed) == ("started", "failed")
    assert words == "the service could not handle it (KeyError): its log says more"


def test_a_rule_that_cannot_be_read_leaves_the_dataset_to_the_others(house: House, analyst: Person, project: Project):
    broken, fine = made(analyst, project), made(analyst, project, name="Fine")
    with house.database.writing() as session:
        version = update(RuleVersion).where(RuleVersion.rule_id == broken["id"])
        session.execute(version.values(document={"action": {}}))
    arrived(house, project)
    [job] = jobs(house)
    assert job.rule_id == fine["id"]


def test_a_dataset_the_database_refuses_waits_on_and_holds_up_no_other(house: House, analyst: Person, project: Project):
    made(analyst, project)
    refused, fine = arrived(house, project), arrived(house, project)
    refusal = (
        f"CREATE TRIGGER refusal BEFORE DELETE ON rule_candidate WHEN OLD.dataset_id = '{refused.id}' "
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with house.database.writing() as session:
        session.execute(text(refusal))
    [job] = jobs(house)
    assert job.inputs == {"projections": f"{fine.id}/dark_field"}
    with house.database.writing() as session:
        session.execute(text("DROP TRIGGER refusal"))
    assert (sweep(house), sweep(house)) == (1, 0)
