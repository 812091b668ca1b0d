"""What the service keeps, as objects: datasets, jobs, results and the arrays within them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lithoscope.client.connection import Connection
from lithoscope.client.events import FINAL, Event, follow
from lithoscope.client.facts import Evaluation, Fact, Provenance, Report, facts
from lithoscope.client.problems import ClientError, JobFailed, Rejected
from lithoscope.client.progress import bar
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import xarray

LOG_TAIL = 10
NOT_ZARR = frozenset({"scalar", "table", "spectra", "exposure"})


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
    """

    def __init__(self, connection: Connection, path: str, record: dict[str, Any] | None = None) -> None:
        self._connection = connection
        self._path = path
        self._record = record

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

    def __getattr__(self, name: str) -> Any:
        """Return a field of the record."""
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
            ``svg`` and ``png`` are the figure of the timeline alone.
        to : path, optional
            A new file to write; its path is returned.

        Returns
        -------
        report : Report, bytes or Path
            A `Report` for JSON, the bytes of other formats, the path where `to` names one.
        """
        if to is not None:
            return save(self._connection, f"{self._path}/report", fresh(to), format=format)
        answer = self._connection.send("GET", f"{self._path}/report", params={"format": format})
        return Report(answer.json()) if format == "json" else answer.content


class Publication(Reported):
    """A report that was published; it stays as it was frozen, whatever is recorded later."""


class Judged(Reported):
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


class Array:
    """
    One array, table or number of a dataset or result.

    Parameters
    ----------
    connection : Connection
        To the service.
    owner : str
        Address of the dataset or result.
    folder : {"arrays", "outputs"}
        Where the owner keeps it.
    summary : dict
        Name, kind, axes, shape, unit, spacing, statistics.
    """

    def __init__(self, connection: Connection, owner: str, folder: str, summary: dict[str, Any]) -> None:
        self._connection = connection
        self._owner = owner
        self._folder = folder
        self.summary = summary

    @property
    def name(self) -> str:
        """Return the name within its owner."""
        return str(self.summary["name"])

    @property
    def reference(self) -> str:
        """Return the words that name it as a job's input."""
        return f"{self._owner.rpartition('/')[2]}/{self.name}"

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape; empty for tables and numbers."""
        return tuple(self.summary.get("shape") or ())

    @property
    def spacing(self) -> dict[str, Quantity]:
        """Return the step of each calibrated axis."""
        return {axis: Quantity.from_json(record) for axis, record in (self.summary.get("spacing") or {}).items()}

    @property
    def quantity(self) -> Quantity:
        """Return a scalar with unit, uncertainty and source."""
        if self.summary.get("quantity") is None:
            raise ClientError(f"{self.name} is not a number but of kind {self.summary.get('kind')}")
        return Quantity.from_json(self.summary["quantity"])

    def to_xarray(self, level: int = 0) -> "xarray.DataArray":
        """Open it lazily: dimensions by name, spatial coordinates in nm; ``level`` 1, 2 ... are coarser."""
        if self.summary.get("kind") in NOT_ZARR:
            raise ClientError(f"{self.name} is of kind {self.summary.get('kind')}: use .quantity or .table()")
        from lithoscope.client.arrays import open_xarray

        path = f"{self._owner}/{self._folder}/{self.name}/zarr"
        unit = str(self.summary.get("unit") or "1")
        array = open_xarray(self._connection, path, name=self.name, unit=unit, level=level)
        own = self.summary.get("coordinates") or {}  # such as the tilt of each projection
        return array.assign_coords({dim: own[dim] for dim in array.dims if len(own.get(dim, ())) == array.sizes[dim]})

    def to_napari(self, level: int = 0) -> tuple[Any, dict[str, Any], str]:
        """Return napari's layer triple: data, keywords with scale, units and contrast limits, kind."""
        array = self.to_xarray(level)
        scale = [
            float(array[dim][1] - array[dim][0]) if dim in array.coords and array.sizes[dim] > 1 else 1.0
            for dim in array.dims
        ]
        units = [array[dim].attrs["units"] if dim in array.coords else "pixel" for dim in array.dims]
        keywords: dict[str, Any] = {"name": self.name, "scale": scale, "units": units}
        if self.summary.get("kind") == "labels":
            return array.data, keywords, "labels"
        if statistics := self.summary.get("statistics"):
            keywords["contrast_limits"] = (statistics["min"], statistics["max"])
        return array.data, keywords, "image"

    def table(self) -> dict[str, list[Any]]:
        """Return a table's columns by name, units in the names."""
        if self.summary.get("kind") != "table":
            raise ClientError(f"{self.name} is not a table but of kind {self.summary.get('kind')}")
        return dict(self._connection.get(f"{self._owner}/{self._folder}/{self.name}/table")["columns"])

    def provenance(self, *, voxel: Sequence[int] | None = None, label: int | None = None) -> Provenance:
        """
        Return where a voxel, a label or this number comes from, back to the cell; outputs of results only.

        Parameters
        ----------
        voxel : sequence of int, optional
            Index along each axis, such as (z, y, x).
        label : int, optional
            A label of a segmentation.
        """
        if self._folder != "outputs":
            raise ClientError(
                f"{self.name} is part of a dataset: its provenance is the dataset's own record and lineage"
            )
        place = None if voxel is None else ",".join(str(int(index)) for index in voxel)
        return Provenance(
            self._connection.get(f"{self._owner}/{self._folder}/{self.name}/provenance", voxel=place, label=label)
        )

    def __repr__(self) -> str:
        """Show name, kind and shape."""
        return f"<Array {self.reference} {self.summary.get('kind')} {self.shape or ''}>"


class Dataset(Judged):
    """Bytes as received with what was read from them."""

    @property
    def metadata(self) -> Mapping[str, Quantity]:
        """Return the acquisition's quantities, each with unit and source."""
        return {name: Quantity.from_json(record) for name, record in self.record.get("quantities", {}).items()}

    @property
    def arrays(self) -> Mapping[str, Array]:
        """Return its arrays by name."""
        summaries = self.record.get("arrays", [])
        return {item["name"]: Array(self._connection, self._path, "arrays", item) for item in summaries}

    def wait(self, timeout_s: float = 600.0) -> "Dataset":
        """Wait until it is readable; raises `Rejected` when it cannot be read."""
        waited, pause = 0.0, 0.1
        while True:
            self.refresh()
            if self.record["state"] == "readable":
                return self
            if self.record["state"] == "rejected":
                raise Rejected(self.id, self.record.get("problem") or {})
            if waited >= timeout_s:
                raise ClientError(
                    f"dataset {self.id} is still {self.record['state']} after {timeout_s:g} s: look again later"
                )
            self._connection.sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, 2.0)

    def to_xarray(self, name: str | None = None, level: int = 0) -> "xarray.DataArray":
        """Open one of its arrays lazily: the first when none is named."""
        arrays = self.arrays
        if not arrays or (name is not None and name not in arrays):
            raise ClientError(f"dataset {self.id} has the arrays {sorted(arrays)}: name one of them")
        return arrays[name or next(iter(arrays))].to_xarray(level)

    def download(self, target: Path) -> Path:
        """Save the bytes as they were received."""
        return save(self._connection, f"{self._path}/content", target)


class Result(Judged):
    """Outputs of a job; immutable."""

    @property
    def outputs(self) -> Mapping[str, Array]:
        """Return its outputs by name."""
        return {item["name"]: Array(self._connection, self._path, "outputs", item) for item in self.record["outputs"]}

    def label_phase(self, output: str, label: int, phase: str | None, **fields: Any) -> Fact:
        """Say which phase a label of a segmentation is; None takes the word back."""
        body = {"output": output, "label": label, "phase": phase, **fields}
        return Fact(self._connection.post(f"{self._path}/labels", body))

    def labels(self) -> list[Fact]:
        """Return what its labels are said to be, and which of them the beam may have made."""
        return facts(Fact, self._connection.get(f"{self._path}/labels")["items"])

    def download(self, output: str, format: str, target: Path) -> Path:  # noqa: A002 - the API's word
        """Save one output as ``ome-zarr`` (zip), ``hdf5``, ``mrc``, ``tiff`` or ``csv``."""
        return save(self._connection, f"{self._path}/download", target, output=output, format=format)


class Job(Thing):
    """One run of a method."""

    @property
    def is_over(self) -> bool:
        """Say whether it has ended, as last read."""
        return self.record["state"] in FINAL

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield its events as they happen, each once, until it has ended."""
        return follow(self._connection, f"{self._path}/events", after)

    def wait(self, *, progress: bool = True) -> "Job":
        """Wait until it has ended, with a live bar; raises `JobFailed` with the tail of its log."""
        log: list[str] = []
        latest = ""
        with bar(str(self.record.get("method", self.id)), shown=progress) as advance:
            for event in self.events():
                if event.type == "log":
                    log = [*log, str(event.payload.get("text", ""))][-LOG_TAIL:]
                elif event.type == "progress":
                    latest = note(event.payload)
                    advance(float(event.payload.get("done", 0)), event.payload.get("total"), latest)
            self.refresh()
            if self.record["state"] == "succeeded":
                advance(1, 1, latest)
        if self.record["state"] != "succeeded":
            raise JobFailed(self.id, self.record["state"], self.record.get("problem") or {}, log)
        return self

    def cancel(self) -> None:
        """Ask that it stop without a result."""
        self._connection.post(f"{self._path}/cancellation")

    def finish_early(self) -> None:
        """Ask that it stop at its next step and keep what it has."""
        self._connection.post(f"{self._path}/early-finish")

    @property
    def result(self) -> Result:
        """Return its result; waits for nothing."""
        if not self.is_over:
            self.refresh()
        if not self.record.get("result_id"):
            raise ClientError(f"job {self.id} is {self.record['state']} and has no result: call wait() first")
        return Result(self._connection, f"/results/{self.record['result_id']}")

    @property
    def outputs(self) -> Mapping[str, Array]:
        """Return the outputs of its result by name."""
        return self.result.outputs

    def cite(self) -> str:
        """Return one sentence that says what was computed with what."""
        method = self._connection.get(f"/methods/{self.record['method']}")
        program = f"Lithoscope method {method['id']} version {self.record['method_version']}"
        return f"{method['title']} ({program}; {method['reference']}), job {self.id}."


def note(payload: dict[str, Any]) -> str:
    """Write the values beside a progress step, such as the residual."""
    values = ((name, value) for name, value in payload.items() if name not in {"done", "total"})
    return " ".join(f"{name} {value:.4g}" for name, value in values if isinstance(value, int | float))


def save(connection: Connection, path: str, target: Path | None, **params: Any) -> Path:
    """
    Save an answer under a fresh name first, so that a broken transfer never looks like a file.

    Without a target it is saved in the working folder under the name the service gives it, never over another file.
    """
    with connection.stream(path, **params) as response:
        target = target or fresh(_given_name(response.headers["content-disposition"]))
        part = target.with_name(f"{target.name}.part")
        with part.open("wb") as file:
            for block in response.iter_bytes(1024 * 1024):
                file.write(block)
    part.replace(target)
    return target


def fresh(target: Path | str) -> Path:
    """Return the path of a file to be written, refusing one that exists."""
    path = Path(target)
    if path.exists():
        raise ClientError(f"{path} exists already: choose another name")
    return path


def _given_name(disposition: str) -> str:
    found = re.search(r'filename="([A-Za-z0-9_][A-Za-z0-9._-]*)"', disposition)
    return found[1] if found else "download"
