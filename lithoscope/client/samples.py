"""The samples of the service: registered, found by label, words and facets."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lithoscope.client.connection import Connection
from lithoscope.client.facts import Fact
from lithoscope.client.listed import Listed
from lithoscope.client.problems import ClientError
from lithoscope.client.sample import Sample

#: Short for the commonest transfer; everything else is named in full (docs/glossary.md).
TRANSFERS = {"inert": "inert_gas_shuttle"}


class Samples:
    """The samples of the service."""

    def __init__(self, connection: Connection, default_project: Callable[[], str]) -> None:
        self._connection = connection
        self._default_project = default_project

    def create(
        self,
        name: str,
        *,
        material: str = "other",
        project: str | None = None,
        glovebox_hours: float | None = None,
        transfer: str | None = None,
        **fields: Any,
    ) -> Sample:
        """
        Register a sample, and in the same breath what is known of its way here.

        Parameters
        ----------
        name : str
            Name of the sample; the service gives the label (``code``) when it is left out.
        material : str
            One of the facility's materials (docs/glossary.md).
        project : str, optional
            Its project; LITHOSCOPE_PROJECT or your only project when left out.
        glovebox_hours : float, optional
            Hours it lay in a glovebox until now: recorded as a storage event whose gas is not recorded.
        transfer : str, optional
            How it came to the instrument: a transfer method, or ``"inert"`` for ``inert_gas_shuttle``.
        **fields
            ``kind``, ``code``, ``electrolyte``, ``prepared_at``, ``capacity_mAh_per_cm2``, ``cell_history``,
            ``parent_id``.
        """
        connection = self._connection
        project_id = project or self._default_project()
        body = {"project_id": project_id, "name": name, "material": material, **fields}
        record = connection.post("/samples", body)
        sample = Sample(connection, f"/samples/{record['id']}", record)
        now = datetime.now(UTC)
        if glovebox_hours is not None:
            begin = now - timedelta(hours=glovebox_hours)
            sample.record_event("storage", begin.isoformat(), ended_at=now.isoformat(), place="glovebox")
        if transfer is not None:
            sample.record_event("transfer", now.isoformat(), method=TRANSFERS.get(transfer, transfer))
        return sample

    def get(self, sample_id: str) -> Sample:
        """Return a sample by its identifier (``smp_...``) or label."""
        connection = self._connection
        if sample_id.startswith("smp_"):
            record = connection.get(f"/samples/{sample_id}")
            return Sample(connection, f"/samples/{sample_id}", record)
        found = [row for row in connection.pages("/samples", q=sample_id) if row["code"] == sample_id]
        if not found:
            raise ClientError(f"no sample of yours carries the label {sample_id!r}")
        return Sample(connection, f"/samples/{found[0]['id']}", found[0])

    def __iter__(self) -> Iterator[Sample]:
        """Walk all samples you may see, newest first."""
        return iter(self.search())

    def search(self, text: str | None = None, *, limit: int | None = None, **facets: str | None) -> Listed[Sample]:
        """
        List the samples you may see that answer to all of these, newest first.

        Parameters
        ----------
        text : str, optional
            Within name or label; capitals do not matter.
        limit : int, optional
            How many at most.
        **facets
            ``material``, ``kind`` (``"none"``: not stated), ``clock`` (state of any of its clocks), ``state``
            (``"kept"`` or ``"disposed"``), ``tag``, ``project_id``.
        """
        return Listed(self._connection, "/samples", Sample, limit=limit, filters={"q": text, **facets})

    def facets(self, text: str | None = None, **facets: str | None) -> Fact:
        """Count what `search` would find, by every facet: ``total``, and of each a list of ``value`` and ``count``."""
        return Fact(self._connection.get("/sample-facets", q=text, **facets))
