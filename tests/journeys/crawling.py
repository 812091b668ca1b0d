"""Every address a visitor of the portal can click to, asked over HTTP."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

MOST_ALIKE = 1  # addresses that differ only in what they name
_LEADS_TO = re.compile(r"<(?:a|img|link|script|iframe|source)\b[^>]*?\s(?:href|src)=\"([^\"]*)\"")
_NAME = re.compile(r"[a-z]+_[0-9a-f]{32}|\d+|(?<=^/methods/)\w+|(?<=^/recipes/)\w+|(?<=^/docs/)[\w-]+(?=/)")


@dataclass
class Crawl:
    """
    What a visitor met.

    Parameters
    ----------
    client : httpx.Client
        With the visitor's cookies, if any.
    """

    client: httpx.Client
    statuses: dict[str, int] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    shown_on: dict[str, str] = field(default_factory=dict)
    _shapes: Counter[str] = field(default_factory=Counter)
    _waiting: list[str] = field(default_factory=list)

    def begin(self, *addresses: str) -> "Crawl":
        """Follow every link from these addresses on; of many that are alike a few."""
        for address in addresses:
            self._meet(address, "the beginning")
        while self._waiting:
            self._visit(self._waiting.pop(0))
        return self

    @property
    def refused(self) -> list[str]:
        """Return what was linked and did not open, with its status and the page that shows the link."""
        failed = {address: status for address, status in self.statuses.items() if status >= 400}
        return [f"{status} {address} shown on {self.shown_on[address]}" for address, status in failed.items()]

    def _visit(self, address: str) -> None:
        with self.client.stream("GET", address, headers={"Accept": "text/html,*/*"}) as answer:
            self.statuses[address] = answer.status_code
            self.ends[address] = str(answer.url)
            if not answer.is_success or not answer.headers.get("content-type", "").startswith("text/html"):
                return
            text = answer.read().decode()
            here = answer.url
        for link in _LEADS_TO.findall(text):
            self._meet(urljoin(str(here), unescape(link)), address)

    def _meet(self, link: str, shown_on: str) -> None:
        parts = urlsplit(link)
        if parts.netloc and parts.netloc != self.client.base_url.netloc.decode():
            return
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.scheme not in {"", "http"} or address in self.shown_on:
            return
        shape = f"{_NAME.sub('*', parts.path)}?{sorted(name for name, _ in parse_qsl(parts.query))}"
        self._shapes[shape] += 1
        if self._shapes[shape] <= MOST_ALIKE:
            self.shown_on[address] = shown_on
            self._waiting.append(address)
