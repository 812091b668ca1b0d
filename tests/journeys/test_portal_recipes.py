"""A person runs a recipe by its form and watches its graph fill, on a desk and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.portal import Visitor, founded, nameless, sideways_px
from tests.live import LiveService

pytestmark = pytest.mark.browser
SERIES = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


@pytest.fixture(scope="module")
def facility(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Give a fresh service with its first administrator signed in, and the real tilt series read."""
    with LiveService(tmp_path_factory.mktemp("service") / "data") as service:
        visitor = founded(service, chromium, project=("NMC-1", "Layered oxides"), sample=("NMC811 lamella 7", "nmc"))
        page = visitor.page
        page.get_by_role("link", name="Upload data").click()
        page.locator("#files").set_input_files(SERIES)
        page.get_by_role("link", name="See the dataset").click()
        expect(page.get_by_text("17.99").first).to_be_visible()
        visitor.complaints.clear()
        yield visitor
        visitor.context.close()


def test_a_recipe_is_run_by_its_form_and_its_graph_fills_by_itself(facility: Visitor):
    page = facility.open("/recipes")
    page.get_by_role("link", name="Tilt series to particle").click()
    page.wait_for_url("**/recipes/tilt_series_to_particle*")
    assert nameless(page) == []
    page.get_by_role("link", name="Preset draft").click()
    expect(page.get_by_label("Iterations")).to_have_value("20")
    page.get_by_label("Tilt series").select_option(index=1)
    page.get_by_role("button", name="Run the recipe").click()
    expect(page.locator("svg.graph rect.step.succeeded")).to_have_count(6)
    expect(page.get_by_role("link", name="Particle, succeeded")).to_be_visible()
    expect(page.get_by_role("link", name="Particle and its surroundings")).to_be_visible()
    assert nameless(page) == []
    assert facility.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_stands_beyond_the_edge(facility: Visitor, scheme: str):
    page = facility.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/recipes", "/recipes/tilt_series_to_particle", "/recipe-runs"):
        facility.open(path)
        assert sideways_px(page) <= 0, path
    page.get_by_role("link", name="Tilt series to particle").first.click()
    page.wait_for_url("**/recipe-runs/run_*")
    assert sideways_px(page) <= 0
