"""The service's samples, as far as a device key sees them: label, name and project."""

import sqlite3
from dataclasses import dataclass

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link

FRESH_S = 60.0
WHOLE_S = 86400.0  # names change seldom: everything is read again daily


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a dataset is."""

    project_id: str
    sample_id: str | None = None


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


class Samples:
    """
    Finds samples by identifier, label or name, and asks the service when one is not known.

    Parameters
    ----------
    link : Link
        To the service.
    journal : Journal
        Keeps what was learned.
    clock : Clock
        For how fresh that is.
    """

    def __init__(self, link: Link, journal: Journal, clock: Clock) -> None:
        self._link = link
        self._journal = journal
        self._clock = clock
        self._read_s = self._whole_s = float("-inf")

    def owner(self, wanted: str | None, project: str | None) -> Owner:
        """
        Return project and sample.

        Parameters
        ----------
        wanted : str or None
            The sample as a rule or a person says it.
        project : str or None
            The project as a rule says it, else the settings' own.
        """
        if wanted is None:
            if project is None:
                raise Unowned("no-project", "neither rule nor settings name its project: write project = 'prj_...'")
            return Owner(project)
        rows = self._rows(wanted)
        if not rows and self._clock.steady_s() - self._read_s >= FRESH_S:
            self._read()
            rows = self._rows(wanted)
        if project is not None and project.startswith("prj_"):
            rows = [row for row in rows if row["project_id"] == project]
        if not rows:
            words = (
                f"the service knows no sample {wanted!r} this key may send to: register it, or mend the folder's name"
            )
            raise Unowned("sample-unknown", words)
        if len(rows) > 1:
            codes = ", ".join(sorted(row["code"] for row in rows)[:5])
            raise Unowned("sample-ambiguous", f"several samples are called {wanted!r} ({codes}): use the label")
        return Owner(rows[0]["project_id"], rows[0]["id"])

    def _rows(self, wanted: str) -> list[sqlite3.Row]:
        for column in ("id", "code COLLATE NOCASE", "name COLLATE NOCASE"):
            if found := self._journal.rows(f"SELECT * FROM sample WHERE {column} = ?", wanted):  # noqa: S608 - ours
                return found
        return []

    def _read(self) -> None:
        """Read the labels from the newest to the first that is known; once a day all of them."""
        now = self._clock.steady_s()
        is_whole = now - self._whole_s >= WHOLE_S
        page = self._link.request("GET", "/sample-codes", params={"limit": 500}).json()
        while True:
            ids = [row["id"] for row in page["items"]]
            known = {
                row["id"] for each in ids for row in self._journal.rows("SELECT id FROM sample WHERE id = ?", each)
            }
            with self._journal.writing() as cursor:
                for row in page["items"]:
                    values = (row["id"], row["project_id"], row["code"], row["name"])
                    cursor.execute("INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?)", values)
            if not page.get("next") or (known and not is_whole):
                break
            page = self._link.request("GET", page["next"]).json()
        self._read_s = now
        self._whole_s = now if is_whole else self._whole_s
