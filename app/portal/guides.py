"""
The documents of ``docs/`` as pages: Markdown rendered by the service, links kept within the portal.

``guides`` in this folder leads to them, so the distribution carries the very files a reader of the sources sees; pages
of methods are written from their declarations, as the files are.
"""

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

FOLDER = Path(__file__).parent / "guides"
IMAGES = FOLDER / "images"
SHELVES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "At the microscope",
        ("first-hour", "custody-and-dose", "formats", "tomography", "recipes", "rules", "live", "protocols"),
    ),
    ("Programs", ("client", "first-steps", "problems")),
    ("Running the service", ("deployment", "operations", "settings")),
    ("How it is made", ("architecture", "design", "benchmarks")),
)
NAMES = frozenset(name for _, names in SHELVES for name in names)
_PICTURE = re.compile(r'<picture>.*?<img alt="(?P<words>[^"]*)" src="(?P<file>[^"]*)">.*?</picture>', re.DOTALL)
Env = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Guide:
    """A document: its title, its text as HTML, its headings of the second level as (anchor, words)."""

    title: str
    text: Markup
    headings: tuple[tuple[str, str], ...]


class _Pages(RendererHTML):
    """HTML that the content security policy lets through: no style attribute, no link that leads nowhere."""

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Give headings the names that links within documents use."""
        tokens[idx].attrSet("id", anchor(tokens[idx + 1].content))
        return self.renderToken(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Let a wide table move within its own frame."""
        return '<div class="scroll" tabindex="0" role="group" aria-label="Table">' + self.renderToken(
            tokens, idx, options, env
        )

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Close the table and its frame."""
        return self.renderToken(tokens, idx, options, env) + "</div>"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Write the head of a column."""
        tokens[idx].attrSet("scope", "col")
        return self.td_open(tokens, idx, options, env)

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Say by a class what Markdown says by a style: numbers stand at the right."""
        if "right" in str(tokens[idx].attrs.pop("style", "")):
            tokens[idx].attrSet("class", "number")
        return self.renderToken(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Lead to the page that shows a document; what is not among the pages stays as words."""
        address = page_address(str(tokens[idx].attrs["href"]))
        tokens[idx].attrs = {"href": address} if address else {}
        if address.startswith("http"):
            tokens[idx].attrSet("rel", "noreferrer")
        return self.renderToken(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Env) -> str:
        """Show a picture from the documents' own folder."""
        tokens[idx].attrSet("src", f"/docs/images/{PurePosixPath(str(tokens[idx].attrs['src'])).name}")
        tokens[idx].attrSet("loading", "lazy")
        return super().image(tokens, idx, options, env)


def page_address(link: str) -> str:
    """Return the address in the portal a document's link means; empty where the portal has no such page."""
    target, mark, part = link.partition("#")
    behind = f"{mark}{part}"
    if link.startswith(("https://", "http://")):
        return link
    if not target:
        return behind
    if target == "glossary.md":
        return f"/glossary{behind}"
    path = PurePosixPath(target)
    if path.parent.name == "methods" and path.suffix == ".md":
        return f"/docs/methods/{path.stem}{behind}"
    return f"/docs/{path.stem}{behind}" if path.suffix == ".md" and path.stem in NAMES else ""


def anchor(words: str) -> str:
    """Return the name of a heading or term in addresses: its letters and digits, joined by hyphens."""
    return "-".join(re.findall(r"\w+", words.lower().replace("`", "")))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False}, renderer_cls=_Pages)


def rendered(text: str) -> Guide:
    """Render a Markdown document."""
    plain = _PICTURE.sub(lambda found: f"![{found['words']}]({found['file']})", text)  # of two themes, the light one
    tokens = _markdown().parse(plain)
    heads = [
        (token.tag, following.content.replace("`", ""))
        for token, following in pairwise(tokens)
        if token.type == "heading_open"
    ]
    html: str = _markdown().renderer.render(tokens, _markdown().options, {})
    title = next((words for tag, words in heads if tag == "h1"), "")
    headings = tuple((anchor(words), words) for tag, words in heads if tag == "h2")
    return Guide(title, Markup(html), headings)  # noqa: S704 - Markdown without HTML, rendered from our own files


def inline(text: str) -> Markup:
    """Render one line of Markdown: code, emphasis, links."""
    return Markup(_markdown().renderInline(text))  # noqa: S704 - as above


@cache
def guide(name: str) -> Guide | None:
    """Return a document by its name; None when there is none."""
    return rendered((FOLDER / f"{name}.md").read_text(encoding="utf-8")) if name in NAMES else None


@cache
def shelves() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return what can be read, by group: names and titles."""
    return tuple(
        (group, tuple((name, found.title) for name in names if (found := guide(name)))) for group, names in SHELVES
    )


@cache
def pictures() -> frozenset[str]:
    """Return the names of the pictures in documents."""
    return frozenset(each.name for each in IMAGES.glob("*.png"))
