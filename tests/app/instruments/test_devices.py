"""Instrument PCs: enrolled once, bound to one instrument, heard, revoked at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.infra.clock import now
from app.infra.db.models import Instrument, OneTimeCode
from tests.conftest import beside


@pytest.fixture
def instrument(manager):
    made = manager.post("/api/v1/instruments", json={"code": "titan", "name": "Titan", "technique": "stem"})
    assert made.status_code == 201
    return made.json()


def enrol(client, manager, instrument, name="PC", **limits):
    """Let a PC enrol itself; returns its answer."""
    leave = manager.post(f"/api/v1/instruments/{instrument['id']}/enrolments", json=limits)
    assert leave.status_code == 201, leave.text
    return client.post("/api/v1/enrolment-redemptions", json={"code": leave.json()["code"], "name": name})


def pc(client, answer):
    """Return the client of an enrolled PC."""
    return beside(client, headers={"Authorization": f"Bearer {answer.json()['key']}"})


def test_a_pc_enrols_itself_with_a_code_that_works_once(client, manager, instrument, project):
    leave = manager.post(f"/api/v1/instruments/{instrument['id']}/enrolments", json={"project_ids": [project.id]})
    given = {"code": leave.json()["code"], "name": "Titan PC"}
    made = client.post("/api/v1/enrolment-redemptions", json=given)
    assert made.status_code == 201
    me = pc(client, made).get("/api/v1/me").json()
    assert (me["kind"], me["instrument_id"], me["project_ids"]) == ("device", instrument["id"], [project.id])
    assert me["scopes"] == ["data:write", "uploads:write"]
    assert me["projects"] == [{"id": project.id, "code": project.code}]
    again = client.post("/api/v1/enrolment-redemptions", json=given)
    assert (again.status_code, again.json()["type"]) == (401, "/problems/bad-enrolment-code")


def test_a_code_ends_after_ten_minutes(house, client, manager, instrument):
    leave = manager.post(f"/api/v1/instruments/{instrument['id']}/enrolments", json={})
    with house.database.writing() as session:
        expiry = session.scalars(select(OneTimeCode.expires_at)).one()
        assert timedelta(minutes=9) < expiry - now() <= timedelta(minutes=10)
        session.execute(update(OneTimeCode).values(expires_at=now()))
    answer = client.post("/api/v1/enrolment-redemptions", json={"code": leave.json()["code"], "name": "PC"})
    assert answer.status_code == 401


def test_two_keys_live_at_once_for_rotation(client, manager, instrument):
    first, second = enrol(client, manager, instrument), enrol(client, manager, instrument)
    third = enrol(client, manager, instrument)
    assert (third.status_code, third.json()["type"]) == (409, "/problems/too-many-device-keys")
    assert manager.delete(f"/api/v1/device-keys/{first.json()['id']}").status_code == 204
    assert pc(client, first).get("/api/v1/me").status_code == 401
    assert pc(client, second).get("/api/v1/me").status_code == 200
    assert enrol(client, manager, instrument).status_code == 201
    states = [row["revoked_at"] is None for row in manager.get(
        f"/api/v1/instruments/{instrument['id']}/device-keys").json()["items"]]  # fmt: skip
    assert states == [True, True, False]


def test_a_heartbeat_measures_the_clock(house, client, manager, instrument):
    device = pc(client, enrol(client, manager, instrument))
    beat = {"sent_at": (now() + timedelta(seconds=30)).isoformat(), "software": "collector 0.1"}
    answer = device.post("/api/v1/heartbeats", json=beat)
    assert answer.status_code == 201
    assert answer.json()["clock_offset_s"] == pytest.approx(30, abs=5)
    assert answer.json()["warnings"] == []
    with house.database.reading() as session:
        row = session.get_one(Instrument, instrument["id"])
    assert row.clock_offset_s == pytest.approx(30, abs=5)
    assert row.version == 1


def test_a_person_sends_no_heartbeat(manager):
    assert manager.post("/api/v1/heartbeats", json={"sent_at": now().isoformat()}).status_code == 403


def test_a_device_sees_its_own_instrument_only(device, instrument):
    assert device.get(f"/api/v1/instruments/{device.instrument.id}").status_code == 200
    assert device.get(f"/api/v1/instruments/{instrument['id']}").status_code == 404
    assert device.get("/api/v1/instruments").status_code == 403


@pytest.mark.parametrize("role", ["member", "auditor"])
def test_nobody_else_enrols_devices(people, instrument, role):
    person = people.make(facility_role=role)
    assert person.post(f"/api/v1/instruments/{instrument['id']}/enrolments", json={}).status_code == 403
    assert person.get(f"/api/v1/instruments/{instrument['id']}/device-keys").status_code == 403


def test_a_code_for_a_project_that_is_none_is_refused(manager, instrument):
    answer = manager.post(f"/api/v1/instruments/{instrument['id']}/enrolments", json={"project_ids": ["prj_0"]})
    assert answer.status_code == 422


def test_an_instrument_changes_under_its_version(manager, instrument):
    url = f"/api/v1/instruments/{instrument['id']}"
    changed = manager.patch(url, json={"location": "room 7"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["location"]) == (200, "room 7")
    assert manager.patch(url, json={"location": "room 8"}, headers={"If-Match": '"1"'}).status_code == 412
    assert manager.patch(url, json={"name": None}, headers={"If-Match": '"2"'}).status_code == 422
