"""One collector for one journal: a second one is refused, and a killed one leaves nothing behind."""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from lithoscope.client.collector.journal import JournalProblem


class Lone:
    """
    A lock beside the journal, let go by the system when the process ends however it ends.

    Parameters
    ----------
    journal : Path
        The journal.
    """

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(f"{journal.name}.lock")

    def __enter__(self) -> Self:
        """Take it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            self._connection.execute("BEGIN EXCLUSIVE")
        except (OSError, sqlite3.Error) as error:
            if "locked" in str(error):
                raise JournalProblem("another `lithoscope watch` uses this journal: end it first") from None
            raise JournalProblem(f"{self._path} cannot be made ({error})") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        self._connection.close()
