"""The audit log: nobody edits it, and who does it all the same is found."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.lab.access import SYSTEM
from app.lab.composition import Lab

DROP = {
    "sqlite": ["DROP TRIGGER audit_entry_is_never_changed", "DROP TRIGGER audit_entry_is_never_deleted"],
    "postgresql": ["DROP TRIGGER audit_entry_is_never_changed ON audit_entry"],
}


@pytest.fixture
def acts(any_house):
    """Give a house with ten acts, with numbers of every size in them."""
    for number in range(10):
        with any_house.database.writing() as session:
            Lab(any_house, session).audit.record(
                SYSTEM, "test.act", f"obj_{number}", project_id=None, size=number, big=1e20, small=1.5e-7, text="µ"
            )
    return any_house


def verify(house) -> int | None:
    with house.database.reading() as session:
        return Lab(house, session).audit.verify()


def test_an_untouched_chain_is_intact(acts):
    assert verify(acts) is None


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET actor_id = 'usr_x' WHERE seq = 4", "DELETE FROM audit_entry WHERE seq = 4"]
)
def test_the_database_itself_refuses_edits(acts, statement):
    with pytest.raises(DBAPIError, match="append-only"), acts.database.writing() as session:
        session.execute(text(statement))
    assert verify(acts) is None


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit_entry SET actor_id = 'usr_x' WHERE seq = 4", 4),
        ("UPDATE audit_entry SET at = '2020-01-01 00:00:00+00' WHERE seq = 7", 7),
        ("UPDATE audit_entry SET details = '{}' WHERE seq = 10", 10),
        ("DELETE FROM audit_entry WHERE seq = 4", 4),
        ("DELETE FROM audit_entry WHERE seq = 10", 10),
    ],
)
def test_who_goes_round_the_triggers_is_found_by_number(acts, statement, first_bad):
    if acts.database.is_sqlite:
        statement = statement.replace("+00", "")
    with acts.database.writing() as session:
        for drop in DROP[acts.database.engine.dialect.name]:
            session.execute(text(drop))
        session.execute(text(statement))
    assert verify(acts) == first_bad


def test_auditors_read_and_verify_and_others_do_not(people, project):
    auditor, steward = people.make(facility_role="auditor"), people.make(role="steward", project=project)
    steward.patch(f"/api/v1/projects/{project.id}", json={"title": "New"}, headers={"If-Match": '"1"'})
    entries = auditor.get("/api/v1/audit-entries", params={"object_id": project.id}).json()["items"]
    assert [(entry["action"], entry["actor_id"]) for entry in entries] == [("project.change", steward.id)]
    assert auditor.get("/api/v1/audit-verification").json()["is_intact"] is True
    for path in ("/api/v1/audit-entries", "/api/v1/audit-verification"):
        assert steward.get(path).status_code == 403
    assert auditor.get(f"/api/v1/projects/{project.id}").status_code == 404


def test_an_act_carries_the_id_of_its_request(people, project):
    steward, auditor = people.make(role="steward", project=project), people.make(facility_role="auditor")
    headers = {"If-Match": '"1"', "X-Request-Id": "from-the-client-7"}
    steward.patch(f"/api/v1/projects/{project.id}", json={"title": "New"}, headers=headers)
    assert auditor.get("/api/v1/audit-entries").json()["items"][0]["request_id"] == "from-the-client-7"


def test_a_chain_is_verified_piece_by_piece(people, acts_of_ten):
    auditor = people.make(facility_role="auditor")
    after, pieces = 0, 0
    while True:
        piece = auditor.get("/api/v1/audit-verification", params={"after": after, "limit": 4}).json()
        assert piece["is_intact"]
        assert piece["verified_to"] == min(after + 4, 10)
        after, pieces = piece["verified_to"], pieces + 1
        if piece["is_complete"]:
            break
    assert (after, pieces) == (10, 3)


def test_an_edit_is_found_in_its_piece_and_ends_the_walk(house, people, acts_of_ten):
    auditor = people.make(facility_role="auditor")
    with house.database.writing() as session:
        for drop in DROP["sqlite"]:
            session.execute(text(drop))
        session.execute(text("UPDATE audit_entry SET actor_id = 'usr_x' WHERE seq = 6"))
    first = auditor.get("/api/v1/audit-verification", params={"after": 0, "limit": 4}).json()
    assert (first["is_intact"], first["is_complete"]) == (True, False)
    second = auditor.get("/api/v1/audit-verification", params={"after": 4, "limit": 4}).json()
    assert (second["is_intact"], second["is_complete"]) == (False, True)
    assert (second["first_bad_seq"], second["verified_to"]) == (6, 5)


def test_a_piece_after_an_entry_that_is_not_there_is_not_intact(people, acts_of_ten):
    auditor = people.make(facility_role="auditor")
    assert not auditor.get("/api/v1/audit-verification", params={"after": 99}).json()["is_intact"]


@pytest.fixture
def acts_of_ten(house):
    """Give a house with ten acts."""
    for number in range(10):
        with house.database.writing() as session:
            Lab(house, session).audit.record(SYSTEM, "test.act", f"obj_{number}")


def test_the_log_is_narrowed_by_who_what_and_when(people, project):
    steward, auditor = people.make(role="steward", project=project), people.make(facility_role="auditor")
    steward.patch(f"/api/v1/projects/{project.id}", json={"title": "New"}, headers={"If-Match": '"1"'})
    people.admin.post("/api/v1/projects", json={"code": "AB", "title": "t"})

    def acts(**wanted):
        return [each["action"] for each in auditor.get("/api/v1/audit-entries", params=wanted).json()["items"]]

    assert acts() == ["project.create", "project.change"]
    for who in (steward.id, steward.user.login, steward.user.display_name.lower()):
        assert acts(actor=who) == ["project.change"]
    assert acts(actor="nobody") == []
    assert acts(action="project") == ["project.create", "project.change"]
    assert acts(action="project.create") == ["project.create"]
    assert acts(action="proj") == []
    assert acts(until="2026-01-01T00:00:00Z") == []
    assert len(acts(since="2026-01-01T00:00:00Z")) == 2
