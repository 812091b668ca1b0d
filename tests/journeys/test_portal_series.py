"""A person watches a series grow: its page follows each tilt, what is run is chosen, it is closed; desk and phone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lithoscope.client import Client
from lithoscope.client.series import Series
from lithoscope.client.simulator.formats import Acquisition, tiff
from tests.journeys.portal import Visitor, nameless, sideways_px
from tests.live import LOGIN, PASSWORD, LiveService, first_token, made

pytestmark = pytest.mark.browser


@dataclass
class Growing:
    """A visitor, and the program that adds tilts to a series of a sample."""

    visitor: Visitor
    client: Client
    folder: Path
    series: Series

    def add(self, *numbers: int) -> None:
        """Send tilts and add them."""
        for number in numbers:
            begun = datetime(2026, 11, 22, tzinfo=UTC)
            shot = Acquisition(str(number), begun, side_px=24, tilt_deg=30.0 * (number - 3))
            path = self.folder / f"tilt_{number:03}.tif"
            path.write_bytes(tiff(shot))
            self.series.add(self.client.upload(path, sample=str(self.series.sample_id)), number)


@pytest.fixture(scope="module")
def growing(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Growing]:
    """Give a facility whose administrator looks at pages, and a series without a part."""
    folder = tmp_path_factory.mktemp("series")
    with LiveService(folder / "data", sweep_s=1) as service:
        token = first_token(service.url, service.setup_code)
        with service.client(token) as http:
            project = made(http, "/projects", {"code": "NMC-1", "title": "Layered oxides"})["id"]
        with Client(service.url, token, progress=False) as client:
            sample = client.samples.create("NMC811 needle", project=project, material="nmc")
            series = client.start_series(sample, "needle 3", every=3)
            visitor = Visitor(service.url, chromium.new_context(viewport={"width": 1280, "height": 900}))
            visitor.sign_in(LOGIN, PASSWORD)
            yield Growing(visitor, client, folder, series)
        visitor.context.close()


def test_a_series_is_followed_from_its_first_tilt_to_its_last_result(growing: Growing):
    page = growing.visitor.open("/series?state=failed")
    expect(page.get_by_text("No series fits")).to_be_visible()
    page.get_by_role("link", name="Show all series").click()
    page.get_by_role("link", name="needle 3").click()
    expect(page.get_by_text("No part yet: the collector")).to_be_visible()
    assert nameless(page) == []
    page.get_by_role("link", name="Choose what is run").click()
    page.get_by_label("Method").select_option("tomogram_sirt")
    page.get_by_role("button", name="Go on with this method").click()
    page.get_by_label("Iterations").fill("2")
    page.get_by_role("button", name="Run this while it grows").click()
    expect(page.get_by_role("status")).to_contain_text("From the next refresh on")
    growing.add(1, 2, 3, 5)  # the page is not touched from here on
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_role("img", name="4 parts from −90 to 90°")).to_be_visible()
    expect(page.locator("dd").filter(has_text="as far as it has come")).to_contain_text("4")
    expect(page.get_by_role("link", name="Open in the viewer")).to_be_visible()
    expect(page.get_by_role("img", name="Newest result")).to_be_visible()
    expect(page.get_by_text("begun from nothing")).to_be_visible()
    growing.add(4, 6)
    expect(page.locator("svg line.readable")).to_have_count(6)
    assert nameless(page) == []
    page.reload()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Parts it has").fill("6")
    page.get_by_role("button", name="Close the series").click()
    expect(page.get_by_text("the last, begun from nothing")).to_be_visible()
    expect(page.locator(".badge").get_by_text("sealed")).to_be_visible()
    assert growing.visitor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_stands_beyond_the_edge(growing: Growing, scheme: str):
    page = growing.visitor.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    of_sample = f"/samples/{growing.series.sample_id}/series"
    for path in ("/series", f"/series/{growing.series.id}", of_sample, f"{of_sample}/new"):
        growing.visitor.open(path)
        assert sideways_px(page) <= 0, path
