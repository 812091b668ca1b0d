"""A sample is registered, labelled, found, treated and divided by a person who knows none of the service's words."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from app.portal.codes import QUIET_MODULES
from tests.journeys.portal import Visitor, founded, nameless, sideways_px
from tests.live import LiveService

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def facility(tmp_path_factory, chromium: Browser):
    """Found a facility with one sample; its page is left open."""
    with LiveService(tmp_path_factory.mktemp("samples") / "data", workers=0) as service:
        yield founded(service, chromium, project=("SEI", "SEI of lithium"), sample=("Foil 7", "lithium_metal_foil"))


@pytest.fixture
def page(facility: Visitor) -> Page:
    """Begin with the list of samples; whatever the browser complains of fails the test."""
    facility.complaints.clear()
    yield facility.open("/samples")
    assert facility.complaints == []


def test_what_is_usual_for_a_foil_is_one_click_away(page: Page):
    page.get_by_role("link", name="Foil 7").click()
    page.get_by_role("link", name="Add an event").click()
    expect(page.get_by_text("Usual for this kind of sample: foil.")).to_be_visible()
    expect(page.get_by_text("Metal foil smears")).to_be_hidden()
    page.get_by_text("unusual for foil; each may be recorded").click()
    expect(page.get_by_text("Metal foil smears")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Surface renewal")).click()
    page.get_by_label("Occurred at").fill("2026-10-01T08:00")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("status").first).to_contain_text("Event recorded")


def test_a_lift_out_registers_its_parts_in_one_form(page: Page):
    page.get_by_role("link", name="Foil 7").click()
    page.get_by_role("link", name="Split or lift out").click()
    page.get_by_label("Name, row 1").fill("Lamella A")
    page.get_by_label("What it is, row 1").select_option("lamella")
    page.get_by_label("Name, row 2").fill("Lamella B")
    page.get_by_label("What it is, row 2").select_option("lamella")
    page.get_by_label("Occurred at").fill("2026-10-02T08:00")
    page.get_by_label("Process").fill("lift-out")
    page.get_by_role("button", name="Register the parts").click()
    expect(page.get_by_role("status").first).to_contain_text("its parts are registered")
    page.get_by_role("link", name="Lamella A").first.click()
    expect(page.locator("ol.timeline").get_by_text("Surface renewal", exact=True)).to_be_visible()


def test_samples_are_narrowed_down_by_facets_and_seen_as_a_tree(page: Page):
    page.get_by_role("navigation", name="Narrow down").get_by_role("link", name=re.compile("Lamella")).click()
    expect(page.get_by_text("2 found")).to_be_visible()
    expect(page.get_by_role("link", name="Foil 7")).to_have_count(0)
    page.get_by_role("link", name="Show all samples").click()
    page.get_by_role("link", name="Tree").click()
    expect(page.locator(".tree .tree, .tree ul").first.get_by_role("link")).to_have_text(["Lamella A", "Lamella B"])


def test_a_printed_label_leads_to_its_sample(facility: Visitor, page: Page):
    page.get_by_role("link", name="Print labels").click()
    expect(page.locator("article.label")).to_have_count(3)
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_hidden()
    side = page.locator("svg.qr").first.evaluate("code => code.getBoundingClientRect().width")
    modules = int(page.locator("svg.qr").first.get_attribute("viewBox").split()[2])
    assert side / modules > 96 / 25.4 * 0.33, "a module on paper is a third of a millimetre or more: phones read it"
    assert modules > 2 * QUIET_MODULES
    page.emulate_media(media="screen")
    facility.open("/samples/by-code/LS-2026-0001")
    expect(page.get_by_role("heading", level=1)).to_have_text("Foil 7")


def test_every_page_about_samples_fits_a_phone_and_names_its_controls(facility: Visitor, page: Page):
    sample = page.get_by_role("link", name="Foil 7").get_attribute("href")
    page.set_viewport_size(PHONE)
    pages = ["/samples", "/samples/tree", "/samples/labels", "/upload", sample]
    for path in [*pages, f"{sample}/split", f"{sample}/events/new", f"{sample}/label"]:
        facility.open(path)
        assert sideways_px(page) <= 0, path
        assert nameless(page) == [], path
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_first_sign_of_a_history_is_drawn_whole_on_a_phone(facility: Visitor, page: Page):
    sample = page.get_by_role("link", name="Foil 7").get_attribute("href")
    page.set_viewport_size(PHONE)
    facility.open(sample)
    frame, sign = (page.locator(each).first.bounding_box() for each in ("[data-frame]", "circle.mark"))
    assert sign["x"] >= frame["x"]
    page.set_viewport_size({"width": 1280, "height": 900})
