"""A person reads a result, says something of it, cites it, and lets a reviewer look without an account."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.infra.db.models import Project
from app.infra.house import House
from app.settings import Settings
from lithoscope.arrays import LabelledArray, Table
from lithoscope.units import Quantity
from tests.app.results.publishing import add_job, publish
from tests.journeys.portal import Visitor, nameless, sideways_px
from tests.journeys.volumes import published

pytestmark = pytest.mark.browser
NM = Quantity(5.0, "nm", "header")
VOLUME = np.random.default_rng(1).integers(0, 900, (20, 24, 28)).astype(np.float32)


def outputs() -> dict[str, LabelledArray | Quantity | Table]:
    """Return a volume, a number and a table."""
    return {
        "volume": LabelledArray(VOLUME, "zyx", dict.fromkeys("zyx", NM), "counts", kind="volume", name="volume"),
        "fraction": Quantity(0.42, "1", "measured", 0.02, (0.39, 0.45)),
        "classes": Table({"class": ["a", "b"], "volume_nm3": [1.5, 2.5]}, {"class": "1", "volume_nm3": "nm^3"}),
    }


@pytest.fixture(scope="module")
def reading(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, str]]:
    """Give a visitor and the address of a result in a running service."""
    place = tmp_path_factory.mktemp("service")
    with published(chromium, place, [outputs()]) as (visitor, (result,)):
        _go_on_with(House(Settings(data=place / "data")), result, place)
        yield visitor, f"/results/{result}"


def _go_on_with(house: House, result: str, place: Path) -> None:
    """Make two results of the first, as a worker would."""
    with house.database.reading() as session:
        project = session.scalars(select(Project)).one()
    for _ in range(2):
        publish(house, add_job(house, project, None, volume=f"{result}/volume"), place)
    house.database.dispose()


@pytest.fixture
def stranger(chromium: Browser, reading: tuple[Visitor, str]) -> Iterator[Visitor]:
    """Give a second browser that never signed in."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield Visitor(reading[0].url, context)
    context.close()


def test_a_note_and_a_tag_stay_with_the_result(reading: tuple[Visitor, str]) -> None:
    visitor, address = reading
    page = visitor.open(address)
    page.get_by_label("Note", exact=True).fill("The left edge looks burnt.")
    page.get_by_role("button", name="Write the note").click()
    expect(page.get_by_role("status").first).to_contain_text("Note written")
    expect(page.locator(".note")).to_contain_text("Ada Curie")
    page.get_by_label("Tag", exact=True).fill("For the Paper")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="for the paper").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tagged “for the paper”")
    page.locator(f'tbody a[href="{address}"]').click()
    page.wait_for_url(visitor.url + address)
    assert visitor.complaints == []


def test_the_history_is_drawn_and_walked_by_keyboard(reading: tuple[Visitor, str]) -> None:
    visitor, address = reading
    page = visitor.open(address)
    drawn = page.locator("svg.lineage")
    expect(drawn).to_contain_text("this one")
    link = drawn.locator("a").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith(address))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_citation_is_ready_to_be_taken(reading: tuple[Visitor, str]) -> None:
    visitor, address = reading
    page = visitor.open(address)
    expect(page.locator("#cite-text")).to_contain_text("Layered oxides")
    with page.expect_download() as given:
        page.locator("a", has_text="BibTeX").click()
    assert "@misc{res_" in Path(given.value.path()).read_text()
    assert nameless(page) == []


def test_a_reviewer_looks_by_a_link_until_it_is_ended(reading: tuple[Visitor, str], stranger: Visitor) -> None:
    visitor, address = reading
    page = visitor.open(address)
    page.get_by_role("link", name="Link for a reviewer").click()
    page.get_by_label("For whom or what").fill("Referee 2")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#address").inner_text()
    assert re.fullmatch(rf"{re.escape(visitor.url)}/review/\S+", link)
    where = link.removeprefix(visitor.url)

    seen = stranger.open(where)
    expect(seen.get_by_role("heading", level=1)).to_be_visible()
    expect(seen.locator("main")).to_contain_text("reviewer’s link")
    status = seen.locator("[data-slices] .viewer-status")
    expect(status).to_contain_text(f"{VOLUME[10, 12, 14]:g} counts")
    expect(seen.locator("[data-table]")).to_contain_text("2.5")
    expect(seen.locator("svg.lineage a")).to_have_count(0)
    assert stranger.context.cookies() == []
    assert nameless(seen) == []
    assert stranger.complaints == []
    seen.goto(visitor.url + address)
    expect(seen).to_have_url(re.compile("/sign-in"))

    page.goto(f"{visitor.url}/review-links/{address.rpartition('/')[2]}")
    expect(page.get_by_role("row", name="Referee 2")).to_contain_text("active")
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_role("status").first).to_contain_text("ended")
    assert stranger.page.goto(link).status == 404
    assert visitor.complaints == []


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_the_pages_fit_every_screen(reading: tuple[Visitor, str], width: int) -> None:
    visitor, address = reading
    result_id = address.rpartition("/")[2]
    page = visitor.open(f"/review-links/{result_id}")
    page.get_by_label("For whom or what").fill(f"Screens of {width}")
    page.get_by_role("button", name="Make the link").click()
    review = page.locator("#address").inner_text().removeprefix(visitor.url)
    page.set_viewport_size({"width": width, "height": 900})
    for path in (
        address,
        f"/lineage/{result_id}",
        f"/review-links/{result_id}",
        f"/annotations/{result_id}",
        "/tagged",
        review,
    ):
        visitor.open(path)
        assert sideways_px(page) <= 0, path
    page.set_viewport_size({"width": 1280, "height": 900})
