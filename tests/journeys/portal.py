"""A real browser for journeys through the portal."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect, sync_playwright

from tests.live import LiveService, made

PASSWORD = "four words make a sentence"
DESK: ViewportSize = {"width": 1280, "height": 900}
CHROMIUM = shutil.which("chromium") or ""
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: How long a person waits for a page, a picture or a job: a loaded machine is slow, and nobody is told sooner by less.
PATIENCE_MS = 120_000
LOADS = 20  # that a page may begin anew while it is looked at

NAMELESS = """
[...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a, progress, img, svg.curve")]
  .filter((each) => !(each.labels?.length || each.ariaLabel || each.hasAttribute("aria-labelledby")
    || each.hasAttribute("alt") || each.textContent.trim() || each.querySelector("img[alt]:not([alt=''])")))
  .map((each) => each.outerHTML)"""
TWICE = (
    """[...document.querySelectorAll("[id]")].map((each) => each.id).filter((id, i, all) => all.indexOf(id) !== i)"""
)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

expect.set_options(timeout=PATIENCE_MS)


def asked(page: Page, question: str) -> Any:
    """
    Ask a page that stands: its document is whole and has a heading.

    A click does not wait for the page it leads to: go there with `wait_for_url` or a locator of that page first. A page
    that loads itself anew in between, as a job's does when the job ends, is asked again.

    Parameters
    ----------
    page : Page
        A page of the portal.
    question : str
        An expression of JavaScript.
    """
    for _ in range(LOADS):
        expect(page.locator("h1").first).to_be_attached()
        page.wait_for_load_state("load")
        try:
            return page.locator("html").evaluate(f"() => {question.strip()}")
        except Error as error:
            if "context was destroyed" not in error.message:
                raise
    raise TimeoutError(f"the page never stood still: {page.url}")


def sideways_px(page: Page) -> int:
    """Return by how much a page is wider than its screen; what scrolls sideways is more than 0."""
    return int(asked(page, SIDEWAYS))


def nameless(page: Page) -> list[str]:
    """Return the controls and pictures that have no name, and the ids that stand twice."""
    found: list[str] = asked(page, f"[...{NAMELESS.strip()}, ...{TWICE}]")
    return found


def missing() -> str | None:
    """Say what a browser test lacks on this machine; None when nothing."""
    return None if CHROMIUM else "needs Debian's chromium"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Debian's browser."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@dataclass
class Visitor:
    """A person at a browser; what must never happen is noted while they work."""

    url: str
    context: BrowserContext
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open a page that reports errors and requests to other places."""
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(f"console: {said.text}"))
        self.page.on("request", lambda asked: self._check(asked.url))

    def _check(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"outside: {url}")

    def open(self, path: str) -> Page:
        """Open a page of the portal."""
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, login: str, password: str) -> None:
        """Sign in by the form."""
        page = self.open("/sign-in")
        page.get_by_label("User name").fill(login)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.url + "/")


def founded(service: LiveService, chromium: Browser, *, project: tuple[str, str], sample: tuple[str, str]) -> Visitor:
    """
    Found a facility over HTTP: its administrator, signed in, a project and a sample.

    Parameters
    ----------
    service : LiveService
        A service nobody has met.
    chromium : Browser
        The administrator's browser.
    project : tuple of str
        Code and title.
    sample : tuple of str
        Name and material; its page is left open.
    """
    visitor = Visitor(service.url, chromium.new_context(viewport=DESK))
    with httpx.Client(base_url=f"{service.url}/api/v1", timeout=60) as client:
        person = {"login": "ada", "display_name": "Ada Curie", "password": PASSWORD}
        made(client, "/setup", {"code": service.setup_code, **person})
        client.headers["X-CSRF-Token"] = made(client, "/sessions", {"login": "ada", "password": PASSWORD})["csrf_token"]
        room = made(client, "/projects", {"code": project[0], "title": project[1]})
        piece = made(client, "/samples", {"project_id": room["id"], "name": sample[0], "material": sample[1]})
        cookies = [{"name": name, "value": value, "url": service.url} for name, value in client.cookies.items()]
    visitor.context.add_cookies(cookies)  # type: ignore[arg-type]
    visitor.open(f"/samples/{piece['id']}")
    return visitor


def founded_by_its_pages(
    service: LiveService, chromium: Browser, *, project: tuple[str, str], sample: tuple[str, str]
) -> Visitor:
    """Found the same facility as `founded`, as its first administrator does."""
    visitor = Visitor(service.url, chromium.new_context(viewport=DESK))
    page = visitor.open(f"/setup?code={service.setup_code}")
    page.get_by_label("Your name").fill("Ada Curie")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("status")).to_contain_text("sign in with it")
    visitor.sign_in("ada", PASSWORD)
    page.get_by_role("link", name="Open the first project").click()
    page.get_by_label("Code").fill(project[0])
    page.get_by_label("Title").fill(project[1])
    page.get_by_role("button", name="Open the project").click()
    page.get_by_role("link", name="Register a sample").click()
    page.get_by_label("Name").fill(sample[0])
    page.get_by_label("Material").select_option(sample[1])
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sample[0])
    return visitor
