"""What the viewer draws and measures, held against numpy: voxels that are no cubes, files of other programs, links."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from scipy import ndimage

from lithoscope import wording
from tests.journeys.measured import (
    COARSE,
    COARSE_STEPS,
    COUNTS,
    STEPS,
    VOLUME,
    coarser,
    of_another_program,
    of_the_service,
)
from tests.journeys.portal import Visitor, nameless
from tests.journeys.volumes import published

pytestmark = pytest.mark.browser
PLAIN = "1~source-over~gray~0~255~1~"


@pytest.fixture(scope="module")
def seen(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, list[str]]]:
    """Give a visitor and the ids of three results."""
    with published(
        chromium, tmp_path_factory.mktemp("service"), [of_the_service(), of_another_program, coarser()]
    ) as found:
        yield found


def opened(visitor: Visitor, path: str) -> Page:
    visitor.page.goto("about:blank")
    page = visitor.open(path)
    page.wait_for_selector("[data-slices][data-state=settled]")
    expect(page.locator("[data-slices] .viewer-status").first).to_contain_text(". ")
    return page


def forgiven(visitor: Visitor) -> list[str]:
    """Return the complaints but those about a file of another version: it is found by asking, and summed up nowhere."""
    said = [each for each in visitor.complaints if "404" not in each and "422" not in each]
    visitor.complaints.clear()
    return said


def bright(page: Page, label: str, at: tuple[float, float]) -> list[float]:
    """Return where what is bright begins and ends on the row and on the column through a place, in shares."""
    found: list[float] = page.get_by_label(f"{label}, plane xy; arrow keys move the place", exact=True).evaluate(
        """(canvas, [x, y]) => {
          const { width, height } = canvas;
          const pen = canvas.getContext("2d");
          const ends = (data, length) => {
            const is = Array.from({ length }, (_, k) => data[4 * k] > 200);
            const begin = Math.round(length * 0.1);
            const first = is.indexOf(true, begin);
            return [first / length, is.indexOf(false, first) / length];
          };
          return [...ends(pen.getImageData(0, Math.floor(y * height), width, 1).data, width),
            ...ends(pen.getImageData(Math.floor(x * width), 0, 1, height).data, height)];
        }""",
        list(at),
    )
    return found


def test_one_place_stands_at_one_place_in_volumes_of_other_voxels_and_origins(seen):
    visitor, (first, second, _) = seen
    page = opened(visitor, f"/viewer?show={first}/volume&show={second}/other#at=20,1,1&full=1&m0={PLAIN}&m1={PLAIN}")
    wanted = [30 / 90, 40 / 90, 60 / 146, 80 / 146]  # the frame reaches from -0.5 to 89.5 nm and from -1 to 145 nm
    for name in ("Tomogram", "Other"):
        assert bright(page, name, (0.39, 0.48)) == pytest.approx(wanted, abs=0.004), name
    page.locator(".slider input").nth(1).fill("35")
    page.locator(".slider input").nth(2).fill("35")
    expect(page.locator(".viewer-status")).to_contain_text("y 35: 70 nm, x 35: 35 nm. Tomogram 230 counts; Other 230")
    assert forgiven(visitor) == []


def click(page: Page, plane: str, place: tuple[float, float]) -> None:
    canvas = page.get_by_label(f"Tomogram, plane {plane}; arrow keys move the place", exact=True)
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": place[0] * box["width"], "y": place[1] * box["height"]})


def cross(page: Page) -> list[float]:
    """Return where the cross stands on the plane xy, in shares: what is brightest beside the names and the bar."""
    found: list[float] = page.get_by_label("Tomogram, plane xy; arrow keys move the place", exact=True).evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const pen = canvas.getContext("2d");
          const brightest = (data, length) => {
            const reds = Array.from({ length }, (_, k) => (k < 0.1 * length ? 0 : data[4 * k]));
            return (reds.indexOf(Math.max(...reds)) + 0.5) / length;
          };
          return [brightest(pen.getImageData(0, Math.floor(0.85 * height), width, 1).data, width),
            brightest(pen.getImageData(Math.floor(0.5 * width), 0, 1, height).data, height)];
        }"""
    )
    return found


def test_a_click_goes_to_the_voxel_below_it_in_every_plane_and_the_cross_stands_upon_it(seen):
    visitor, (first, *_) = seen
    page = opened(visitor, f"/viewer?show={first}/volume#at=20,1,1&full=1&m0={PLAIN}")
    said = page.locator(".viewer-status")
    click(page, "xy", (62.5 / 90, 52.5 / 73))
    expect(said).to_contain_text("z 20: 80 nm, y 52: 104 nm, x 62: 62 nm. Tomogram")
    page.wait_for_selector("[data-slices][data-state=settled]")
    assert cross(page) == pytest.approx([62.5 / 90, 52.5 / 73], abs=0.006)
    click(page, "yz", (8.5 / 40, 20.5 / 73))
    expect(said).to_contain_text("z 8: 32 nm, y 20: 40 nm, x 62: 62 nm. Tomogram")
    click(page, "xz", (31.5 / 90, 30.5 / 40))
    expect(said).to_contain_text("z 30: 120 nm, y 20: 40 nm, x 31: 31 nm. Tomogram")
    assert visitor.complaints == []


#: Of the pixel at each voxel's centre its grey and whether it is opaque; rows run down, columns across.
SAMPLED = """(canvas, [rows, columns]) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const at = (k, count, length) => Math.floor(((k + 0.5) / count) * length);
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => {
    const from = 4 * (at(row, rows, height) * width + at(column, columns, width));
    return data[from + 3] ? data[from] : -1;
  }));
}"""


def sampled(page: Page, name: str, plane: str, shape: tuple[int, int]) -> Any:
    canvas = page.get_by_label(f"{name}, plane {plane}; arrow keys move the place", exact=True)
    return np.array(canvas.evaluate(SAMPLED, list(shape)))


@pytest.mark.parametrize("gamma", [1, 2])
def test_three_planes_have_the_values_of_the_volume_voxel_by_voxel(seen, gamma: int):
    """Each plane against numpy: yz runs down y and across z, so it is a transposed cut; gamma bends between limits."""
    visitor, (first, *_) = seen
    z, y, x = 9, 35, 33
    page = opened(visitor, f"/viewer?show={first}/volume#at={z},{y},{x}&full=1&m0=1~source-over~gray~40~240~{gamma}~")
    grey = 255 * np.clip((VOLUME - 40) / 200, 0, 1) ** gamma
    planes = {"xy": (grey[z], (y, x)), "yz": (grey[:, :, x].T, (y, z)), "xz": (grey[:, y], (z, x))}
    for name, (expected, (row, column)) in planes.items():
        found = sampled(page, "Tomogram", name, expected.shape)
        bare = np.ones(expected.shape, bool)
        bare[max(0, row - 2) : row + 3] = bare[:, max(0, column - 2) : column + 3] = False  # below the cross
        bare[-20:, :45] &= name != "xy"  # the scale
        bare[: max(4, round(0.3 * bare.shape[0])), -max(6, round(0.3 * bare.shape[1])) :] = False  # the plane's name
        assert bare.mean() > 0.3
        assert np.abs(found - expected)[bare].max() <= 2, name
    assert visitor.complaints == []


@pytest.mark.parametrize(("y", "is_within"), [(29, False), (30, True), (39, True), (40, False)])
def test_the_strip_beside_the_planes_shows_the_row_of_the_place(seen, y: int, *, is_within: bool):
    visitor, (first, *_) = seen
    page = opened(visitor, f"/viewer?show={first}/volume#at=20,{y},1&full=1&m0={PLAIN}")
    highest = page.get_by_label("Tomogram along a line through the place").evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(Math.floor(0.39 * width), 0, 1, height);
          const first = Array.from({ length: height }, (_, k) => data[4 * k + 3] > 0).indexOf(true);
          return (height - 4 - first) / (height - 8);
        }"""
    )
    expected = (VOLUME[20, y, 35] if not is_within else 230) / 255
    assert highest == pytest.approx(float(expected), abs=0.06)
    assert visitor.complaints == []


def test_a_level_is_drawn_where_its_file_says_it_lies(seen):
    visitor, (_, second, _) = seen
    page = opened(visitor, f"/viewer?show={second}/moved#at=10,10&m0={PLAIN}")
    # pixel 100 of the coarse level begins 1.5 × 99.5 nm after the centre of its first, the frame at -0.5 nm
    wanted = [240 / 900, 315 / 900, 300 / 900, 375 / 900]
    assert bright(page, "Moved", (0.3, 0.37)) == pytest.approx(wanted, abs=0.004)
    assert forgiven(visitor) == []


def test_a_line_across_all_axes_has_the_values_of_the_volume_itself(seen):
    visitor, (first, *_) = seen
    begin, end = np.array([12.0, 10.0, 5.0]), np.array([120.0, 101.0, 77.5])
    line = ",".join(map(str, [*begin, *end]))
    page = opened(visitor, f"/viewer?show={first}/volume#at=20,36,45&line={line}")
    length = float(np.linalg.norm(end - begin))
    expect(page.get_by_text(f"Length {wording.number(length)} nm, from z 12 nm, y 10 nm, x 5 nm to")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the numbers as CSV").click()
    rows = [row for row in csv.reader(saved.value.path().read_text().splitlines()) if row[0][:1].isdigit()]
    found = np.array(rows, float)
    places = begin[:, None] + np.linspace(0, 1, round(length) + 1) * (end - begin)[:, None]
    voxels = places / np.array([*STEPS.values()])[:, None]
    assert found[:, 0] == pytest.approx(np.linspace(0, length, round(length) + 1), rel=1e-5)
    assert found[:, 1] == pytest.approx(ndimage.map_coordinates(VOLUME, voxels, order=1, mode="nearest"), rel=1e-5)
    page.locator(".plot-stage").focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Move the place to the point read in the plot").click()
    expect(page.locator(".viewer-status")).to_contain_text("z 30: 120 nm, y 51: 102 nm, x 78: 78 nm")
    assert visitor.complaints == []


def test_a_box_sums_up_the_voxels_of_every_map_whose_centre_lies_in_it(seen):
    visitor, (first, second, third) = seen
    low, high = np.array([18.0, 31.0, 20.5]), np.array([66.0, 69.0, 45.5])
    box = ",".join(map(str, [*low, *high]))
    page = opened(visitor, f"/viewer?show={first}/volume&show={third}/coarse&show={second}/other#at=20,1,1&box={box}")
    rows = page.locator(".tool table tbody tr")
    for k, (values, steps) in enumerate(
        [(VOLUME, np.array([*STEPS.values()])), (COARSE, np.array([*COARSE_STEPS.values()]))]
    ):
        centres = [steps[axis] * np.arange(values.shape[axis]) for axis in range(3)]
        inside = [np.flatnonzero((each >= low[axis]) & (each < high[axis])) for axis, each in enumerate(centres)]
        part = values[np.ix_(*inside)].astype(float)
        cells = rows.nth(k).locator("td")
        expect(cells.nth(0)).to_have_text(wording.number(part.size))
        for column, value in {
            2: part.mean(),
            3: part.std(ddof=1),
            4: part.min(),
            5: np.median(part),
            6: part.max(),
        }.items():
            expect(cells.nth(column)).to_have_text(wording.number(float(value)))
    expect(rows.nth(2)).to_contain_text("stored as Zarr 2")
    assert forgiven(visitor) == []


def test_a_kept_picture_has_a_bar_as_long_as_it_says(seen):
    visitor, (first, *_) = seen
    page = opened(visitor, f"/viewer?show={first}/volume")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save a picture").click()
    pixels = np.asarray(Image.open(io.BytesIO(saved.value.path().read_bytes())).convert("RGB"))
    width, height = round(640 * 90 / 160), round(640 * 146 / 160)  # of the plane xy; z is the longest, 160 nm
    row = (pixels[16 + height - 9, 16 : 16 + width] == 255).all(axis=1)
    assert row.sum() == pytest.approx(20 / 90 * width, abs=1)  # 20 nm is the longest step within two fifths
    assert row[8]
    assert not row[:8].any()
    assert visitor.complaints == []


def middle_of_the_bar(page: Page) -> list[int]:
    found: list[int] = page.get_by_label("Colours of Strain", exact=True).evaluate(
        "(bar) => [...bar.getContext('2d').getImageData(127, 0, 2, 1).data]"
    )
    return found


def test_a_diverging_map_keeps_its_centre_and_what_has_no_value_stays_clear(seen):
    visitor, (first, *_) = seen
    page = opened(visitor, f"/viewer?show={first}/strain#at=0,1,1&full=1")
    page.get_by_label("Colour map of Strain").select_option("diverging")
    page.get_by_label("Centre of the colours of Strain").fill("0.5")
    page.get_by_label("Centre of the colours of Strain").press("Tab")
    page.get_by_label("Lower limit of Strain").fill("0.3")
    page.get_by_label("Lower limit of Strain").press("Tab")
    expect(page.get_by_label("Upper limit of Strain")).to_have_value("0.7")
    page.get_by_label("Gamma of Strain").fill("0.8")
    assert min(middle_of_the_bar(page)) > 230  # white still
    clear = page.get_by_label("Strain, plane xy; arrow keys move the place")
    pixel = "(canvas, x) => canvas.getContext('2d').getImageData(x * canvas.width, canvas.height / 2, 1, 1).data[3]"
    assert clear.evaluate(pixel, 0.7) == 0
    page.locator(".slider input").first.fill("5")
    expect(page.locator(".viewer-status")).to_contain_text("z 5: 20 nm")
    page.wait_for_selector("[data-slices][data-state=settled]")
    assert clear.evaluate(pixel, 0.7) == 255
    page = opened(visitor, f"/viewer?show={first}/constant#at=1,1,1")
    expect(page.locator(".viewer-status")).to_contain_text("Constant 7 nm")
    expect(page.get_by_label("Upper limit of Constant")).to_have_value("8")
    assert visitor.complaints == []


def test_maps_are_laid_in_an_order_by_keys_and_the_link_keeps_it(seen):
    visitor, (first, *_) = seen
    strain = "1~source-over~viridis~-0.5~1.5~1~"
    page = opened(visitor, f"/viewer?show={first}/volume&show={first}/strain#at=5,1,1&over=1&m0={PLAIN}&m1={strain}")
    stack = page.get_by_label("All maps over each other, plane xy; arrow keys move the place")
    pixel = "(c) => [...c.getContext('2d').getImageData(0.7 * c.width, 0.5 * c.height, 1, 1).data]"
    red, green, blue, _ = stack.evaluate(pixel)
    assert not red == green == blue  # the coloured map lies above
    expect(page.locator(".viewer-status")).to_contain_text("Strain")  # the values have come: nothing else is told later
    lower = page.get_by_role("button", name="Lay Strain one lower")
    lower.press("Enter")
    expect(page.locator(".viewer-status")).to_contain_text("From the lowest to the highest: Strain, Tomogram.")
    expect(lower).to_be_focused()
    expect(lower).to_have_attribute("aria-disabled", "true")
    red, green, blue, _ = stack.evaluate(pixel)
    assert red == green == blue
    assert "order=1,0" in page.url
    page = opened(visitor, page.url.removeprefix(visitor.url))
    expect(page.locator(".map strong")).to_have_text(["Strain", "Tomogram"])
    assert stack.evaluate(pixel) == [red, green, blue, 255]
    assert nameless(page) == []
    assert visitor.complaints == []


def test_a_link_brings_back_what_is_looked_at_closely(seen):
    visitor, (first, *_) = seen
    page = opened(visitor, f"/viewer?show={first}/volume#at=20,36,45&zoom=4")
    plane = page.get_by_label("Tomogram, plane xy; arrow keys move the place")
    plane.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")  # the place moves within what is looked at
    expect(page.locator(".viewer-status")).to_contain_text("x 51: 51 nm")
    page.wait_for_selector("[data-slices][data-state=settled]")
    page.keyboard.press("i")
    expect(page.locator(".voxel")).to_contain_text("counts")
    drawn = """(canvas) => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]
      .reduce((sum, part, k) => (sum * 31 + part + k) % 1e9, 7)"""
    before = plane.evaluate(drawn)
    page = opened(visitor, page.url.removeprefix(visitor.url))
    expect(page.locator(".voxel")).to_contain_text("counts")
    assert plane.evaluate(drawn) == before
    assert visitor.complaints == []


def test_spectra_and_slices_lead_to_each_other_at_the_same_place(seen):
    visitor, (first, *_) = seen
    page = opened(visitor, f"/results/{first}")
    page.locator("[data-spectra]").scroll_into_view_if_needed()
    said = page.locator("[data-spectra] .viewer-status")
    expect(said).to_contain_text("y 36 (72 nm), x 45 (45 nm)")
    page.get_by_label("Counts of x_rays in every pixel").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-slices] .viewer-status")).to_contain_text("y 35: 70 nm, x 46: 46 nm")
    page.get_by_role("link", name="Show the pixel in the viewer").click()
    page.wait_for_url("**/viewer?**")
    expect(page.locator(".viewer-status")).to_contain_text("y 35: 70 nm, x 46: 46 nm")
    plane = page.get_by_label("Tomogram, plane xy; arrow keys move the place")
    plane.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("i")
    page.get_by_role("link", name=re.compile("spectrum of the pixel")).click()
    expect(said).to_contain_text(f"y 35 (70 nm), x 45 (45 nm): {COUNTS[35, 45].sum()} counts")
    assert visitor.complaints == []


def test_a_volume_is_found_by_words_and_added(seen):
    visitor, (first, second, _) = seen
    page = opened(visitor, f"/viewer?show={first}/volume#at=3,1,1")
    page.get_by_label("Look for a file, sample or method").press_sequentially(second)
    offers = page.get_by_label("Add another volume")
    expect(offers.locator("option")).to_have_text(["Other (20 × 36 × 45)", "Moved (900 × 900)"])
    offers.select_option(f"{second}/other")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".viewer-status").first).to_contain_text("Other")
    assert nameless(page) == []
    assert forgiven(visitor) == []


def test_a_reviewer_looks_at_voxels_and_parts_and_is_led_nowhere_else(seen, chromium: Browser):
    visitor, (first, *_) = seen
    page = visitor.open(f"/review-links/{first}")
    page.get_by_label("For whom or what").fill("Referee 2")
    page.get_by_role("button", name="Make the link").click()
    address = str(page.locator("code.secret").text_content())
    stranger = Visitor(visitor.url, chromium.new_context(viewport={"width": 1280, "height": 900}))
    page = opened(stranger, "/review/" + address.partition("/review/")[2])
    page.get_by_label("Tomogram, plane xy; arrow keys move the place").focus()
    page.keyboard.press("i")
    told = page.locator(".voxel").first
    expect(told).to_contain_text(f"{VOLUME[20, 36, 45]:.4g}\u00a0counts")
    expect(told).to_contain_text("Computed by")
    assert [each.get_attribute("href") for each in told.get_by_role("link").all() if not _stays(each)] == []
    page.get_by_text("Region statistics").click()
    for axis, (low, high) in {"z": (0, 3), "y": (30, 39), "x": (30, 39)}.items():
        page.get_by_label(f"From {axis} [voxel]").fill(str(low))
        page.get_by_label(f"To {axis} [voxel]").fill(str(high))
        page.get_by_label(f"To {axis} [voxel]").press("Tab")
    page.get_by_role("button", name="Compute").click()
    cells = page.locator(".tool table tbody tr").first.locator("td")
    expect(cells.nth(0)).to_have_text("400")
    expect(cells.nth(2)).to_have_text("230")
    assert stranger.complaints == []
    stranger.context.close()


def _stays(link: Any) -> bool:
    return str(link.get_attribute("href")).startswith("#")
