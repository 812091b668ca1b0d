"""A person looks at a finished tomography: slices that move together, a pixel's spectrum, a profile's values."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from app.portal import statics
from lithoscope import wording
from lithoscope.arrays import LabelledArray, Table
from lithoscope.tables import Line, Plot
from lithoscope.units import Quantity
from tests.journeys.portal import Visitor, nameless, sideways_px
from tests.journeys.volumes import published
from tests.live import wait_for

pytestmark = pytest.mark.browser
NM = Quantity(5.0, "nm", "header")
SIDE = 72  # more than one chunk along each axis, and a pyramid
VOLUME = np.random.default_rng(1).integers(0, 900, (SIDE, SIDE, SIDE)).astype(np.float32)
COUNTS = np.random.default_rng(2).poisson(3.0, (3, 6, 7, 16)).astype(np.uint16)
HALF = SIDE // 2
COLOURS = """(canvas) => {
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(data.buffer)).size;
}"""


def outputs() -> dict[str, LabelledArray | Table]:
    steps = dict.fromkeys("zyx", NM)
    atoms = np.stack([VOLUME / 10, np.where(VOLUME > 450, VOLUME / 20, np.nan)]).astype(np.float32)
    names = {"c": ("O", "Mn")}
    places = {"t": np.array([-10.0, 0.0, 10.0]), "e": 500.0 + 10.0 * np.arange(16)}
    curve = {"energy_eV": [10.0 * k for k in range(1001)], "mean": [float(k % 50) for k in range(1001)]}
    columns = {"depth_nm": [0.0, 5.0, 10.0], "O": [44.0, 48.0, 49.5], "O_sd": [0.5, 0.4, 0.3]}
    units = {"depth_nm": "nm", "O": "at%", "O_sd": "at%"}
    plot = Plot("depth_nm", (Line("O", "O_sd"),), "Depth profile", "Depth below the surface", "Oxygen")
    return {
        "volume": LabelledArray(VOLUME, "zyx", steps, "counts", kind="volume", name="volume"),
        "atoms": LabelledArray(atoms, "czyx", steps, "at%", kind="volume", name="atoms", labels=names),
        "x_rays": LabelledArray(COUNTS, "tyxe", dict.fromkeys("yx", NM), "counts", places, "spectra", "x_rays"),
        "depth": LabelledArray(np.full_like(VOLUME, 5), "zyx", steps, "nm", kind="volume", name="depth"),
        "profile": Table(columns, units, plot),
        "spectrum": Table(curve, {"energy_eV": "eV", "mean": "counts"}, Plot("energy_eV", (Line("mean"),))),
    }


@pytest.fixture(scope="module")
def looking(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, str]]:
    """Give a visitor and the address of a result in a running service."""
    with published(chromium, tmp_path_factory.mktemp("service"), [outputs()]) as (visitor, (result,)):
        yield visitor, f"/results/{result}"


def test_all_maps_are_cut_at_one_place_and_say_the_value_there(looking):
    visitor, address = looking
    page = visitor.open(address)
    status = page.locator("[data-slices] .viewer-status")
    middle = VOLUME[HALF, HALF, HALF]
    expect(status).to_contain_text(f"Tomogram {middle:g} counts")
    expect(status).to_contain_text("x 36: 180 nm")
    plane = page.get_by_label("Tomogram, plane xy; arrow keys move the place")
    plane.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "PageUp"):
        page.keyboard.press(key)
    there = VOLUME[HALF + 1, HALF + 2, HALF + 1]
    expect(status).to_contain_text(f"Tomogram {there:g} counts")
    shown = page.locator(".map-head .number").nth(2)
    expect(shown).to_have_text("no value" if there <= 450 else f"{there / 20:.4g} at%")
    page.get_by_label("z", exact=False).first.fill("0")
    expect(status).to_contain_text(f"Tomogram {VOLUME[0, HALF + 2, HALF + 1]:g} counts")
    page.get_by_label("Full detail").check()
    page.locator(".map").first.get_by_label("Colour map of Tomogram").select_option("cividis")
    page.get_by_label("Lower limit of Tomogram").fill("400")
    page.get_by_label("Lower limit of Tomogram").press("Enter")
    wait_for(lambda: plane.evaluate(COLOURS) > 100)
    assert nameless(page) == []
    assert visitor.complaints == []


def test_a_pixel_and_a_window_of_energies_are_chosen(looking):
    visitor, address = looking
    page = visitor.open(address)
    page.locator("[data-spectra]").scroll_into_view_if_needed()
    status = page.locator("[data-spectra] .viewer-status")
    expect(status).to_contain_text(f"{COUNTS[1, 3, 3].sum()} counts")
    page.get_by_label("Lower end of the window").fill("520")
    page.get_by_label("Upper end of the window").fill("560")
    page.get_by_label("Upper end of the window").press("Enter")
    expect(status).to_contain_text(f"{COUNTS[1, 3, 3, 2:7].sum()} counts between 520 and 560 eV")
    page.get_by_label("Counts of x_rays in every pixel").focus()
    page.keyboard.press("ArrowLeft")
    expect(status).to_contain_text(f"{COUNTS[1, 3, 2, 2:7].sum()} counts")
    page.locator("[data-spectra] input[type=range]").fill("2")
    expect(status).to_contain_text(f"10° (3 of 3), y 3 (15 nm), x 2 (10 nm): {COUNTS[2, 3, 2, 2:7].sum()} counts")
    expect(page.locator(".spectra-side .plot-legend button")).to_have_text(["mean of all pixels", "chosen pixel"])
    assert visitor.complaints == []


def test_a_chart_reads_its_values_out_and_its_rows_unfold(looking):
    visitor, address = looking
    page = visitor.open(address)
    page.locator(".chart svg.xy").first.focus()
    expect(page.locator(".chart .plot-stage").first).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator(".chart .readout").first).to_have_text("Depth below the surface 10 nm: O 49.5 ± 0.3 at%")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".chart .readout").first).to_have_text("Depth below the surface 5 nm: O 48 ± 0.4 at%")
    page.get_by_text("Rows", exact=True).first.click()
    expect(page.get_by_role("cell", name="49.5")).to_be_visible()
    assert visitor.complaints == []


def test_profiles_mark_how_deep_the_place_of_the_slices_lies(looking):
    visitor, address = looking
    page = visitor.open(address)
    page.locator(".chart").first.scroll_into_view_if_needed()
    expect(page.locator(".chart .depth-said").first).to_have_text("Dotted: 5 nm, the depth of the place in the slices.")
    expect(page.locator(".chart .plot[data-marked]")).to_have_count(1)
    assert visitor.complaints == []


def test_a_browser_writes_numbers_as_the_service_does(looking):
    visitor, address = looking
    page = visitor.open(address)
    values = [0, -12345, 9999, 99999, 1e7, 0.00099996, 1234.56, 12345.6, -0.25, 3.0e-9, 2988123]
    written = page.evaluate(
        """async ([address, values]) => {
          const { number } = await import(address);
          return values.map((value) => number(value));
        }""",
        [statics.address("numbers.js"), values],
    )
    assert written == [wording.number(value) for value in values]


def test_dragging_over_a_long_curve_shows_that_part_and_a_button_all_of_it(looking):
    visitor, address = looking
    page = visitor.open(address)
    curve = page.locator(".chart").nth(1)
    curve.scroll_into_view_if_needed()
    stage, said, whole = (
        curve.locator(".u-over"),
        curve.locator(".readout"),
        curve.get_by_role("button", name="Whole width"),
    )
    expect(stage).to_be_visible()
    box = stage.bounding_box()
    assert box is not None
    stage.hover(position={"x": box["width"] - 2, "y": 60})
    expect(said).to_contain_text(re.compile(r"^Energy (99\d\d|10.?000) eV"))
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60, steps=3)
    page.mouse.up()
    expect(whole).to_be_visible()
    stage.hover(position={"x": box["width"] - 2, "y": 60})
    expect(said).to_contain_text(re.compile(r"^Energy (49|50)\d\d eV"))
    whole.click()
    expect(whole).to_be_hidden()
    stage.hover(position={"x": box["width"] - 2, "y": 60})
    expect(said).to_contain_text(re.compile(r"^Energy (99\d\d|10.?000) eV"))
    assert visitor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_stands_beyond_the_edge(looking, scheme: str):
    visitor, address = looking
    page = visitor.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 360, "height": 740})
    visitor.open(address)
    expect(page.locator("[data-slices] .viewer-status")).to_contain_text("counts")
    assert sideways_px(page) <= 0
