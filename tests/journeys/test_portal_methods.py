"""A person chooses a preset, and reads tables, figures and warnings of what a method made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.portal import Visitor, founded, nameless
from tests.live import LiveService

pytestmark = pytest.mark.browser
SERIES = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


@pytest.fixture(scope="module")
def facility(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Give a fresh service with its first administrator signed in, and the real tilt series read."""
    with LiveService(tmp_path_factory.mktemp("service") / "data") as service:
        visitor = founded(service, chromium, project=("NMC-1", "Layered oxides"), sample=("NMC811 lamella 7", "nmc"))
        page = visitor.open("/samples")
        page.get_by_role("link", name="NMC811 lamella 7").click()
        page.get_by_role("link", name="Upload data").click()
        page.locator("#files").set_input_files(SERIES)
        page.get_by_role("link", name="See the dataset").click()
        expect(page.get_by_text("17.99").first).to_be_visible()
        visitor.complaints.clear()
        yield visitor
        visitor.context.close()


def test_an_alignment_shows_its_shifts_with_units_and_what_is_doubtful(facility: Visitor):
    page = facility.page
    page.get_by_role("link", name="Tilt series: align").click()
    expect(page.get_by_label("Preset")).to_be_visible()
    assert nameless(page) == []
    page.get_by_label("Preset").select_option("paper")
    page.get_by_role("button", name="Start the job").click()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_text("Tilt axis unknown").first).to_be_visible()
    page.get_by_text("Rows", exact=True).first.click()
    expect(page.get_by_role("columnheader", name="[px]").first).to_be_visible()
    expect(page.locator("dl", has_text="Dilation").first).to_contain_text("0 px")
    page.get_by_role("link", name="Tomogram (GENFIRE)").click()
    page.get_by_label("Iterations").fill("8")
    page.get_by_role("button", name="Start the job").click()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_text("R free: error at withheld points")).to_be_visible()
    page.get_by_text("Rows", exact=True).first.click()
    expect(page.locator("[data-table] tbody tr").first).to_be_visible()
    expect(page.get_by_text("Tilt axis unknown").first).to_be_visible()
    assert nameless(page) == []
    assert facility.complaints == []
