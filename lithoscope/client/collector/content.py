"""Content that is known already: by the journal, or by the service when the journal was lost."""

import hashlib

from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link
from lithoscope.client.collector.samples import Owner
from lithoscope.client.problems import Problem
from lithoscope.client.tus import Sendable


class Contents:
    """
    Looks content up by its SHA-256.

    Only where a file of the same size was sent before is the new one read beforehand: a renamed or copied file is
    recognised, and all others are read once, while they are sent.

    Parameters
    ----------
    journal : Journal
        What was sent.
    link : Link
        To the service, which is asked for its own memory of this instrument's uploads.
    """

    def __init__(self, journal: Journal, link: Link) -> None:
        self._journal = journal
        self._link = link

    def find(self, source: Sendable, owner: Owner) -> str | None:
        """Return the dataset of the same content for the same sample."""
        size = source.size
        rows = self._journal.rows("SELECT sha256, project, sample_id, dataset_id FROM content WHERE size = ?", size)
        known = {(row["sha256"], row["project"], row["sample_id"]): row["dataset_id"] for row in rows}
        known |= self._at_the_service(size)
        if not known:
            return None
        with source.open() as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return known.get((digest, owner.project_id, owner.sample_id or ""))

    def _at_the_service(self, size: int) -> dict[tuple[str, str, str], str]:
        try:
            asked = {"size_bytes": size, "state": "verified", "limit": 500}
            items = self._link.request("GET", "/uploads", params=asked).json()["items"]
        except Problem:  # an older service keeps no such list: it refuses a twin at the end
            return {}
        return {(row["sha256"], row["project_id"], row["sample_id"] or ""): row["dataset_id"] for row in items}

    def elsewhere(self, digest: str, owner: Owner) -> str | None:
        """Return a dataset of the same content of another sample."""
        query = "SELECT dataset_id FROM content WHERE sha256 = ? AND NOT (project = ? AND sample_id = ?)"
        found = self._journal.row(query, digest, owner.project_id, owner.sample_id or "")
        return None if found is None else str(found["dataset_id"])

    def keep(self, digest: str, size: int, owner: Owner, dataset_id: str, *, path: str) -> None:
        """Remember what was sent."""
        values = (digest, size, owner.project_id, owner.sample_id or "", dataset_id, path)
        self._journal.write("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?, ?, ?)", *values)
