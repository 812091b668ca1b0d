"""What holds of every page: it is accessible, quiet, small, fits a phone, and shows what people typed as text."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.everywhere import ELSEWHERE, administrator, filled, pages, routes
from tests.journeys.portal import Visitor, sideways_px

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PROBE = '"><img src=x onerror=alert(1)><svg onload=alert(2)>{{7*7}}'
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
JAVASCRIPT_KB, VIEWER_KB = 60, 120
VIEWERS = {"/results/{result_id}", "/datasets/{dataset_id}", "/recipe-runs/{run_id}", "/viewer"}
WIDTHS = (360, 1280, 2560)
SCREENS = os.environ.get("LITHOSCOPE_TEST_SCREENS")


@pytest.fixture(scope="module")
def visitor(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, dict[str, str]]]:
    """Give the administrator of a filled facility, and an address of each page."""
    with filled(tmp_path_factory.mktemp("everywhere")) as (service, ids):
        visitor = administrator(service, chromium, bypass_csp=True)
        yield visitor, pages(visitor, ids)
        visitor.context.close()


def settled(visitor: Visitor, address: str) -> Page:
    page = visitor.open(address)
    page.wait_for_load_state("load")
    return page


def described(violation: dict) -> str:
    nodes = [f"{' '.join(map(str, node['target']))}: {node['failureSummary']}" for node in violation["nodes"][:3]]
    return f"{violation['id']}: {violation['help']}\n    " + "\n    ".join(nodes)


def test_every_page_is_reached(visitor):
    _, addresses = visitor
    assert set(routes()) - set(addresses) == ELSEWHERE


def test_no_page_complains_or_asks_another_place(visitor):
    visitor, addresses = visitor
    found = {}
    for declared, address in addresses.items():
        visitor.complaints.clear()
        settled(visitor, address)
        if visitor.complaints:
            found[declared] = list(visitor.complaints)
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(visitor, scheme: str):
    visitor, addresses = visitor
    visitor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = []
    for declared, address in addresses.items():
        page = settled(visitor, address)
        answer = Axe().run(page, options=RULES).response
        found += [f"{declared} ({scheme}): {described(each)}" for each in answer["violations"]]
    assert not found, "\n".join(found)


def test_no_page_loads_more_script_than_it_may(visitor):
    visitor, addresses = visitor
    large = {}
    for declared, address in addresses.items():
        page = settled(visitor, address)
        entries = page.evaluate("performance.getEntriesByType('resource').map((e) => [e.name, e.encodedBodySize])")
        size = sum(size for name, size in entries if urlsplit(name).path.endswith(".js")) / 1000
        if size > (VIEWER_KB if declared in VIEWERS else JAVASCRIPT_KB):
            large[declared] = size
    assert large == {}


def test_nothing_stands_beyond_the_edge_of_a_phone(visitor):
    visitor, addresses = visitor
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    wide = {}
    for declared, address in addresses.items():
        if beyond := sideways_px(settled(visitor, address)):
            wide[declared] = beyond
    visitor.page.set_viewport_size({"width": 1280, "height": 900})
    assert wide == {}


FILL = """([index, probe]) => {
  const form = document.forms[index];
  const kinds = ["text", "textarea", "search", "email", "url", "tel"];
  const fields = [...form.querySelectorAll("input, textarea")].filter((field) => kinds.includes(field.type));
  for (const field of fields) field.value = probe;
  for (const select of form.querySelectorAll("select")) {
    if (!select.value) select.selectedIndex = select.options.length - 1;
  }
  return fields.length;
}"""
RUN = "document.querySelectorAll(\"img[src='x'], svg[onload]\").length"


def test_what_people_type_is_shown_as_text(visitor):
    """Twice: what the first round stored is seen by the second."""
    visitor, addresses = visitor
    page, run = visitor.page, []
    page.on("dialog", lambda dialog: (run.append(f"dialog on {page.url}"), dialog.dismiss()))
    for declared, address in [*addresses.items()] * 2:
        forms = settled(visitor, address).evaluate("document.forms.length")
        for form in range(forms):
            settled(visitor, address)
            if form < page.evaluate("document.forms.length") and page.evaluate(FILL, [form, PROBE]):
                with page.expect_navigation(wait_until="load"):
                    page.evaluate("(index) => HTMLFormElement.prototype.submit.call(document.forms[index])", form)
            if page.evaluate(RUN):
                run.append(declared)
    assert run == []


@pytest.mark.skipif(not SCREENS, reason="LITHOSCOPE_TEST_SCREENS names no folder to draw into")
def test_every_page_is_drawn_for_review(visitor):
    visitor, addresses = visitor
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            visitor.page.set_viewport_size({"width": width, "height": 900})
            for declared, address in addresses.items():
                name = re.sub(r"[^a-z0-9]+", "-", declared).strip("-") or "home"
                page = settled(visitor, address)
                page.wait_for_timeout(300)
                page.screenshot(path=Path(str(SCREENS)) / f"{name}-{scheme}-{width}.png", full_page=True)
