"""The reviewer's door: a link in the address instead of a credential, and every look in the audit log."""

import threading
import time
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, FastAPI, Path, Request

from app.lab.composition import Lab
from app.lab.doors import rates
from app.lab.doors.dependencies import CurrentLab
from app.lab.review_links.service import Review

AGAIN_AFTER_S = 600.0
MOST_KNOWN = 4096
LinkText = Annotated[str, Path(max_length=200, description="What follows /review/ in the link")]


@dataclass
class Sights:
    """Which arrays a link has read of late: the hundreds of pieces a viewer asks for are one look."""

    _seen: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_new(self, link_id: str, what: str) -> bool:
        """Say whether a look is to be written, and remember it."""
        at = time.monotonic()
        with self._lock:
            known = self._seen.get((link_id, what))
            if known is not None and at - known < AGAIN_AFTER_S:
                return False
            if len(self._seen) >= MOST_KNOWN:
                self._seen = {key: seen for key, seen in self._seen.items() if at - seen < AGAIN_AFTER_S}
            self._seen[link_id, what] = at
            return True

    def forget(self, link_id: str, what: str) -> None:
        """Take back a look that could not be written."""
        with self._lock:
            self._seen.pop((link_id, what), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A request by a link that works."""

    request: Request
    lab: Lab
    review: Review
    text: str

    def note(self, what: str, *, is_piece: bool = False) -> None:
        """
        Write the look into the audit log before anything is answered; what cannot be written is not shown.

        Parameters
        ----------
        what : str
            ``page``, ``report``, ``download volume as mrc``, ``array volume``.
        is_piece : bool
            One of many pieces of the same thing: written once in ten minutes.
        """
        sights: Sights = self.request.app.state.sights
        link_id = self.review.link.id
        if is_piece and not sights.is_new(link_id, what):
            return
        house = self.lab.house
        try:
            with house.database.writing() as session:
                Lab(house, session).review_links.note_look(self.review, what)
        except BaseException:
            sights.forget(link_id, what)
            raise


def _reading(request: Request, token: LinkText, lab: CurrentLab) -> Reading:
    review = lab.review_links.open(token)
    rates.count(request, review.link.id)
    return Reading(request, lab, review, token)


CurrentReading = Annotated[Reading, Depends(_reading, scope="function")]


def install(app: FastAPI) -> None:
    """Give the application its memory of looks."""
    app.state.sights = Sights()
