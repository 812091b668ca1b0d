"""A facility manager's morning: a PC is enrolled, a person comes and goes, the log is whole."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from app.infra.ids import new_id
from tests.journeys.portal import Visitor, founded
from tests.live import LiveService, wait_for

PASSWORD = "a sentence of four words"


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[tuple[LiveService, Visitor]]:
    """Give the administrator of a facility just founded, and the service."""
    folder: Path = tmp_path_factory.mktemp("administration")
    with LiveService(folder / "data", workers=1) as service:
        visitor = founded(service, chromium, project=("NMC", "Degradation of NMC"), sample=("NMC-1", "nmc"))
        yield service, visitor
        assert visitor.complaints == []


def go(page: Page, group: str, room: str | None = None) -> None:
    """Go to a room by the header."""
    page.get_by_label("Rooms").get_by_role("link", name=group).click()
    if room is not None:
        page.get_by_label(group, exact=True).get_by_role("link", name=room).click()


def test_a_pc_is_enrolled_by_a_code_from_the_portal_and_its_key_is_revoked(manager):
    service, visitor = manager
    page = visitor.page
    go(page, "Facility")
    page.get_by_role("link", name="Register an instrument").click()
    page.get_by_label("Code").fill("titan")
    page.get_by_label("Name").fill("Titan 80-300")
    page.get_by_label("Technique").select_option("stem")
    page.get_by_role("button", name="Register").click()
    page.get_by_role("button", name="Make a one-time code").click()
    expect(page.get_by_role("img", name=re.compile("one-time code"))).to_be_visible()
    code = page.locator("code.secret").inner_text()
    key = enrolled(service, code)
    page.goto(page.url.removesuffix("/enrolments"))
    expect(page.locator("code.secret")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="Titan PC")).to_contain_text("active")
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row").filter(has_text="Titan PC")).to_contain_text("revoked")
    with service.client(key) as device:
        assert device.get("/me").status_code == 401


def enrolled(service: LiveService, code: str) -> str:
    """Do what the program on an instrument's PC does: exchange the code once, then report."""
    with httpx.Client(base_url=f"{service.url}/api/v1", timeout=60) as anybody:
        made = anybody.post("/enrolment-redemptions", json={"code": code, "name": "Titan PC"})
        assert made.status_code == 201
        assert anybody.post("/enrolment-redemptions", json={"code": code, "name": "Thief"}).status_code == 401
    key = str(made.json()["key"])
    with service.client(key) as device:
        beat = {"sent_at": datetime.now(UTC).isoformat()}
        assert device.post("/heartbeats", json=beat, headers={"Idempotency-Key": new_id("otc")}).status_code == 201
    return key


def test_a_person_is_invited_signs_in_and_is_signed_out_when_the_account_is_closed(manager, chromium):
    _, visitor = manager
    page = visitor.page
    go(page, "Manage", "People")
    page.get_by_role("link", name="Invite a person").click()
    page.get_by_label("Login").fill("grace")
    page.get_by_label("Display name").fill("Grace Hopper")
    page.get_by_role("button", name="Make account and link").click()
    link = page.locator("code.secret").inner_text()
    grace = Visitor(visitor.url, chromium.new_context())
    grace.open(link.removeprefix(visitor.url))
    grace.page.get_by_label("Password").fill(PASSWORD)
    grace.page.get_by_role("button", name="Set the password").click()
    expect(grace.page.get_by_role("status")).to_contain_text("Your password is set")
    grace.sign_in("grace", PASSWORD)
    expect(grace.page.get_by_label("Rooms")).not_to_contain_text("Manage")
    go(page, "Manage", "People")
    page.get_by_role("link", name="Grace Hopper").click()
    expect(page.get_by_text("1 browser")).to_be_visible()
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_role("status")).to_contain_text("every sign-in and token of it has ended")
    expect(page.get_by_text("nowhere")).to_be_visible()
    grace.page.goto(f"{visitor.url}/samples")
    expect(grace.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    grace.page.get_by_label("User name").fill("grace")
    grace.page.get_by_label("Password").fill(PASSWORD)
    grace.page.get_by_role("button", name="Sign in").click()
    expect(grace.page.get_by_role("alert")).to_contain_text("closed")


def test_the_facility_says_at_a_glance_what_needs_attention(manager):
    _, visitor = manager
    page = visitor.page
    wait_for(lambda: visitor.open("/facility").get_by_text("1 worker alive").count())
    go(page, "Manage", "Queues")
    page.get_by_text("Pause it").first.click()
    page.get_by_label("Why, for those who wait").first.fill("disks are changed")
    page.get_by_role("button", name=re.compile("^Pause ")).first.click()
    expect(page.get_by_role("status")).to_contain_text("Queue paused")
    go(page, "Manage", "Overview")
    page.get_by_role("link", name="is paused: disks are changed").click()
    page.get_by_role("button", name="Serve it again").click()
    go(page, "Manage", "Overview")
    expect(page.get_by_text("disks are changed")).to_have_count(0)


def test_the_chain_of_the_log_is_verified_to_its_end(manager):
    _, visitor = manager
    page = visitor.page
    go(page, "Manage", "Audit log")
    page.get_by_label("What").select_option("user.invite")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row").filter(has_text="user.invite")).to_contain_text("Ada Curie")
    page.get_by_role("link", name="Verify the chain").click()
    expect(page.get_by_role("status")).to_contain_text("entries fit the chain")
