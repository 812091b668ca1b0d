"""The walk of docs/first-hour.md: from the home page to a reconstructed volume with its dose, each click counted."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.portal import PASSWORD, Visitor
from tests.live import LiveService

pytestmark = pytest.mark.browser
SERIES = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
TILT_AXIS_DEG = "-79.2"
MOST = 12
PICTURES = os.environ.get("LITHOSCOPE_TEST_PICTURES", "")


class Walker:
    """A person who has never seen the portal: clicks are counted, fields are reached with Tab."""

    def __init__(self, visitor: Visitor) -> None:
        self.page: Page = visitor.page
        self.clicks = 0

    def click(self, thing: Locator) -> None:
        """Click once, and count it."""
        thing.click()
        self.clicks += 1

    def choose_file(self, button: Locator, path: Path) -> None:
        """Open the browser's list of files by a button and choose one."""
        with self.page.expect_file_chooser() as chooser:
            self.click(button)
        chooser.value.set_files(path)

    def keep(self, name: str) -> None:
        """Keep a picture of what is seen, where a folder for pictures is named."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"first-hour-{name}.png")


@pytest.fixture
def home(chromium: Browser, tmp_path: Path) -> Iterator[Visitor]:
    """Give the home page of a member of one project in which nothing has been done yet."""
    with LiveService(tmp_path / "data") as service:
        with service.administrator() as head:
            project = head.post("/projects", json={"code": "NMC-1", "title": "Layered oxides"}).json()
            person = {"login": "ada", "display_name": "Ada Curie", "password": PASSWORD}
            ada = head.post("/users", json=person).json()
            role = {"role": "analyst"}
            head.put(f"/projects/{project['id']}/members/{ada['id']}", json=role).raise_for_status()
        visitor = Visitor(service.url, chromium.new_context(viewport={"width": 1100, "height": 720}))
        visitor.sign_in("ada", PASSWORD)
        yield visitor
        visitor.context.close()


def test_twelve_clicks_lead_from_home_to_a_volume_with_its_dose(home: Visitor):
    walker = Walker(home)
    page = walker.page
    walker.keep("home")
    _reach_the_content(page)
    _register(walker)
    _upload(walker)
    _state_the_beam(walker)
    _reconstruct(walker)
    expect(page.get_by_role("heading", level=1)).to_have_text("Tomogram (SIRT)")
    expect(page.get_by_text("64 × 64 × 64").first).to_be_visible()
    beam = page.locator("section[aria-labelledby=beam]")
    expect(beam).to_contain_text("Dose of the series")
    expect(beam).to_contain_text("e/Å²")
    expect(beam).not_to_contain_text("unknown")
    beam.scroll_into_view_if_needed()
    walker.keep("volume")
    assert walker.clicks <= MOST
    assert home.complaints == []


def _reach_the_content(page: Page) -> None:
    """Three keys lead past the rooms: the first Tab offers to skip them."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def _register(walker: Walker) -> None:
    page = walker.page
    walker.click(page.get_by_role("link", name="Register a sample"))
    page.get_by_label("Name").fill("NMC811 needle")
    page.get_by_label("Material").select_option("nmc")
    walker.click(page.get_by_role("button", name="Register"))
    expect(page.get_by_role("heading", level=1)).to_have_text("NMC811 needle")


def _upload(walker: Walker) -> None:
    page = walker.page
    walker.click(page.get_by_role("link", name="Upload data"))
    walker.choose_file(page.get_by_role("button", name="Choose files"), SERIES)
    see = page.get_by_role("link", name="See the dataset")
    expect(see).to_be_visible()
    walker.keep("upload")
    walker.click(see)


def _state_the_beam(walker: Walker) -> None:
    """The header says beam energy, dwell time and step; current and moment are what a person adds."""
    page = walker.page
    expect(page.get_by_text("17.99").first).to_be_visible()
    walker.keep("dataset")
    walker.click(page.get_by_role("link", name="Record the dose"))
    page.locator("[name='occurred_at']").fill("2026-03-02T10:00")
    page.locator("[name='beam_current_nA.value']").fill("0.3")
    walker.keep("beam")
    walker.click(page.get_by_role("button", name="Record the exposure"))
    expect(page.get_by_role("heading", level=1)).to_have_text(SERIES.name)


def _reconstruct(walker: Walker) -> None:
    """No header says how the tilt axis lies: the form asks for it by name, and is quiet once it is answered."""
    page = walker.page
    walker.click(page.get_by_role("link", name="Tilt series to particle"))
    doubt = page.get_by_text("Nothing says how the tilt axis lies")
    expect(doubt).to_be_visible()
    walker.keep("recipe")
    axis = page.get_by_label("Direction of the tilt axis")
    axis.fill(TILT_AXIS_DEG)
    expect(doubt).to_be_hidden()
    walker.click(page.get_by_role("button", name="Run the recipe"))
    expect(page.get_by_role("heading", name="Methods paragraph")).to_be_visible()
    walker.keep("run")
    walker.click(page.get_by_role("link", name="Tomogram", exact=True))
