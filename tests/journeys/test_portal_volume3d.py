"""A person looks at a volume in space, with graphics drawn by software; without graphics they are told so."""

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from tests.journeys.portal import ARGUMENTS, CHROMIUM, Visitor, nameless
from tests.journeys.volumes import published

pytestmark = pytest.mark.browser
DRAWN_BY_SOFTWARE = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
STEP = Quantity(5.0, "nm", "header")
PLACES = np.indices((72, 72, 72)) - 36.0
BALL = (36 - np.sqrt((PLACES**2).sum(0))).astype(np.float32)  # falls from the middle outward


def made() -> dict[str, Any]:
    labels = np.where(BALL > 10, np.where(PLACES[2] > 0, 2, 1), 0).astype(np.uint8)
    steps = dict.fromkeys("zyx", STEP)
    return {
        "volume": LabelledArray(BALL, "zyx", steps, "counts", kind="volume", name="volume"),
        "classes": LabelledArray(labels, "zyx", steps, "1", kind="labels", name="classes"),
    }


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, str]]:
    """Give a visitor whose browser draws graphics, and the id of a result."""
    arguments = [each for each in ARGUMENTS if each != "--disable-gpu"] + DRAWN_BY_SOFTWARE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        with published(browser, tmp_path_factory.mktemp("space"), [made()]) as (visitor, results):
            yield visitor, results[0]
        browser.close()


def opened(visitor: Visitor, result: str, name: str = "volume") -> Page:
    page = visitor.open(f"/viewer?show={result}/{name}")
    page.get_by_text("In three dimensions").click()
    expect(page.locator(".solid[data-state=ready]")).to_be_visible()
    return page


def picture(page: Page) -> Any:
    sight = page.locator(".solid-sight")
    sight.scroll_into_view_if_needed()
    expect(sight).to_have_attribute("data-state", "drawn")
    return np.asarray(Image.open(io.BytesIO(sight.screenshot())).convert("RGB"), dtype=int)


def middle(pixels: Any) -> Any:
    height, width, _ = pixels.shape
    return pixels[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4].reshape(-1, 3).mean(0)


def test_a_volume_stands_in_space_as_cloud_and_as_surface_and_is_cut(seen: tuple[Visitor, str]):
    visitor, result = seen
    page = opened(visitor, result)
    expect(page.locator(".solid")).to_contain_text("voxels are shown")
    cloud = picture(page)
    assert np.abs(middle(cloud) - cloud[3, 3]).max() > 20  # something stands before the ground
    page.get_by_label("Drawn as").select_option("surface")
    surface = picture(page)
    assert np.abs(surface - cloud).max() > 40
    page.get_by_label("Drawn as").select_option("cloud")
    page.get_by_role("button", name="−z").click()
    page.get_by_role("slider", name="x to").fill("180")
    cut = picture(page)
    height, width, _ = cut.shape
    left, right = (np.abs(cut - cut[3, 3])[height // 2, width // 2 + at].max() for at in (-30, 30))
    assert left > 20 >= right  # x runs to the right, as in the slices
    assert visitor.complaints == []


def test_what_is_chosen_for_the_slices_holds_in_space(seen: tuple[Visitor, str]):
    """Colours and limits follow; a value that was chosen stays while the limits move."""
    visitor, result = seen
    page = opened(visitor, result)
    grey = middle(picture(page))
    page.get_by_label("Colour map of Tomogram").select_option("cividis")
    yellowish = middle(picture(page))
    assert np.ptp(grey) < 12 < np.ptp(yellowish)
    least = page.get_by_role("slider", name="Values from")
    least.fill("128")
    typed(page, "Lower limit of Tomogram", "0")
    typed(page, "Upper limit of Tomogram", "36")
    before, said = picture(page), least.get_attribute("aria-valuetext")
    typed(page, "Upper limit of Tomogram", "72")
    expect(least).to_have_attribute("aria-valuetext", str(said))
    assert np.abs(picture(page) - before).max() > 20
    page.get_by_role("button", name="Reset all").click()
    expect(least).to_have_attribute("aria-valuetext", "23.81 counts")  # a third of the limits
    assert visitor.complaints == []


def typed(page: Page, label: str, value: str) -> None:
    page.get_by_label(label).fill(value)
    page.get_by_label(label).press("Enter")


def test_a_link_brings_back_from_where_it_was_seen_and_where_it_was_cut(seen: tuple[Visitor, str]):
    visitor, result = seen
    page = opened(visitor, result)
    page.get_by_label("Seen").select_option("parallel")
    page.get_by_role("slider", name="x to").fill("180")
    page.get_by_role("slider", name="z from").fill("90")
    page.get_by_role("application").press("ArrowLeft")
    page.get_by_role("application").press("+")
    expect(page.get_by_text("Cut: x from 0 nm to 180 nm, z from 90 nm to 360 nm.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"solid=0~cloud~parallel~85,0\.5~0,180,0,360,90,360~"))
    before, address = picture(page), page.url
    assert yellow(before) > 40  # the outlines of both cuts, with their labels
    again = visitor.context.new_page()
    again.goto(address)
    expect(again.locator(".solid[data-state=ready]")).to_be_visible()
    expect(again.get_by_role("slider", name="x to")).to_have_js_property("value", "180")
    expect(again.get_by_label("Seen")).to_have_value("parallel")
    assert np.abs(picture(again) - before).mean() < 1
    assert again.url == address
    again.get_by_role("button", name="Reset all").click()
    expect(again.get_by_text("Cut:")).to_be_hidden()
    assert yellow(picture(again)) == 0
    again.close()
    assert visitor.complaints == []


def yellow(pixels: Any) -> int:
    """Count the pixels of the colour that cuts are marked in."""
    return int((np.abs(pixels - [0xFF, 0xD2, 0x3F]).sum(-1) < 60).sum())


def test_a_kept_picture_has_a_scale_as_long_as_it_says(seen: tuple[Visitor, str]):
    """The box is 360 nm wide; seen in parallel along z its outline and the scale are measured in one picture."""
    visitor, result = seen
    page = opened(visitor, result)
    page.get_by_label("Seen").select_option("parallel")
    page.get_by_role("button", name="−z").click()
    page.get_by_role("slider", name="z to").fill("355")
    picture(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save a picture in space").click()
    pixels = np.asarray(Image.open(download.value.path()).convert("RGB"), dtype=int)
    outline = np.flatnonzero((np.abs(pixels - [0xFF, 0xD2, 0x3F]).sum(-1) < 60).sum(0) > 60)
    box = page.locator(".solid-sight").bounding_box()
    assert box is not None
    rule = longest_white(pixels[: int(box["height"]) - 4])
    assert rule / (outline[-1] - outline[0]) == pytest.approx(200 / 360, rel=0.03)
    assert visitor.complaints == []


def longest_white(pixels: Any) -> int:
    """Return the longest run of white in the lower left, where the scale lies upon its shade."""
    corner = pixels[-40:, : pixels.shape[1] // 2].min(-1) > 250
    return int(corner.sum(1).max())


def test_all_of_it_is_reached_by_keys(seen: tuple[Visitor, str]):
    visitor, result = seen
    page = opened(visitor, result)
    sight = page.get_by_role("application", name="Tomogram in space")
    sight.focus()
    before = picture(page)
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "+"):
        sight.press(key)
    assert np.abs(picture(page) - before).max() > 40
    sight.press("Home")
    assert nameless(page) == []
    page.get_by_role("button", name="Reset all").press("Enter")
    assert visitor.complaints == []


def test_labels_stand_in_space_in_their_colours(seen: tuple[Visitor, str]):
    visitor, result = seen
    page = opened(visitor, result, "classes")
    page.get_by_role("button", name="−z").click()
    pixels = picture(page)
    height, width, _ = pixels.shape
    left, right = (
        pixels[height // 2 - 4 : height // 2 + 4, at - 4 : at + 4].reshape(-1, 3).mean(0)
        for at in (width // 2 - 40, width // 2 + 40)
    )
    assert left[0] > left[2]  # orange
    assert right[2] > right[0]  # blue
    page.get_by_label("2: unnamed").uncheck()
    pixels = picture(page)
    assert np.abs(pixels - pixels[3, 3])[height // 2, width // 2 + 40].max() < 20  # hidden in the slices, hidden here
    assert visitor.complaints == []


def test_without_graphics_a_person_is_told_so(seen: tuple[Visitor, str]):
    visitor, result = seen
    page = visitor.open(f"/viewer?show={result}/volume")
    page.evaluate(
        "() => { HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, "
        "{ apply: (get, canvas, [kind, ...rest]) => kind === 'webgl2' ? null : get.call(canvas, kind, ...rest) }); }"
    )
    page.get_by_text("In three dimensions").click()
    expect(page.locator(".solid")).to_contain_text("WebGL 2 is missing")
