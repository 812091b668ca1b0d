"""From the one-time link to a reconstructed volume, by a person at a real browser."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.portal import Visitor, founded_by_its_pages, nameless, sideways_px
from tests.live import LiveService, wait_for

pytestmark = pytest.mark.browser
SERIES = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
PROBE = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
ROOMS = (
    "",
    "projects",
    "projects/new",
    "samples",
    "samples/new",
    "datasets",
    "upload",
    "jobs",
    "results",
    "methods",
    "methods/tomogram_sirt",
    "methods/tomogram_sirt/run",
    "instruments",
    "instruments/new",
    "account",
    "people",
    "people/new",
    "audit",
    "audit/verification",
)
SAMPLE_FORMS = (
    "edit",
    "events/new",
    "events/new?type=fib_milling",
    "events/new?type=transfer",
    "exposures/new",
    "exposures/new?mode=stem_raster",
)


@pytest.fixture(scope="module")
def facility(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Give a fresh service with its first administrator signed in, a project and a sample."""
    with LiveService(tmp_path_factory.mktemp("service") / "data") as service:
        visitor = founded_by_its_pages(
            service, chromium, project=("NMC-1", "Layered oxides"), sample=("NMC811 lamella 7", "nmc")
        )
        yield visitor
        visitor.context.close()


def to_sample(visitor: Visitor):
    page = visitor.open("/samples")
    page.get_by_role("link", name="NMC811 lamella 7").click()
    return page


def send(visitor: Visitor, *files: Path):
    page = to_sample(visitor)
    page.get_by_role("link", name="Upload data").click()
    page.locator("#files").set_input_files(files)
    return page


def test_a_tilt_series_becomes_a_volume(facility: Visitor):
    facility.complaints.clear()
    page = send(facility, SERIES)
    page.get_by_role("link", name="See the dataset").click()
    expect(page.get_by_text("17.99").first).to_be_visible()
    expect(page.get_by_role("row", name="Beam current")).to_contain_text("unknown")
    page.locator("[data-slices]").first.scroll_into_view_if_needed()
    expect(page.locator("[data-slices]").first).to_have_attribute("data-state", "settled")
    page.get_by_role("link", name="Tomogram (SIRT)").click()
    page.get_by_label("Iterations").fill("30")
    page.get_by_role("button", name="Start the job").click()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tomogram (SIRT)")
    expect(page.get_by_text("64 × 64 × 64").first).to_be_visible()
    expect(page.locator(".slices img")).to_have_count(3)
    for address in page.locator("a[download]").evaluate_all("links => links.map(link => link.href)"):
        assert facility.context.request.get(address).status == 200
    assert facility.complaints == []


def test_a_better_calibration_is_read_into_the_file(facility: Visitor):
    page = facility.open("/datasets?q=etspy")
    page.get_by_role("link", name=SERIES.name).click()
    page.get_by_text("Correct a calibration value").click()
    page.locator("#name").select_option("pixel_size_nm")
    page.locator("#value").fill("18.2")
    page.locator("#reason").fill("cross grating, 2026-03-02")
    page.get_by_role("button", name="Save the value").click()
    expect(page.get_by_text("Step along y, x")).to_be_visible()
    expect(page.locator("dl.facts").first).to_contain_text("18.2")
    expect(page.locator("dl.facts .source.user").first).to_be_visible()


def test_a_large_file_goes_on_where_a_cut_connection_stopped_it(facility: Visitor, tmp_path: Path):
    facility.complaints.clear()
    content = os.urandom(20 * 1024 * 1024)
    path = tmp_path / "large.dat"
    path.write_bytes(content)
    seen: list[str] = []

    def cut_the_second(route):
        seen.append(route.request.headers.get("upload-offset", ""))
        route.abort() if len(seen) == 2 else route.continue_()

    facility.page.route(
        "**/api/v1/uploads/*",
        lambda route: cut_the_second(route) if route.request.method == "PATCH" else route.continue_(),
    )
    page = send(facility, path)
    expect(page.get_by_text("Trying again in")).to_be_visible()
    expect(page.get_by_role("link", name="See the dataset")).to_be_visible()
    page.unroute("**/api/v1/uploads/*")
    eight = 8 * 1024 * 1024
    assert seen == [str(offset) for offset in (0, eight, eight, 2 * eight)]
    stored = facility.context.request.get(f"{facility.url}/api/v1/datasets?q=large").json()["items"][0]
    assert stored["sha256"] == hashlib.sha256(content).hexdigest()
    assert [said for said in facility.complaints if "ERR_FAILED" not in said] == []


def test_what_cannot_be_read_says_why(facility: Visitor, tmp_path: Path):
    path = tmp_path / "broken.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(2000))
    page = send(facility, path)
    page.get_by_role("link", name="See the dataset").click()
    expect(page.get_by_text("rejected").first).to_be_visible()
    expect(page.get_by_text("/problems/")).to_be_visible()


def test_a_long_job_is_watched_and_finished_early(facility: Visitor):
    page = facility.open("/methods/tomogram_sirt/run")
    page.get_by_label("Clean tilt series, tilt axis along y").select_option(index=1)
    page.get_by_label("Iterations").fill("10000")
    page.get_by_role("button", name="Start the job").click()
    expect(page.locator("[data-step]")).to_contain_text("of 10000")
    expect(page.locator("[data-convergence] .plot-stage canvas")).to_be_visible()
    page.get_by_role("button", name="Finish early").click()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_text("This run was finished early")).to_be_visible()


def test_a_job_is_cancelled(facility: Visitor):
    page = facility.open("/methods/tomogram_sirt/run")
    page.get_by_label("Clean tilt series, tilt axis along y").select_option(index=1)
    page.get_by_label("Iterations").fill("10000")
    page.get_by_role("button", name="Start the job").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def pages_of(visitor: Visitor) -> list[str]:
    """Name a page of every kind."""
    found = [f"/{room}" for room in ROOMS]
    for room in ("samples", "datasets", "jobs", "results", "projects"):
        items = visitor.context.request.get(f"{visitor.url}/api/v1/{room}").json()["items"]
        found += [f"/{room}/{items[0]['id']}"]
        if room == "samples":
            found += [f"/samples/{items[0]['id']}/{form}" for form in SAMPLE_FORMS]
    return found


def test_a_phone_sees_every_page_without_sideways_scrolling(facility: Visitor, chromium: Browser):
    state = facility.context.storage_state()
    phone = Visitor(facility.url, chromium.new_context(viewport={"width": 360, "height": 740}, storage_state=state))
    for path in pages_of(facility):
        page = phone.open(path)
        assert sideways_px(page) <= 0, path
    phone.context.close()
    assert phone.complaints == []


def test_the_keyboard_reaches_content_and_form(facility: Visitor):
    page = facility.open("/samples/new")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_label("Project").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Name")).to_be_focused()
    assert page.get_by_label("Name").evaluate("box => getComputedStyle(box).outlineStyle") == "solid"


def test_names_made_to_do_harm_stay_names(facility: Visitor, tmp_path: Path):
    facility.complaints.clear()
    facility.page.on("dialog", lambda dialog: facility.complaints.append(dialog.message))
    page = facility.open("/samples/new")
    page.get_by_label("Name").fill(PROBE)
    page.get_by_label("Material").select_option("other")
    page.get_by_label("Cell history").fill(PROBE)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PROBE)
    path = tmp_path / "<img src=x onerror=alert(1)>.h5"
    path.write_bytes(b"not HDF5 at all")
    send(facility, path)
    page.get_by_role("link", name="See the dataset").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(path.name)
    for address in ("/", "/samples", "/datasets", "/upload"):
        facility.open(address)
    assert facility.complaints == []


def test_without_scripts_a_job_is_started_and_seen_by_loading_again(facility: Visitor, chromium: Browser):
    state = facility.context.storage_state()
    plain = Visitor(facility.url, chromium.new_context(java_script_enabled=False, storage_state=state))
    page = plain.open("/methods/tilt_series_subset/run")
    page.get_by_label("Tilt series").first.select_option(index=1)
    page.get_by_role("button", name="Start the job").click()
    page.wait_for_url("**/jobs/job_*")
    see = page.get_by_role("link", name="See the result")
    wait_for(lambda: page.reload() and see.count(), step_s=0.5)
    see.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tilt series: choose tilts")
    plain.context.close()


def test_every_page_has_one_heading_names_for_all_controls_and_no_name_twice(facility: Visitor):
    for path in pages_of(facility):
        page = facility.open(path)
        expect(page.locator("h1"), path).to_have_count(1)
        assert nameless(page) == [], path
        assert page.title().endswith("Lithoscope"), path
