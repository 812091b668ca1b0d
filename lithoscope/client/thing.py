"""What every object of the service can do: give its fields, its report, its verdicts, its notes and tags."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from lithoscope.client.connection import Connection
from lithoscope.client.facts import Evaluation, Fact, Report, facts
from lithoscope.client.saving import fresh, save


class Thing:
    """
    An object of the service; every field of its record is an attribute.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Its address, below ``/api/v1``.
    record : dict, optional
        Its record, when it is at hand; read when first needed otherwise.
    is_row : bool
        The record is a row of a list, which may lack fields; it is read whole when one of those is asked for.
    """

    def __init__(
        self, connection: Connection, path: str, record: dict[str, Any] | None = None, *, is_row: bool = False
    ) -> None:
        self._connection = connection
        self._path = path
        self._record = record
        self._is_row = is_row

    @property
    def id(self) -> str:
        """Return the identifier."""
        return self._path.rpartition("/")[2]

    @property
    def record(self) -> dict[str, Any]:
        """Return the whole record as last read."""
        if self._record is None:
            self.refresh()
        return self._record or {}

    def refresh(self) -> None:
        """Read the record again."""
        self._record = self._connection.get(self._path)
        self._is_row = False

    def __getattr__(self, name: str) -> Any:
        """Return a field of the record."""
        if not name.startswith("_") and name not in self.record and self._is_row:
            self.refresh()
        if name.startswith("_") or name not in self.record:
            raise AttributeError(
                f"{type(self).__name__} has no field {name!r}: it has {', '.join(sorted(self.record))}"
            )
        return self.record[name]

    def __repr__(self) -> str:
        """Show kind and identifier."""
        return f"<{type(self).__name__} {self.id}>"


class Reported(Thing):
    """What a report can be had of."""

    def report(self, format: str = "json", to: Path | str | None = None) -> Any:  # noqa: A002 - the API's word
        """
        Return its report.

        Parameters
        ----------
        format : {"json", "html", "pdf", "svg", "png"}
            ``svg`` and ``png`` are the figure of the timeline alone. A file's name, such as ``"run.pdf"``, is written.
        to : path, optional
            A new file to write; its path is returned.

        Returns
        -------
        report : Report, bytes or Path
            A `Report` for JSON, the bytes of other formats, the path where `to` names one.
        """
        if to is None and "." in format:
            return self.report(format.rpartition(".")[2], format)
        if to is not None:
            return save(self._connection, f"{self._path}/report", fresh(to), format=format)
        answer = self._connection.send("GET", f"{self._path}/report", params={"format": format})
        return Report(answer.json()) if format == "json" else answer.content


class Annotated(Thing):
    """What people write notes beside and find by tags."""

    @property
    def _annotations(self) -> str:
        return f"/annotations/{self.id}"

    def notes(self) -> list[Fact]:
        """Return what people wrote beside it, newest first, each with ``author`` and ``created_at``."""
        return facts(Fact, self._connection.pages(f"{self._annotations}/notes"))

    def write_note(self, text: str) -> Fact:
        """Write a note beside it; notes stay, and a second thought is a second note."""
        return Fact(self._connection.post(f"{self._annotations}/notes", {"text": text}))

    def tags(self) -> list[str]:
        """Return its tags, in the order of the alphabet."""
        return [row["tag"] for row in self._connection.pages(f"{self._annotations}/tags")]

    def add_tags(self, *tags: str) -> None:
        """Tag it; capitals do not matter, and a tag it has already stays as it is."""
        for tag in tags:
            self._connection.post(f"{self._annotations}/tags", {"tag": tag})

    def remove_tags(self, *tags: str) -> None:
        """Take tags off; the audit log keeps that they were there."""
        for tag in tags:
            self._connection.send("DELETE", f"{self._annotations}/tags/{quote(tag, safe='')}")


class Judged(Reported, Annotated):
    """What protocols judge and reports are made of: a sample, a dataset, a result."""

    def compliance(self, **question: Any) -> list[Evaluation]:
        """Return the verdict of every protocol that applies, without keeping it; ``purpose=...`` narrows."""
        return facts(Evaluation, self._connection.get(f"{self._path}/compliance", **question)["items"])

    def evaluate(self, protocol: str, **question: Any) -> Evaluation:
        """
        Judge it by a protocol and keep the verdict, with the protocol's version.

        Parameters
        ----------
        protocol : str
            Its identifier (``Client.protocols``).
        **question
            ``purpose``, ``parameters``.
        """
        body = {"target_id": self.id, "protocol_id": protocol, **question}
        return Evaluation(self._connection.post("/evaluations", body))

    def evaluations(self) -> list[Evaluation]:
        """Return the verdicts kept of it, newest first."""
        return facts(Evaluation, self._connection.pages("/evaluations", target_id=self.id))
