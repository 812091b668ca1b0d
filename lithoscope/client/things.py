"""What the service keeps, as objects: datasets, jobs, results and the arrays within them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lithoscope.client.events import FINAL, Event, follow
from lithoscope.client.facts import Fact, facts
from lithoscope.client.named import Named, Quantities, quantity_of
from lithoscope.client.outputs import Array
from lithoscope.client.problems import ClientError, JobFailed, Rejected
from lithoscope.client.progress import bar
from lithoscope.client.saving import fetch, save
from lithoscope.client.thing import Judged, Reported, Thing
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import dask.array
    import pandas as pd
    import xarray

LOG_TAIL = 10


class Publication(Reported):
    """A report that was published; it stays as it was frozen, whatever is recorded later."""


class Dataset(Judged):
    """Bytes as received with what was read from them."""

    @property
    def metadata(self) -> Mapping[str, Quantity]:
        """Return the acquisition's quantities, each with unit and source; ``beam_energy`` is ``beam_energy_kV``."""
        told = self.record.get("quantities", {})
        return Quantities({name: quantity_of(record) for name, record in told.items()})

    @property
    def arrays(self) -> Mapping[str, Array]:
        """Return its arrays by name."""
        summaries = self.record.get("arrays", [])
        return Named({item["name"]: Array(self._connection, self._path, "arrays", item) for item in summaries})

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

    def array(self, name: str | None = None) -> Array:
        """Return one of its arrays: the first when none is named."""
        arrays = self.arrays
        if not arrays or (name is not None and name not in arrays):
            raise ClientError(f"dataset {self.id} has the arrays {sorted(arrays)}: name one of them")
        return arrays[name or next(iter(arrays))]

    def to_xarray(self, name: str | None = None, level: int = 0) -> "xarray.DataArray | xarray.Dataset":
        """Open one of its arrays with coordinates and units, lazily; a table at once. The first when none is named."""
        return self.array(name).to_xarray(level)

    def to_dask(self, name: str | None = None, level: int = 0) -> "dask.array.Array":
        """Return the values of one of its arrays, lazily: the first when none is named."""
        return self.array(name).to_dask(level)

    def to_pandas(self, name: str | None = None, columns: Sequence[str] | None = None) -> "pd.DataFrame":
        """Return one of its tables, or the columns of its list of events: the first when none is named."""
        tables = [each for each, array in self.arrays.items() if array.summary.get("kind") in ("points", "table")]
        if name is None and not tables:
            raise ClientError(f"dataset {self.id} holds no table and no list of events: use .to_xarray()")
        return self.array(name or tables[0]).to_pandas(columns)

    def to_hyperspy(self, name: str | None = None, level: int = 0) -> Any:
        """Return one of its arrays as a lazy HyperSpy signal with the acquisition's metadata."""
        return self.array(name).to_hyperspy(level, quantities=self.metadata)

    def record_exposure(self, **fields: Any) -> dict[str, Any]:
        """
        Record the scans it came from in the dose ledger, as its file tells them; once, however often it is called.

        Parameters
        ----------
        **fields
            What the file does not say: ``occurred_at``, ``recorded_scans``, ``region_id``, ``note``.
        """
        return dict(self._connection.post(f"{self._path}/exposure", fields))

    def download(self, target: Path | str, *, progress: bool | None = None) -> Path:
        """Save the bytes as they were received; a transfer that was cut goes on, and their SHA-256 is checked."""
        with bar(Path(target).name, shown=self._connection.shows(progress), unit="bytes") as advance:
            return fetch(self._connection, f"{self._path}/content", Path(target), params={}, report=advance)


class Result(Judged):
    """Outputs of a job; immutable."""

    @property
    def outputs(self) -> Mapping[str, Array]:
        """Return its outputs by name."""
        made = self.record["outputs"]
        return Named({item["name"]: Array(self._connection, self._path, "outputs", item) for item in made})

    def cite(self, format: Literal["text", "bibtex", "ris", "cff"] = "text") -> str:  # noqa: A002 - the API's word
        """Return how it is cited: who, when, of what, by which version of which method, and its digest."""
        return self._connection.send("GET", f"{self._path}/citation", params={"format": format}).text

    def paragraph(self) -> str:
        """Return how it was computed in sentences for a methods section, made of its record alone."""
        return str(self.methods_paragraph)

    def label_phase(self, output: str, label: int, phase: str | None, **fields: Any) -> Fact:
        """Say which phase a label of a segmentation is; None takes the word back."""
        body = {"output": output, "label": label, "phase": phase, **fields}
        return Fact(self._connection.post(f"{self._path}/labels", body))

    def labels(self) -> list[Fact]:
        """Return what its labels are said to be, and which of them the beam may have made."""
        return facts(Fact, self._connection.get(f"{self._path}/labels")["items"])

    def download(self, output: str, format: str, target: Path) -> Path:  # noqa: A002 - the API's word
        """Save one output as ``ome-zarr`` (zip), ``hdf5``, ``mrc``, ``tiff``, ``csv``, ``png``, ``svg`` or ``gif``."""
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

    def wait(self, *, progress: bool | None = None) -> "Job":
        """Wait until it has ended, with a live bar; raises `JobFailed` with the tail of its log."""
        log: list[str] = []
        latest = ""
        with bar(str(self.record.get("method", self.id)), shown=self._connection.shows(progress)) as advance:
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

    def report(self, format: str = "json", to: Path | str | None = None) -> Any:  # noqa: A002 - the API's word
        """Return the report of its result, as `Result.report` does: ``job.report("run.pdf")`` writes a file."""
        return self.result.report(format, to)

    def cite(self) -> str:
        """Return one sentence that says what was computed with what."""
        method = self._connection.get(f"/methods/{self.record['method']}")
        program = f"Lithoscope method {method['id']} version {self.record['method_version']}"
        return f"{method['title']} ({program}; {method['reference']}), job {self.id}."


def note(payload: dict[str, Any]) -> str:
    """Write the values beside a progress step, such as the residual."""
    values = ((name, value) for name, value in payload.items() if name not in {"done", "total"})
    return " ".join(f"{name} {value:.4g}" for name, value in values if isinstance(value, int | float))
