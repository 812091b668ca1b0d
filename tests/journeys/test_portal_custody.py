"""A lithium lamella from the glovebox to its report, by a person at a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.portal import Visitor, founded, nameless, sideways_px
from tests.live import LiveService

pytestmark = pytest.mark.browser
ROOMS = (
    "deadlines",
    "alarms",
    "webhooks",
    "planner",
    "what-if",
    "strategies?material=lithium_metal_foil",
    "protocols",
    "protocols/new",
    "protocols/lithium_metal_tem",
    "limits",
    "limits/new",
    "titrations",
    "titrations/calibrations/new",
    "titrations/series/new",
    "reporting",
)
OF_SAMPLE = (
    "",
    "/dose",
    "/compliance",
    "/report",
    "/regions/new",
    "/beam-records/new",
    "/exposures/new?mode=tem_field",
    "/exposures/new?mode=fib",
    "/exposures/new?mode=xray",
)


@pytest.fixture(scope="module")
def facility(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Give a fresh service with its administrator signed in, and a lithium lamella that met 15 s of air."""
    with LiveService(tmp_path_factory.mktemp("service") / "data", workers=1) as service:
        visitor = founded(
            service, chromium, project=("LI-1", "Lithium anodes"), sample=("Lamella 3", "lithium_metal_foil")
        )
        page = visitor.page
        record(page, "Disassembly", {"Occurred at": "2026-10-01T09:00", "Place": "Box 1"}, atmosphere="argon")
        moved = {"Occurred at": "2026-10-01T15:00", "Ended at": "2026-10-01T16:00", "Air exposure": "15"}
        record(page, "Transfer", moved, method="inert_gas_holder")
        yield visitor
        visitor.context.close()


def record(page: Page, kind: str, texts: dict[str, str], **choices: str) -> None:
    """Add an event by its form."""
    page.get_by_role("link", name="Add an event").click()
    page.wait_for_url("**/events/new*")
    page.get_by_role("link", name=kind, exact=False).first.click()
    page.wait_for_url(re.compile(r"/events/new\?type="))
    for label, text in texts.items():
        page.get_by_label(label).first.fill(text)
    for name, value in choices.items():
        page.locator(f'select[name="{name}"]').select_option(value)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Event recorded")


def sample_of(visitor: Visitor) -> str:
    items = visitor.context.request.get(f"{visitor.url}/api/v1/samples").json()["items"]
    return f"/samples/{items[0]['id']}"


def test_the_history_is_drawn_and_moves_by_keys_and_buttons(facility: Visitor):
    page = facility.open(sample_of(facility))
    frame = page.locator("[data-frame]")
    frame.focus()
    band = frame.locator("svg[data-span]").first
    before = str(band.get_attribute("width"))
    page.keyboard.press("+")
    expect(band).not_to_have_attribute("width", before)
    expect(page.locator("[data-said]")).to_contain_text(" to ")
    page.get_by_role("button", name="Whole history").click()
    page.keyboard.press("Tab")
    mark = frame.locator("a[href^='#evt_']").first
    mark.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#evt_*")


def test_the_clock_the_verdict_and_the_list_name_the_air(facility: Visitor):
    page = facility.open(sample_of(facility))
    expect(page.locator("#clocks")).to_be_visible()
    expect(page.get_by_text("in air for 15 s").first).to_be_visible()
    page.get_by_role("link", name="Compliance").click()
    expect(page.locator(".badge.bad").first).to_have_text("fail")
    page.get_by_role("link", name="event of", exact=False).first.click()
    page.wait_for_url("**/samples/*#evt_*")
    page.get_by_role("link", name="Deadlines").click()
    expect(page.get_by_role("link", name="Lamella 3").first).to_be_visible()


def hours_ago(hours: float) -> str:
    """Return what tells a page's own time so many hours ago, as its fields take it."""
    ago = f"Date.now() - {hours} * 3600e3 - new Date().getTimezoneOffset() * 60e3"
    return f"new Date({ago}).toISOString().slice(0, 16)"


def _answer_for_search_and_focus(facility: Visitor) -> None:
    """Declare the beam of the hours around the exposure: without it the budget of a running beam is unknown."""
    page = facility.open(f"{sample_of(facility)}/beam-records/new")
    page.get_by_label("Kind", exact=True).select_option("operator")
    page.get_by_label("From at", exact=True).fill(page.evaluate(hours_ago(3)))
    page.get_by_label("To at", exact=True).fill(page.evaluate(hours_ago(0.5)))
    for kind in ("search", "focus", "flyback", "parked"):
        page.get_by_label(kind, exact=True).check()
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_url("**/dose*")


def test_a_region_is_drawn_and_its_budget_follows_a_running_beam(facility: Visitor):
    page = facility.open(f"{sample_of(facility)}/regions/new")
    page.get_by_label("Name").fill("Interface A")
    page.get_by_label("LiF").check()
    picture = page.get_by_role("img", name="The outline as drawn")
    for x, y in ((60, 60), (240, 60), (240, 180), (60, 180)):
        picture.click(position={"x": x, "y": y})
    expect(page.get_by_role("textbox", name="Outline")).to_have_value(re.compile(r"^(\S.*\n){3}\S.*\n?$"))
    page.get_by_role("button", name="Name it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Interface A")
    region = page.url.partition("?")[0]
    _answer_for_search_and_focus(facility)
    page.goto(f"{facility.url}{sample_of(facility)}/exposures/new?mode=tem_field")
    page.get_by_label("Occurred at").fill(page.evaluate(hours_ago(1)))
    page.get_by_label("Beam energy, value").fill("200")
    page.get_by_label("Dose rate, value").fill("10")
    page.get_by_label("Exposure, value").fill("3600")
    page.get_by_label("Temperature, value", exact=True).fill("20")
    page.get_by_label("Unit of Temperature, value").select_option("degC")
    page.get_by_label("Region it lay on").select_option(label="Interface A")
    page.get_by_label("Is running").select_option("true")
    page.get_by_role("button", name="Record the exposure").click()
    expect(page.get_by_text("beam on", exact=True).first).to_be_visible()
    page.goto(region)
    spent = page.locator("[data-live] dd").first
    first = spent.inner_text()
    expect(spent).not_to_have_text(first)
    page.goto(f"{facility.url}{sample_of(facility)}/dose")
    page.get_by_role("link", name="The beam is off").click()
    page.get_by_role("button", name="Record the correction").click()
    expect(page.get_by_text("Exposure recorded")).to_be_visible()
    expect(page.get_by_role("link", name="The beam is off")).to_have_count(0)


def test_the_planner_answers_and_keeps_what_was_typed(facility: Visitor):
    page = facility.open("/planner")
    page.get_by_label("Phase").select_option("LiF")
    page.get_by_label("Temperature", exact=True).fill("20")
    page.get_by_label("Unit of Temperature").select_option("degC")
    for label, text in (("Beam energy", "200"), ("Beam current", "0.01"), ("Dwell", "1"), ("Beam diameter", "1000")):
        page.get_by_label(label).first.fill(text)
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_role("heading", name="How far one may go")).to_be_visible()
    expect(page.get_by_label("Beam current")).to_have_value("0.01")


def test_a_chain_is_tried_out_before_the_sample_is_touched(facility: Visitor):
    page = facility.open("/what-if")
    page.get_by_label("Or begin with a material").select_option("lithium_metal_foil")
    page.get_by_role("button", name="Begin the plan").click()
    page.get_by_label("Step", exact=True).select_option("transfer")
    page.get_by_role("button", name="Describe it").click()
    page.get_by_label("Occurred at").fill("2030-01-01T10:00")
    page.get_by_label("Method").select_option("inert_gas_holder")
    page.get_by_label("Air exposure").fill("15")
    page.get_by_role("button", name="Add it to the plan").click()
    expect(page.locator("#steps + p + ol li")).to_have_count(1)
    expect(page.locator(".badge.bad").first).to_have_text("fail")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No step yet.")).to_be_visible()


def test_a_report_is_read_in_the_page_and_says_what_keeps_it_from_being_published(facility: Visitor):
    page = facility.open(f"{sample_of(facility)}/report")
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.get_by_role("heading", name="Methods paragraph")).to_be_visible()
    page.get_by_text("Show the whole report").click()
    expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    facility.complaints.clear()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("The report is incomplete")
    facility.complaints.clear()  # the refusal's own 409


def test_every_new_page_fits_a_phone_and_names_its_controls(facility: Visitor, chromium: Browser):
    sample = sample_of(facility)
    state = facility.context.storage_state()
    phone = Visitor(facility.url, chromium.new_context(viewport={"width": 360, "height": 740}, storage_state=state))
    for path in [*(f"/{room}" for room in ROOMS), *(f"{sample}{end}" for end in OF_SAMPLE)]:
        page = phone.open(path)
        assert sideways_px(page) <= 0, path
        expect(page.locator("h1"), path).to_have_count(1)
        assert nameless(page) == [], path
    phone.context.close()
    assert phone.complaints == []
