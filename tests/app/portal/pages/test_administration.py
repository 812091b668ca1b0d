"""Pages of administration: what they show, what they do, who may."""

import re

import pytest

from app.lab.access import SYSTEM
from app.lab.composition import Lab
from tests.app.portal.test_pages import HTML, form

PASSWORD = "a sentence of four words"


def link_of(text):
    return re.search(r"/invitation\?code=([A-Za-z0-9_-]+)", text)[1]


@pytest.fixture
def grace(people):
    """Give a person somebody invited, and the page that shows the link."""
    page = form(people.admin, "/people/new", login="grace", display_name="Grace", facility_role="member")
    assert page.status_code == 200
    user = people.admin.get("/api/v1/users", params={"q": "grace"}).json()["items"][0]
    return user, link_of(page.text)


def test_a_person_invited_by_page_chooses_a_password_and_signs_in(people, grace):
    _, code = grace
    page = people.client.get(f"/invitation?code={code}", headers=HTML)
    assert "For the account of Grace" in page.text
    taken = people.client.post("/invitation", data={"code": code, "password": PASSWORD}, headers=HTML)
    assert (taken.status_code, taken.headers["location"]) == (303, "/sign-in?done=invitation-taken-up")
    again = people.client.get(f"/invitation?code={code}", headers=HTML)
    assert "This link does not work" in again.text
    signed_in = people.client.post("/sign-in", data={"login": "grace", "password": PASSWORD}, headers=HTML)
    assert signed_in.status_code == 303


def test_closing_an_account_by_page_ends_its_sign_ins(people):
    member = people.make()
    address = f"/people/{member.id}"
    closed = form(people.admin, f"{address}/closing", address, version="1")
    assert closed.headers["location"] == f"{address}?done=user-closed"
    assert member.get("/", headers=HTML).headers["location"].startswith("/sign-in")
    assert "Open it again" in people.admin.get(address, headers=HTML).text


def test_a_stale_form_changes_nobody(people):
    member = people.make()
    address = f"/people/{member.id}"
    form(people.admin, address, address, version="1", display_name="New", facility_role="manager")
    stale = form(people.admin, address, address, version="1", display_name="Old", facility_role="member")
    assert stale.status_code == 412
    assert people.admin.get(f"/api/v1/users/{member.id}").json()["display_name"] == "New"


def test_a_queue_is_paused_with_a_reason_and_served_again(people):
    without = form(people.admin, "/queues/io/pause", "/queues", **{"reason.io": ""})
    assert without.status_code == 422
    paused = form(people.admin, "/queues/io/pause", "/queues", **{"reason.io": "disks are changed"})
    assert paused.status_code == 303
    assert "disks are changed" in people.admin.get("/queues", headers=HTML).text
    assert "Queue io is paused: disks are changed" in people.admin.get("/facility", headers=HTML).text
    assert form(people.admin, "/queues/io/resumption", "/queues").status_code == 303


def test_a_rule_is_set_shown_and_removed_by_page(people, project):
    asked = {"kind": "upload", "project_id": project.id, "keep_days": "30"}
    assert form(people.admin, "/retention", **asked).status_code == 303
    (rule,) = people.admin.get("/api/v1/retention-rules").json()["items"]
    assert "30 days" in people.admin.get(f"/retention?project_id={project.id}", headers=HTML).text
    again = form(people.admin, "/retention", **asked)
    assert again.status_code == 409
    assert form(people.admin, f"/retention/{rule['id']}/removal", "/retention", version="1").status_code == 303
    assert people.admin.get("/api/v1/retention-rules").json()["items"] == []


def test_a_manager_revokes_anybodys_key_by_page(people, device):
    manager, member = people.make(facility_role="manager"), people.make()
    token = member.post("/api/v1/tokens", json={"name": "script", "scopes": ["data:read"]}).json()
    assert "script" in manager.get("/access-keys", headers=HTML).text
    for key_id in (token["id"], device.id):
        assert form(member, f"/access-keys/{key_id}/revocation", "/account").status_code == 403
        assert form(manager, f"/access-keys/{key_id}/revocation", "/access-keys").status_code == 303
    assert manager.get("/api/v1/access-keys", params={"is_live": True}).json()["items"] == []
    assert device.get("/api/v1/me").status_code == 401


def test_the_chain_is_verified_piece_by_piece_until_the_end(house, people):
    with house.database.writing() as session:
        for number in range(2001):
            Lab(house, session).audit.record(SYSTEM, "test.act", f"obj_{number}")
    auditor = people.make(facility_role="auditor")
    first = auditor.get("/audit/verification", headers=HTML).text
    assert "2000 of 2001 entries fit so far" in first
    assert 'hx-get="/audit/verification/piece?after=2000"' in first
    last = auditor.get("/audit/verification/piece?after=2000", headers=HTML).text
    assert "All 2001 entries fit the chain" in last
    assert "hx-get" not in last


def test_the_log_is_narrowed_by_the_form(people, project):
    steward, auditor = people.make(role="steward", project=project), people.make(facility_role="auditor")
    steward.patch(f"/api/v1/projects/{project.id}", json={"title": "New"}, headers={"If-Match": '"1"'})
    query = f"who={steward.user.login}&action=project&since=2026-01-01&until=2199-01-01"
    assert steward.user.display_name in auditor.get(f"/audit?{query}", headers=HTML).text
    assert "No entry fits" in auditor.get("/audit?until=2020-01-01", headers=HTML).text
    assert auditor.get("/audit?since=yesterday", headers=HTML).status_code == 200


def test_a_quota_and_a_title_are_changed_by_page(people, project):
    address = f"/projects/{project.id}"
    changed = form(people.admin, f"{address}/change", version="1", title="New title", quota_bytes="1024")
    assert changed.status_code == 303
    assert people.admin.get(f"/api/v1{address}").json()["quota_bytes"] == 1024
    steward = people.make(role="steward", project=project)
    assert "quota_bytes" not in steward.get(f"{address}/change", headers=HTML).text
    assert people.make(role="viewer", project=project).get(f"{address}/change", headers=HTML).status_code == 403


def test_an_instruments_description_is_changed_and_an_emptied_field_is_not_stated(people, device):
    address = f"/instruments/{device.instrument.id}"
    asked = {"name": "Titan 2", "vendor": "FEI", "model": "", "location": "B12"}
    assert form(people.admin, f"{address}/change", version="1", **asked).status_code == 303
    form(people.admin, f"{address}/change", version="2", **(asked | {"location": " "}))
    found = people.admin.get(f"/api/v1{address}").json()
    assert (found["name"], found["vendor"], found["location"]) == ("Titan 2", "FEI", None)


def test_a_code_is_shown_once_as_text_and_as_a_picture(people, device):
    address = f"/instruments/{device.instrument.id}"
    shown = form(people.admin, f"{address}/enrolments", address)
    assert 'class="secret"' in shown.text
    assert '<svg class="qr"' in shown.text
    assert 'class="secret"' not in people.admin.get(address, headers=HTML).text


MANAGED = ("/facility", "/people", "/access-keys", "/queues", "/disk")


@pytest.mark.parametrize(
    ("role", "opens"),
    [("member", ()), ("auditor", ("/audit", "/health")), ("manager", (*MANAGED, "/health"))],
)
def test_doors_that_do_not_open_are_not_shown(people, role, opens):
    person = people.make(facility_role=role)
    home = person.get("/", headers=HTML).text
    for path in (*MANAGED, "/audit", "/health"):
        assert person.get(path, headers=HTML).status_code == (200 if path in opens else 403), path
    assert ("Manage</a>" in home) == bool(opens)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "<script>"])
def test_a_log_until_a_day_at_the_end_of_the_calendar_or_no_day_at_all_is_shown(people, day):
    page = people.admin.get("/audit", params={"until": day, "since": day}, headers=HTML)
    assert page.status_code == 200
    assert "<script>" not in page.text
