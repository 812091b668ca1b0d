"""Series that are processed while they grow: a tilt series or slice stack whose parts are sent one by one."""

import time
from collections.abc import Iterator
from typing import Any, ClassVar

from lithoscope.client.events import FINAL
from lithoscope.client.facts import Fact
from lithoscope.client.listed import Listed
from lithoscope.client.problems import ClientError
from lithoscope.client.progress import bar
from lithoscope.client.running import Running
from lithoscope.client.sample import Sample
from lithoscope.client.thing import Thing
from lithoscope.client.things import Dataset, Result

ASK_S = 2.0
GROWS = frozenset({"open", "closing"})


class SeriesFailed(ClientError):
    """
    A closed series could not be made whole, or its last result did not come.

    Parameters
    ----------
    series_id : str
        The series.
    words : str
        Why.
    """

    exit_code: ClassVar[int] = 7

    def __init__(self, series_id: str, words: str) -> None:
        super().__init__(f"series {series_id}: {words}")
        self.series_id = series_id


class Series(Thing):
    """A series that grows, or grew: its parts are datasets, each sent once, and its results follow them."""

    def add(
        self, dataset: Dataset | str, number: int, *, tilt_deg: float | None = None, z_nm: float | None = None
    ) -> Fact:
        """
        Add one tilt or slice; adding it again changes nothing.

        Parameters
        ----------
        dataset : Dataset or str
            One image of the series' sample; it need not be readable yet.
        number : int
            Which part it is, counted from 1.
        tilt_deg : float, optional
            Its tilt [deg]; what its file says when left out.
        z_nm : float, optional
            Depth of a slice [nm].

        Returns
        -------
        part : Fact
            ``state`` is waiting, readable, refused (``reason`` says why) or deleted.
        """
        name = dataset if isinstance(dataset, str) else dataset.id
        said = {"dataset_id": name, "number": number, "tilt_deg": tilt_deg, "z_nm": z_nm}
        body = {key: value for key, value in said.items() if value is not None}
        return Fact(self._connection.post(f"{self._path}/parts", body))

    def parts(self) -> Iterator[Fact]:
        """Walk its parts, the one sent last first."""
        return map(Fact, self._connection.pages(f"{self._path}/parts"))

    def close(self, parts: int | None = None) -> None:
        """
        Say that no further part comes; its last result then begins from nothing.

        Parameters
        ----------
        parts : int, optional
            How many it has; those it has now when left out, if none between them is missing.
        """
        if parts is None:
            self.refresh()
            if self.record["missing"]:
                missing = ", ".join(map(str, self.record["missing"][:20]))
                raise ClientError(f"the parts {missing} of {self.id} were not sent: add them, or say close(parts=...)")
            parts = int(self.record["parts"]["total"])
        self._record = self._connection.post(f"{self._path}/closing", {"parts": parts})
        self._is_row = False

    def run(
        self, method: str | None = None, *, recipe: str | None = None, preset: str | None = None, **parameters: Any
    ) -> None:
        """Say what is run as it grows, from its next refresh on and with your rights; nothing when none is named."""
        body = action_of(method, recipe, preset, parameters)
        answer = self._connection.send("PUT" if body else "DELETE", f"{self._path}/action", json=body)
        self._record = answer.json()
        self._is_row = False

    @property
    def dose(self) -> Fact:
        """Return the dose of its parts so far, as last read: ``total``, ``known_part``, ``by_beam``, ``silent``."""
        return Fact(self._whole()["dose"])

    @property
    def missing(self) -> list[int]:
        """Return the numbers no part was sent for, as last read."""
        return list(self._whole()["missing"])

    def newest_result(self) -> Result | None:
        """Return the latest finished result of what was run on it; None while there is none."""
        self.refresh()
        found = self.record["newest_result"]
        return None if found is None else Result(self._connection, f"/results/{found['result_id']}")

    def dataset(self) -> Dataset | None:
        """Return the whole of it as one dataset once it is sealed; None before."""
        self.refresh()
        found = self.record["sealed_dataset_id"]
        return None if found is None else Dataset(self._connection, f"/datasets/{found}")

    def follow(self, *, every_s: float = ASK_S) -> Iterator[dict[str, Any]]:
        """Yield its record now and whenever it has changed, until it is sealed and its last result has come."""
        last = None
        while True:
            self.refresh()
            if self.record != last:
                last = self.record
                yield last
            if self._is_done():
                return
            time.sleep(every_s)

    def wait(self, *, progress: bool | None = None, every_s: float = ASK_S) -> "Series":
        """
        Wait until it is sealed and its last result has come, with a live bar.

        Raises
        ------
        SeriesFailed
            It cannot be made whole, or what was run on it ended without a result.
        """
        with bar(str(self.name), shown=self._connection.shows(progress)) as advance:
            for record in self.follow(every_s=every_s):
                counts = record["parts"]
                advance(counts["readable"], record["expected"] or None, _standing(record))
        if self.record["state"] == "failed":
            raise SeriesFailed(self.id, _words(self.record["problem"] or {}))
        final = self.record["newest_refresh"]
        if final is not None and final["is_final"] and final["state"] != "succeeded":
            raise SeriesFailed(self.id, f"its last {'run' if final['run_id'] else 'job'} {final['state']}")
        return self

    def _whole(self) -> dict[str, Any]:
        if self._is_row:
            self.refresh()
        return self.record

    def _is_done(self) -> bool:
        """Say whether nothing more will come of it, as last read."""
        record = self.record
        if record["state"] != "sealed":
            return bool(record["state"] == "failed")
        assembly, refresh = record["newest_assembly"], record["newest_refresh"]
        if assembly is None or not assembly["is_final"] or not assembly["outcome"]:
            return False
        is_started = assembly["outcome"] == "started"
        return not is_started or bool(refresh and refresh["is_final"] and refresh["state"] in FINAL)


def action_of(
    method: str | None, recipe: str | None, preset: str | None, parameters: dict[str, Any]
) -> dict[str, Any] | None:
    """Return what is run on a series as the service takes it; None where nothing is named."""
    if method is None and recipe is None:
        if preset is not None or parameters:
            raise ClientError("parameters and preset belong to a method or recipe: name it")
        return None
    named = {"method": method, "recipe": recipe, "preset": preset}
    return {**{key: value for key, value in named.items() if value is not None}, "parameters": parameters}


def _standing(record: dict[str, Any]) -> str:
    """Say in a few words how far a series is."""
    refresh = record["newest_refresh"]
    made = f", refresh of {refresh['parts']} parts {refresh['state']}" if refresh else ""
    return f"{record['state']}{made}"


def _words(problem: dict[str, Any]) -> str:
    return str(problem.get("detail") or problem.get("title") or "it failed")


class Growing(Running):
    """Series that grow; `Client` begins and finds them."""

    def series(self, *, limit: int | None = None, **filters: Any) -> Listed[Series]:
        """List the series you may see, newest first; ``sample_id=``, ``project_id=``, ``state=`` narrow the list."""
        return Listed(self.connection, "/series", Series, limit=limit, filters=filters)

    def get_series(self, series_id: str) -> Series:
        """Return a series."""
        return Series(self.connection, f"/series/{series_id}", self.connection.get(f"/series/{series_id}"))

    def start_series(
        self,
        sample: Sample | str,
        name: str,
        *,
        kind: str = "tilt_series",
        every: int = 3,
        method: str | None = None,
        recipe: str | None = None,
        preset: str | None = None,
        rule: str | None = None,
        instrument: str | None = None,
        region: str | None = None,
        **parameters: Any,
    ) -> Series:
        """
        Begin a series whose parts come one by one.

        Parameters
        ----------
        sample : Sample or str
            What it shows: an object, an identifier or a label.
        name : str
            What it is called.
        kind : {"tilt_series", "slices"}
            What it is.
        every : int
            How many further parts make a refresh of the result.
        method, recipe : str, optional
            What is run at every refresh, with your rights; the parts are only gathered when neither is named.
        preset : str, optional
            Of a recipe.
        rule : str, optional
            Instead of those a processing rule (``apr_...``) of the project that is on: what it says is run, with the
            rights of who made it.
        instrument, region : str, optional
            Identifiers of the instrument, and of the region of the sample where the beam lies.
        **parameters
            Of the method or recipe (units in their names).
        """
        row = self.samples.get(sample) if isinstance(sample, str) else sample
        said = {
            "project_id": row.project_id, "sample_id": row.id, "name": name, "kind": kind, "every": every,
            "instrument_id": instrument, "region_id": region, "rule_id": rule,
            "action": action_of(method, recipe, preset, parameters),
        }  # fmt: skip
        record = self.connection.post("/series", {key: value for key, value in said.items() if value is not None})
        return Series(self.connection, f"/series/{record['id']}", record)
