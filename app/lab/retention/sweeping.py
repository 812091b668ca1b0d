"""Deleting by rule, at intervals, by any process: the worker's sweeper calls `RuleSweeper.sweep`."""

import time

from app.errors import Conflict, NotFound
from app.infra.house import House
from app.infra.log import get_logger
from app.lab.composition import Lab

RULES_EVERY_S = 3600.0

log = get_logger(__name__)


class RuleSweeper:
    """Applies the rules at its first call and then once an hour; going through all that is old is not cheap."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._next_s = 0.0

    def sweep(self) -> None:
        """Apply the rules when it is time."""
        if time.monotonic() >= self._next_s:
            apply_rules(self._house)
            self._next_s = time.monotonic() + RULES_EVERY_S


def apply_rules(house: House) -> int:
    """
    Delete what the rules say, each thing in a transaction of its own.

    Returns
    -------
    deleted : int
        Things deleted by rules; what is held stays until what holds it is gone.
    """
    with house.database.reading() as session:
        due = [each for each in Lab(house, session).retention.due() if not each.held_by]
    deleted = 0
    for each in due:
        try:
            with house.database.writing() as session:
                Lab(house, session).retention.delete(each)
        except (Conflict, NotFound) as error:  # used or deleted by somebody a moment ago
            log.info("not deleted by rule", object_id=each.object_id, cause=error.code)
            continue
        deleted += 1
    return deleted
