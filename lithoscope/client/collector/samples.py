"""The service's samples, as far as a device key sees them: label, name and project."""

import sqlite3
from dataclasses import dataclass

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link
from lithoscope.client.collector.projects import FRESH_S, Projects, Unowned

WHOLE_S = 86400.0  # names change seldom: everything is read again daily


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a dataset is."""

    project_id: str
    sample_id: str | None = None


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
    project : str, optional
        Identifier or code of the project of what names none.
    """

    def __init__(self, link: Link, journal: Journal, clock: Clock, *, project: str | None = None) -> None:
        self._link = link
        self._projects = Projects(link, journal, clock)
        self._usual = project
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
            Identifier or code of the project, as a rule says it.
        """
        if wanted is None:
            if (said := project or self._usual) is None:
                words = "neither rule nor settings name its project: write project = its code, or prj_..."
                raise Unowned("no-project", words)
            return Owner(self._projects.id_of(said))
        rows = self._rows(wanted)
        if not rows and self._clock.steady_s() - self._read_s >= FRESH_S:
            self._read()
            rows = self._rows(wanted)
        if project is not None:
            rows = _of(rows, self._projects.id_of(project))
        elif len(rows) > 1 and self._usual is not None:
            rows = _of(rows, self._projects.id_of(self._usual)) or rows
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


def _of(rows: list[sqlite3.Row], project_id: str) -> list[sqlite3.Row]:
    return [row for row in rows if row["project_id"] == project_id]
