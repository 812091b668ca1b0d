"""How results are cited; nobody commits here."""

from collections.abc import Mapping

from app.infra.db.models import Result
from app.lab.results.repository import ResultRepository
from lithoscope.methods import Method
from lithoscope.writers.citation import Citation


class CitationService:
    """Says how results another room was already given are cited."""

    def __init__(self, results: ResultRepository, methods: Mapping[str, Method]) -> None:
        self._results = results
        self._methods = methods

    def of(self, result: Result, address: str) -> Citation:
        """
        Return the citation of a result.

        Parameters
        ----------
        result : Result
            What is cited.
        address : str
            Where it can be read.
        """
        about, record = self._results.cited(result), result.run_record
        method_id = str(record.get("method") or about.method)
        method = self._methods.get(method_id)
        title = method.title if method else method_id.replace("_", " ")
        sample = f" of {about.sample} ({about.code})" if about.sample else ""
        return Citation(
            identifier=result.id,
            digest=result.digest,
            title=f"{title}{sample}",
            author=about.author,
            made_at=result.created_at,
            publisher=about.project,
            method=method_id,
            method_title=title,
            method_version=str(record.get("method_version", "unknown")),
            reference=method.reference if method else "",
            software=f"Lithoscope {(record.get('software') or {}).get('lithoscope', 'of unknown version')}",
            address=address,
        )
