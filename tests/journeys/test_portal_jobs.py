"""Jobs and recipes by a person at a real browser: forms that answer, runs followed, tables, figures and graphs read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.portal import Visitor, founded, nameless, sideways_px
from tests.live import LiveService

pytestmark = pytest.mark.browser
SERIES = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
INPUT = "Clean tilt series, tilt axis along y"


@pytest.fixture(scope="module")
def facility(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Give a service with its administrator signed in and one readable tilt series."""
    with LiveService(tmp_path_factory.mktemp("service") / "data") as service:
        visitor = founded(service, chromium, project=("NMC-1", "Layered oxides"), sample=("Particle 7", "nmc"))
        visitor.page.get_by_role("link", name="Upload data").click()
        visitor.page.locator("#files").set_input_files([SERIES])
        visitor.page.get_by_role("link", name="See the dataset").click()
        expect(visitor.page.get_by_text("17.99").first).to_be_visible()
        yield visitor
        visitor.context.close()


def form(visitor: Visitor) -> Page:
    page = visitor.open("/methods/tomogram_sirt/run")
    page.get_by_label(INPUT).select_option(index=1)
    return page


def run(visitor: Visitor, iterations: str) -> str:
    """Run to the end and return the address of the job."""
    page = form(visitor)
    page.get_by_label("Iterations").fill(iterations)
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_role("link", name="See the result")).to_be_visible()
    return page.url.partition("?")[0]


def test_a_wrong_field_is_told_while_typing_and_forgotten_when_mended(facility: Visitor):
    facility.complaints.clear()
    page = form(facility)
    field = page.get_by_label("Iterations")
    field.fill("0")
    told = page.locator("[id='params.iterations-wrong']")
    expect(told).to_contain_text("1")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("20")
    expect(told).to_be_empty()
    expect(field).not_to_have_attribute("aria-invalid", "true")
    assert facility.complaints == []


def test_inputs_are_found_by_words_and_what_was_chosen_stays(facility: Visitor):
    page = form(facility)
    chosen = page.get_by_label(INPUT).input_value()
    search = page.get_by_role("searchbox").first
    search.fill("no such file")
    expect(page.locator("[id='inputs.projections-found']")).to_contain_text("Nothing of that name")
    assert page.get_by_label(INPUT).input_value() == chosen
    search.fill("etspy")
    expect(page.get_by_label(INPUT).locator("option", has_text="Particle 7")).to_have_count(1)
    search.press("Enter")
    assert page.url.endswith("/run")


def test_what_few_people_change_is_folded_away_until_it_is_changed(facility: Visitor):
    page = form(facility)
    expect(page.locator("[id='params.rotation_axis_px']")).to_be_hidden()
    page.locator("details.advanced > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[id='params.rotation_axis_px']")).to_be_visible()
    page.locator("[id='params.rotation_axis_px']").fill("-4")
    expect(page.locator("[id='params.rotation_axis_px-wrong']")).not_to_be_empty()


def test_time_and_memory_are_told_from_past_runs(facility: Visitor):
    page = form(facility)
    expect(page.locator("#estimate")).to_contain_text("unknown")
    for _ in range(3):
        run(facility, "12")
    page = form(facility)
    page.get_by_label("Iterations").fill("12")
    expect(page.locator("#estimate")).to_contain_text("3 past runs")
    expect(page.locator("#estimate")).to_contain_text("90 % interval")


def test_a_long_run_is_followed_and_finished_early(facility: Visitor):
    facility.complaints.clear()
    page = form(facility)
    page.get_by_label("Iterations").fill("10000")
    page.get_by_role("button", name="Start the job").click()
    expect(page.locator("[data-step]")).to_contain_text("of 10000")
    expect(page.locator("[data-measured]")).to_contain_text("Residual")
    expect(page.locator("[data-convergence] canvas")).to_be_visible()
    page.get_by_role("button", name="Finish early").click()
    expect(page.get_by_role("link", name="See the result")).to_be_visible()
    expect(page.get_by_role("heading", name="What it gave")).to_be_visible()
    expect(page.locator("[data-convergence] canvas")).to_be_visible()
    assert facility.complaints == []


def test_a_cancelled_job_is_tried_again(facility: Visitor):
    page = form(facility)
    page.get_by_label("Iterations").fill("10000")
    page.get_by_role("button", name="Start the job").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Try again").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_two_runs_are_compared_and_subtracted(facility: Visitor):
    facility.complaints.clear()
    run(facility, "5")
    run(facility, "25")
    page = facility.page
    page.get_by_role("link", name="Compare with another").click()
    page.get_by_label("Another of the same method").select_option(index=0)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("row", name="Iterations")).to_contain_text("25")
    page.get_by_role("button", name="Subtract B from A").click()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_text("Correlation of the two")).to_be_visible()
    assert facility.complaints == []


def test_many_datasets_are_run_over_at_once(facility: Visitor):
    page = facility.open("/methods/tomogram_fbp/batch")
    page.locator("[id='over'] input").first.check()
    page.get_by_role("searchbox").first.fill("nothing of the kind")
    expect(page.locator("[id='over-found']")).to_contain_text("No dataset of that name")
    expect(page.locator("[id='over'] input").first).to_be_checked()
    page.get_by_role("button", name="Start one for each").click()
    expect(page.get_by_role("status").first).to_contain_text("one for each dataset")


def test_every_control_has_a_name_and_no_name_twice(facility: Visitor):
    for path in ("/methods/tomogram_sirt/run", "/methods/eds_composition/batch", "/compare", "/jobs"):
        page = facility.open(path)
        assert nameless(page) == [], path


def test_an_alignment_shows_its_shifts_with_units_and_what_is_doubtful(facility: Visitor):
    facility.complaints.clear()
    page = facility.open("/datasets")
    page.get_by_role("link", name=SERIES.name).click()
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


def test_a_recipe_is_run_by_its_form_and_its_graph_fills_by_itself(facility: Visitor):
    facility.complaints.clear()
    page = facility.open("/recipes")
    page.get_by_role("link", name="Tilt series to particle").click()
    page.wait_for_url("**/recipes/tilt_series_to_particle*")
    assert nameless(page) == []
    page.get_by_role("link", name="Preset draft").click()
    expect(page.get_by_label("Iterations")).to_have_value("20")
    given = page.get_by_label("Tilt series")
    given.select_option(given.locator("option", has_text=SERIES.name).get_attribute("value"))
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
