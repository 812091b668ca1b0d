"""A person lays volumes over each other, measures, and hands the view on."""

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from lithoscope import wording
from tests.journeys.portal import Visitor, nameless, sideways_px
from tests.journeys.viewed import HALF, OLD, SIDE, WHOLES, coarse, fine, of_another_program, of_each_kind
from tests.journeys.volumes import published

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seen(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, list[str]]]:
    """Give a visitor and the ids of four results."""
    made = [fine(), coarse(), of_each_kind(), of_another_program]
    with published(chromium, tmp_path_factory.mktemp("service"), made) as found:
        yield found


def settled(page: Page) -> None:
    """Wait until every plane stands at the level it should, and the place is said."""
    page.wait_for_selector("[data-slices][data-state=settled]")
    expect(page.locator("[data-slices] .viewer-status").first).to_contain_text(". ")


def drag(page: Page, plane: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over a plane between two places, as shares of its sides."""
    canvas = page.locator(f"canvas[aria-label*='plane {plane};']:visible").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=4)
    page.mouse.up()


def colour(page: Page, plane: str, place: tuple[float, float]) -> list[int]:
    """Return red, green, blue and opacity that a plane has at a place."""
    return page.locator(f"canvas[aria-label*='plane {plane};']:visible").first.evaluate(
        """(canvas, [x, y]) => [...canvas.getContext("2d")
          .getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data]""",
        list(place),
    )


def test_volumes_of_other_voxels_lie_where_they_are_and_over_each_other(seen):
    visitor, (first, second, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume&show={second}/manganese")
    settled(page)
    status = page.locator(".viewer-status")
    expect(status).to_contain_text("Tomogram 35 counts; Manganese 7.5 at%")
    page.get_by_label("x", exact=False).first.fill("60")
    page.locator(".slider input").nth(2).fill("60")
    expect(status).to_contain_text("x 60: 295 nm. Tomogram 59 counts; Manganese no value")
    page.get_by_label("Shown").select_option("over")
    settled(page)
    grey = colour(page, "xy", (0.2, 0.2))
    assert grey[0] != grey[1], "the coloured map does not lie over the grey one"
    page.get_by_label("Opacity of Manganese").fill("0")
    grey = colour(page, "xy", (0.2, 0.2))
    assert grey[0] == grey[1] == grey[2]
    assert nameless(page) == []
    assert visitor.complaints == []


def test_a_link_restores_the_view(seen):
    visitor, (first, second, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume&show={first}/classes&show={second}/manganese")
    settled(page)
    page.get_by_label("Shown").select_option("over")
    page.get_by_label("Blending of Manganese").select_option("lighter")
    page.get_by_label("Opacity of Classes").fill("0.25")
    page.get_by_label("Lower limit of Tomogram").fill("10")
    page.get_by_label("Lower limit of Tomogram").press("Enter")
    page.get_by_label("Colour map of Tomogram").select_option("cividis")
    page.get_by_label("2: unnamed").uncheck()
    page.get_by_label("Draw a line").check()
    drag(page, "xy", (0.25, 0.5), (0.75, 0.5))
    page.get_by_label("Look closer").click()
    page.locator(".slider input").first.fill("11")
    expect(page.locator(".viewer-status")).to_contain_text("z 11: 50 nm")
    length = page.get_by_text("Length 1")
    expect(length).to_be_visible()
    link, said, shown = page.url, length.text_content(), colour(page, "xy", (0.3, 0.7))
    page.goto("about:blank")
    page.goto(link)
    settled(page)
    expect(page.locator(".viewer-status")).to_contain_text("z 11: 50 nm")
    expect(page.get_by_label("Shown")).to_have_value("over")
    expect(page.get_by_label("Blending of Manganese")).to_have_value("lighter")
    expect(page.get_by_label("Opacity of Classes")).to_have_value("0.25")
    expect(page.get_by_label("Lower limit of Tomogram")).to_have_value("10")
    expect(page.get_by_label("Colour map of Tomogram")).to_have_value("cividis")
    expect(page.get_by_label("2: unnamed")).not_to_be_checked()
    expect(page.get_by_text("Length 1")).to_have_text(str(said))
    assert colour(page, "xy", (0.3, 0.7)) == shown
    assert visitor.complaints == []


def test_a_line_is_measured_in_nanometres_and_its_values_are_those_of_the_voxels(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume")
    settled(page)
    plane = page.get_by_label("Tomogram, plane xy; arrow keys move the place")
    plane.focus()
    page.keyboard.press("a")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("b")
    expect(page.get_by_text("Length 100 nm, from z 180 nm, y 180 nm, x 180 nm to")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the numbers as CSV").click()
    rows = saved.value.path().read_text().splitlines()
    numbers = [[float(each) for each in row.split(",")] for row in rows if row[:1].isdigit()]
    assert numbers[0] == [0, HALF]
    assert numbers[-1] == [100, HALF + 20]
    assert len(numbers) == 21
    assert visitor.complaints == []


def test_a_box_a_label_and_a_shell_are_summed_up_from_the_values_as_measured(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume&show={first}/classes&show={first}/depth")
    settled(page)
    cells = page.locator(".tool table tbody tr").first.locator("td")
    page.get_by_label("Draw a box").check()
    drag(page, "xy", (0.25, 0.25), (0.5, 0.5))
    expect(page.get_by_text("The box measures z 5 nm, y 9")).to_be_visible()
    expect(cells.nth(0)).to_have_text("324")
    expect(cells.nth(2)).to_have_text("26.5")
    for axis, (low, high) in {"z": (0, 71), "y": (0, 71), "x": (10, 11)}.items():
        page.get_by_label(f"From {axis} [voxel]").fill(str(low))
        page.get_by_label(f"To {axis} [voxel]").fill(str(high))
        page.get_by_label(f"To {axis} [voxel]").press("Tab")
    page.get_by_role("button", name="Compute").click()
    expect(cells.nth(2)).to_have_text("10.5")
    page.get_by_label("Region of").select_option("label")
    page.get_by_label("Label", exact=True).fill("1")
    page.get_by_role("button", name="Compute").click()
    expect(cells.nth(0)).to_have_text(wording.number(SIDE * SIDE * HALF))
    expect(cells.nth(2)).to_have_text("35.5")
    page.get_by_label("Region of").select_option("shell")
    page.get_by_label("From depth [nm]").fill("10")
    page.get_by_label("To depth [nm]").fill("20")
    page.get_by_role("button", name="Compute").click()
    expect(cells.nth(0)).to_have_text(wording.number(SIDE * SIDE * HALF))
    expect(page.locator(".tool table tbody tr").nth(2).locator("td").nth(2)).to_have_text("15")
    assert visitor.complaints == []


def test_a_link_brings_back_the_region_and_its_numbers_for_a_shell_a_label_and_a_box(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume&show={first}/classes&show={first}/depth")
    settled(page)
    rows = page.locator(".tool table tbody tr")
    page.get_by_text("Region statistics").click()

    def handed_on(fields: dict[str, str], kind: str, words: str) -> None:
        page.get_by_label("Region of").select_option(kind)
        for name, value in fields.items():
            page.get_by_label(name, exact=True).fill(value)
            page.get_by_label(name, exact=True).press("Tab")
        page.get_by_role("button", name="Compute").click()
        expect(page).to_have_url(re.compile(words))
        expect(page.get_by_role("button", name="Compute")).to_be_enabled()
        said = rows.all_inner_texts()
        link = page.url
        page.goto("about:blank")
        page.goto(link)
        expect(page.get_by_label("Region of")).to_have_value(kind)
        for name, value in fields.items():
            expect(page.get_by_label(name, exact=True)).to_have_value(value)
        expect(rows).to_have_text([re.compile(re.escape(each.split("\t")[0])) for each in said])
        assert rows.all_inner_texts() == said

    deep = {"From depth [nm]": "10", "To depth [nm]": "20"}
    handed_on(deep, "shell", r"region=shell~10~20")
    expect(rows.nth(2).locator("td").nth(2)).to_have_text("15")
    handed_on({"Label": "2"}, "label", r"region=label~2")
    expect(rows.nth(1).locator("td").nth(2)).to_have_text("2")
    ends = {"z": (3, 5), "y": (0, 71), "x": (10, 11)}
    box = {f"{end} {axis} [voxel]": str(ends[axis][k]) for axis in "zyx" for k, end in enumerate(("From", "To"))}
    handed_on(box, "box", r"box=12\.5,-2\.5,47\.5,27\.5,357\.5,57\.5")
    expect(rows.nth(0).locator("td").nth(2)).to_have_text("10.5")
    assert visitor.complaints == []


def test_numbers_of_a_region_are_asked_for_again_when_the_service_is_busy(seen):
    visitor, (first, *_) = seen
    page = visitor.page
    busy = {"status": 503, "headers": {"Retry-After": "0"}, "json": {"title": "Many statistics are being taken"}}
    page.route("**/statistics?*", lambda route: route.fulfill(**busy), times=2)
    visitor.open(f"/viewer?show={first}/volume#box=12.5,-2.5,47.5,27.5,357.5,57.5")
    expect(page.locator(".tool table tbody tr td").nth(2)).to_have_text("10.5")
    told = [said for said in visitor.complaints if "503" not in said]
    visitor.complaints.clear()
    assert told == []


def test_what_stands_at_the_place_says_where_it_comes_from(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume")
    settled(page)
    page.get_by_label("Tomogram, plane xy; arrow keys move the place").focus()
    page.keyboard.press("i")
    told = page.locator(".voxel")
    expect(told).to_contain_text("36\u00a0counts")
    expect(told).to_contain_text("Dose of the seriesunknown")
    made_by = told.get_by_role("link", name="Segmentation by thresholds")
    expect(made_by).to_have_attribute("href", re.compile("^/jobs/job_"))
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("37\u00a0counts")
    told.get_by_role("link", name="trace the place to the cell").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Where “Tomogram” comes from")
    assert visitor.complaints == []


def test_classes_are_hidden_one_by_one(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/classes")
    settled(page)
    orange, blue = colour(page, "xy", (0.3, 0.2)), colour(page, "xy", (0.3, 0.8))
    assert orange[:3] == [230, 159, 0]
    assert orange[3] == blue[3] == 255
    page.get_by_label("1: unnamed").uncheck()
    assert colour(page, "xy", (0.3, 0.2))[3] == 0
    assert colour(page, "xy", (0.3, 0.8)) == blue
    expect(page.get_by_role("link", name="Say what a label is")).to_have_attribute("href", f"/results/{first}/labels")
    assert visitor.complaints == []


def test_a_class_is_called_what_people_said_it_is(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/results/{first}/labels")
    page.get_by_label("Label", exact=True).fill("1")
    page.get_by_label("Phase it is").fill("Li2O")
    page.get_by_role("button", name="Say it").click()
    page = visitor.open(f"/viewer?show={first}/classes#at=36,5,36")
    settled(page)
    expect(page.get_by_label("1: Li2O")).to_be_checked()
    expect(page.locator(".viewer-status")).to_contain_text("Classes 1 (Li2O)")
    assert visitor.complaints == []


def test_planes_come_from_the_copy_for_viewers_and_values_from_the_volume_itself(seen):
    visitor, (first, *_) = seen
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visitor.open(f"/viewer?show={first}/volume")
    settled(page)
    expect(page.locator(".viewer-status")).to_contain_text("Tomogram 36 counts")
    assert any("/outputs/volume/display/0/c/" in url for url in asked)
    assert any("/outputs/volume/zarr/0/c/" in url for url in asked)
    assert visitor.complaints == []


def test_a_view_pasted_into_the_address_is_taken_over(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume")
    settled(page)
    page.evaluate("location.hash = 'at=1,2,3'")
    expect(page.locator(".viewer-status")).to_contain_text("z 1: 5 nm, y 2: 10 nm, x 3: 15 nm. Tomogram 3 counts")
    assert visitor.complaints == []


def test_a_picture_is_kept_with_its_scale(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume")
    settled(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save a picture").click()
    assert saved.value.suggested_filename == "Tomogram.png"
    picture = Image.open(io.BytesIO(saved.value.path().read_bytes())).convert("RGB")
    below = np.asarray(picture.crop((16, 600, 600, 656)))
    assert picture.width > 3 * 600
    assert (below == 255).all(axis=2).sum() > 200, "no white bar"
    assert visitor.complaints == []


def test_numbers_of_every_kind_are_read(seen):
    visitor, (_, _, third, _) = seen
    page = visitor.open(f"/results/{third}")
    settled(page)
    for name in WHOLES:
        expect(page.get_by_role("region", name=name, exact=True).locator(".map-head .number")).to_have_text("1 counts")
    assert visitor.complaints == []


def test_files_of_another_program_are_read_where_they_lie(seen):
    visitor, (*_, fourth) = seen
    page = visitor.open(f"/viewer?show={fourth}/old")
    settled(page)
    middle = OLD[3, 4, 5]
    expect(page.locator(".viewer-status")).to_contain_text(f"x 5: 150 nm. Old export {middle} counts")
    page.locator(".slider input").nth(2).fill("9")
    expect(page.locator(".viewer-status")).to_contain_text(f"x 9: 190 nm. Old export {OLD[3, 4, 9]} counts")
    missed = [said for said in visitor.complaints if "404" not in said]  # which version it is, is found by asking
    visitor.complaints.clear()
    assert missed == []


def test_pixels_of_unknown_size_are_not_laid_over_nanometres(seen):
    visitor, (first, second, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume&show={second}/bare&show={second}/series")
    expect(page.locator("[data-slices]")).to_have_count(3)
    expect(page.locator(".viewer-status").nth(1)).to_contain_text("pixel size unknown")
    tilts = page.locator(".viewer-status").nth(2)
    expect(tilts).to_contain_text("tilt 0° (2 of 3)")
    expect(tilts).to_contain_text("1 counts")
    assert visitor.complaints == []


def test_the_limits_are_dragged_in_the_histogram(seen):
    visitor, (first, *_) = seen
    page = visitor.open(f"/viewer?show={first}/volume")
    settled(page)
    chart = page.get_by_label("Histogram of Tomogram", exact=False)
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 20, steps=3)
    page.mouse.up()
    low = float(page.get_by_label("Lower limit of Tomogram").input_value())
    assert SIDE / 2 - 3 < low < SIDE / 2 + 3
    page.get_by_label("Gamma of Tomogram").fill("-0.6")
    expect(page.locator(".look-more .look-row output")).to_have_text("0.501")
    assert visitor.complaints == []


def test_a_volume_is_added_from_a_list_and_the_view_stays(seen):
    visitor, (first, second, *_) = seen
    page = visitor.open("/viewer")
    page.get_by_label("Volume, image or tilt series").select_option(f"{first}/volume")
    page.get_by_role("button", name="Look at it").click()
    settled(page)
    page.locator(".slider input").first.fill("5")
    expect(page.locator(".viewer-status")).to_contain_text("z 5: 25 nm")
    page.wait_for_url("**at=5,**")
    page.get_by_label("Add another volume").select_option(f"{second}/manganese")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".viewer-status")).to_contain_text("Manganese 7.5 at%")
    expect(page.locator(".viewer-status")).to_contain_text("z 5:")
    page.get_by_role("link", name="Take it away: Tomogram").click()
    expect(page.get_by_role("region", name="Tomogram")).to_have_count(0)
    assert visitor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_stands_beyond_the_edge(seen, scheme: str):
    visitor, (first, second, *_) = seen
    page = visitor.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    for end in ("", "#over=1&at=5,5,5"):
        page = visitor.open(f"/viewer?show={first}/volume&show={first}/classes&show={second}/manganese{end}")
        settled(page)
        assert sideways_px(page) <= 0
        page.goto("about:blank")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    assert visitor.complaints == []
