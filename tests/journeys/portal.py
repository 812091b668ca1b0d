"""A real browser for journeys through the portal."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.live import LiveService

PASSWORD = "four words make a sentence"
CHROMIUM = "/usr/bin/chromium"
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

NAMELESS = """
[...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a, progress, img, svg.curve")]
  .filter((each) => !(each.labels?.length || each.ariaLabel || each.hasAttribute("aria-labelledby")
    || each.hasAttribute("alt") || each.textContent.trim() || each.querySelector("img[alt]:not([alt=''])")))
  .map((each) => each.outerHTML)"""
TWICE = (
    """[...document.querySelectorAll("[id]")].map((each) => each.id).filter((id, i, all) => all.indexOf(id) !== i)"""
)


def missing() -> str | None:
    """Say what a browser test lacks on this machine; None when nothing."""
    return None if Path(CHROMIUM).exists() or shutil.which("chromium") else "needs Debian's chromium"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Debian's browser."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield made
        made.close()


@dataclass
class Visitor:
    """A person at a browser; what must never happen is noted while they work."""

    url: str
    context: BrowserContext
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open a page that reports errors and requests to other places."""
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
    Found a facility by its pages: its administrator, signed in, a project and a sample.

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
    visitor = Visitor(service.url, chromium.new_context(viewport={"width": 1280, "height": 900}))
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
