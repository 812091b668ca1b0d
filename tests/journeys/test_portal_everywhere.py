"""What holds of every page: it is accessible, quiet, small, fits a phone, and shows what people typed as text."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.everywhere import ELSEWHERE, administrator, filled, pages, routes
from tests.journeys.portal import Visitor, asked, sideways_px

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PROBE = '"><img src=x onerror=alert(1)><svg onload=alert(2)>{{7*7}}'
RULES = {
    "iframes": False,
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passes is judged as well, but not described node by node
}
#: A scheme changes colours alone, which tests/app/portal/test_design.py proves: what else holds, holds in both.
OF_COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
JAVASCRIPT_KB, VIEWER_KB = 60, 120
VIEWERS = {
    "/results/{result_id}",
    "/review/{token}/results/{result_id}",
    "/datasets/{dataset_id}",
    "/recipe-runs/{run_id}",
    "/viewer",
}
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (360, 1280, 2560)
SCREENS = os.environ.get("LITHOSCOPE_TEST_SCREENS")


@pytest.fixture(scope="module")
def visitor(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, dict[str, str]]]:
    """Give the administrator of a filled facility, and an address of each page."""
    with filled(tmp_path_factory.mktemp("everywhere")) as (service, ids):
        visitor = administrator(service, chromium, bypass_csp=True, reduced_motion="reduce")
        visitor.context.add_init_script(Axe().axe_script)
        yield visitor, pages(visitor, ids)
        visitor.context.close()


@dataclass
class Seen:
    """What one load of a page showed."""

    complaints: list[str]
    script_kB: float
    beyond_phone_px: int
    writable: list[int]
    violations: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def seen(visitor: tuple[Visitor, dict[str, str]]) -> dict[str, Seen]:
    """Load every page once, on a phone, then judge it at a desk in both colour schemes; draw it where that is asked."""
    visitor_, addresses = visitor
    return {declared: look(visitor_, declared, address) for declared, address in addresses.items()}


def look(visitor: Visitor, declared: str, address: str) -> Seen:
    visitor.page.set_viewport_size(PHONE)
    visitor.complaints.clear()
    page = settled(visitor, address)
    entries = asked(page, "performance.getEntriesByType('resource').map((e) => [e.name, e.encodedBodySize])")
    script_kB = sum(size for name, size in entries if urlsplit(name).path.endswith(".js")) / 1000
    found = Seen([], script_kB, sideways_px(page), asked(page, WRITABLE))
    page.set_viewport_size(DESK)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        rules = RULES if scheme == SCHEMES[0] else OF_COLOURS
        found.violations += [f"{declared} ({scheme}): {described(each)}" for each in judged(page, rules)]
        if SCREENS:
            draw(page, f"{re.sub(r'[^a-z0-9]+', '-', declared).strip('-') or 'home'}-{scheme}")
    found.complaints = list(visitor.complaints)
    return found


def settled(visitor: Visitor, address: str) -> Page:
    page = visitor.open(address)
    page.wait_for_load_state("load")
    return page


def judged(page: Page, rules: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asked(page, f"axe.run({json.dumps(rules)}).then(({{ violations }}) => violations)")
    return found


def described(violation: dict[str, Any]) -> str:
    nodes = [f"{' '.join(map(str, node['target']))}: {node['failureSummary']}" for node in violation["nodes"][:3]]
    return f"{violation['id']}: {violation['help']}\n    " + "\n    ".join(nodes)


def draw(page: Page, name: str) -> None:
    """Draw a page for review at every width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        page.screenshot(path=Path(str(SCREENS)) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size(DESK)


def test_every_page_is_reached(visitor):
    _, addresses = visitor
    assert set(routes()) - set(addresses) == ELSEWHERE


def test_no_page_complains_or_asks_another_place(seen):
    assert {declared: page.complaints for declared, page in seen.items() if page.complaints} == {}


def test_axe_finds_nothing_on_any_page_in_light_and_dark(seen):
    found = [violation for page in seen.values() for violation in page.violations]
    assert not found, "\n".join(found)


def test_no_page_loads_more_script_than_it_may(seen):
    may = {declared: VIEWER_KB if declared in VIEWERS else JAVASCRIPT_KB for declared in seen}
    assert {declared: page.script_kB for declared, page in seen.items() if page.script_kB > may[declared]} == {}


def test_nothing_stands_beyond_the_edge_of_a_phone(seen):
    assert {declared: page.beyond_phone_px for declared, page in seen.items() if page.beyond_phone_px} == {}


WRITABLE = """(() => {
  const kinds = ["text", "textarea", "search", "email", "url", "tel"];
  return [...document.forms].map((form) => [...form.querySelectorAll("input, textarea")]
    .filter((field) => kinds.includes(field.type)).length);
})()"""
FILL = """(form, probe) => {
  const kinds = ["text", "textarea", "search", "email", "url", "tel"];
  for (const field of form.querySelectorAll("input, textarea")) if (kinds.includes(field.type)) field.value = probe;
  for (const select of form.querySelectorAll("select")) {
    if (!select.value) select.selectedIndex = select.options.length - 1;
  }
  HTMLFormElement.prototype.submit.call(form);
}"""
RUN = "document.querySelectorAll(\"img[src='x'], svg[onload]\").length"


def test_what_people_type_is_shown_as_text(visitor, seen):
    """Every form is sent once, then every page is looked at with all that was stored."""
    visitor, addresses = visitor
    page, run = visitor.page, []
    page.on("dialog", lambda dialog: (run.append(f"dialog on {page.url}"), dialog.dismiss()))
    for declared, address in addresses.items():
        for form in [index for index, count in enumerate(seen[declared].writable) if count]:
            fill(settled(visitor, address), form)
            if asked(page, RUN):
                run.append(declared)
    run += [declared for declared, address in addresses.items() if asked(settled(visitor, address), RUN)]
    assert run == []


def fill(page: Page, form: int) -> None:
    """Write the probe into all fields of a form and send it, past what the browser checks."""
    found = page.locator("form").nth(form)
    if found.count():
        with page.expect_navigation(wait_until="load"):
            found.evaluate(FILL, PROBE)
