"""The projects a key may send to: settings name them by code, the service by identifier."""

from collections.abc import Iterable, Mapping
from typing import Any

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link

FRESH_S = 60.0
NOTE = "projects"
PREFIX = "prj_"


class Unowned(Exception):
    """
    It cannot be said whose a dataset is.

    Parameters
    ----------
    kind : str
        Stable word.
    words : str
        What is wrong and what to do.
    """

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


class Projects:
    """
    Finds projects by identifier or code, and asks the service when a code is not known.

    Parameters
    ----------
    link : Link
        To the service.
    journal : Journal
        Keeps the codes: they never change.
    clock : Clock
        For how often the service is asked.
    """

    def __init__(self, link: Link, journal: Journal, clock: Clock) -> None:
        self._link = link
        self._journal = journal
        self._clock = clock
        self._read_s = float("-inf")

    def id_of(self, said: str) -> str:
        """Return a project's identifier; `Unowned` when it cannot be said which project is meant."""
        if said.startswith(PREFIX):
            return said
        try:
            return id_in(said, self._journal.noted(NOTE) or {})
        except Unowned:
            if self._clock.steady_s() - self._read_s < FRESH_S:
                raise
        return id_in(said, self._read())

    def _read(self) -> dict[str, str]:
        codes = codes_in(self._link.request("GET", "/me").json())
        self._read_s = self._clock.steady_s()
        self._journal.note(NOTE, codes, self._clock.wall_s())
        return codes


def codes_in(me: Mapping[str, Any]) -> dict[str, str]:
    """Return the codes a service tells by the identifiers of its projects; an older one tells none."""
    return {row["id"]: row["code"] for row in me.get("projects") or ()}


def id_in(said: str, codes: Mapping[str, str]) -> str:
    """
    Return the project that is meant; letter case counts only between codes that differ in nothing else.

    Parameters
    ----------
    said : str
        Identifier or code.
    codes : mapping of str to str
        Codes by identifier.
    """
    if said in codes:
        return said
    alike = {name: code for name, code in codes.items() if code.casefold() == said.casefold()}
    found = [name for name, code in alike.items() if code == said] or list(alike)
    if len(found) == 1:
        return found[0]
    if found:
        raise Unowned("project-ambiguous", f"several projects are called {said!r} ({_some(alike.values())})")
    known = f"it knows {_some(codes.values())}" if codes else f"it tells no codes: write {PREFIX}..."
    raise Unowned("project-unknown", f"the service knows no project {said!r} this key may send to; {known}")


def _some(codes: Iterable[str]) -> str:
    first, *rest = sorted(codes)
    return ", ".join([first, *rest[:4], *(["..."] if len(rest) > 4 else [])])
