"""The client: what a notebook or a script needs, in about ten names."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lithoscope.client.config import find_access
from lithoscope.client.connection import Connection
from lithoscope.client.facility import Facility
from lithoscope.client.packing import PackedFolder
from lithoscope.client.ports import Given, each_of, is_dataset, placed, reference_of
from lithoscope.client.problems import ClientError, NotFound
from lithoscope.client.progress import bar
from lithoscope.client.recipes import RecipeRun
from lithoscope.client.sample import Sample
from lithoscope.client.samples import Samples
from lithoscope.client.thing import Thing
from lithoscope.client.things import Dataset, Job, Result
from lithoscope.client.upload import LocalFile, send_file
from lithoscope.rules.run_estimates import Estimate, Total, together, total
from lithoscope.rules.series_inputs import inputs_by_name, inputs_from_dataset

ESTIMATED = tuple(field.name for field in fields(Estimate))
ADDED = tuple(field.name for field in fields(Total))


class Client(Facility):
    """
    A service, seen from Python.

    Parameters
    ----------
    url : str, optional
        Address of the service; LITHOSCOPE_URL, else what `lithoscope login` wrote.
    token : str, optional
        ``lsk_...``; LITHOSCOPE_TOKEN, else what `lithoscope login` wrote.
    progress : bool
        False keeps every call silent.
    """

    def __init__(self, url: str | None = None, token: str | None = None, *, progress: bool = True) -> None:
        access = find_access(url, token)
        self.connection = Connection(access.url, access.token)
        self.samples = Samples(self.connection, self.default_project)
        self._progress = progress

    @property
    def url(self) -> str:
        """Return the address of the service."""
        return self.connection.url

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Use the client in a ``with`` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it at the end."""
        self.close()

    def me(self) -> dict[str, Any]:
        """Return who you are to the service."""
        return dict(self.connection.get("/me"))

    def default_project(self) -> str:
        """Return LITHOSCOPE_PROJECT, else your only project."""
        if named := os.environ.get("LITHOSCOPE_PROJECT"):
            return named
        projects = [row["id"] for row in self.connection.pages("/projects")]
        if len(projects) != 1:
            raise ClientError(f"you see {len(projects)} projects: say which with project=... or LITHOSCOPE_PROJECT")
        return str(projects[0])

    def upload(
        self,
        path: str | Path,
        *,
        sample: Sample | str | None = None,
        project: str | None = None,
        progress: bool | None = None,
        attributes: str | None = None,
    ) -> Dataset:
        """
        Send a file; a transfer that was cut goes on where it stopped, also after a restart.

        Parameters
        ----------
        path : path
            The file; it is only read. A folder is the scans of one simultaneous tilt series: ``series.csv`` and the
            files it names, or Velox or DigitalMicrograph files. It is packed on its way.
        sample : Sample or str, optional
            The sample it shows: an object, an identifier or a label.
        project : str, optional
            Its project; the sample's when left out.
        progress : bool, optional
            False silences the bar.
        attributes : str, optional
            JSON object kept with the dataset.
        """
        path = Path(path)
        if isinstance(sample, str):
            known = project is not None and sample.startswith("smp_")  # a device may not read samples
            sample = Sample(self.connection, f"/samples/{sample}") if known else self.samples.get(sample)
        project_id = project or (str(sample.project_id) if sample is not None else self.default_project())
        source = PackedFolder(path) if path.is_dir() else LocalFile(path)
        metadata = {"filename": source.name, "project_id": project_id}
        if sample is not None:
            metadata["sample_id"] = sample.id
        if attributes is not None:
            metadata["attributes"] = attributes
        with bar(source.name, shown=self._shown(progress), unit="bytes") as advance:
            dataset_id = send_file(self.connection, source, metadata, advance)
        return self.dataset(dataset_id)

    def import_crate(
        self,
        path: str | Path,
        project: str | None = None,
        *,
        codes: Mapping[str, str] | None = None,
        is_rehearsal: bool = False,
    ) -> dict[str, Any]:
        """
        Take in an RO-Crate or ``.eln`` that another Lithoscope exported; it is sent to the project first.

        Parameters
        ----------
        path : path
            The zip.
        project : str, optional
            Where it goes; you must be a steward there. Yours when you have only one.
        codes : mapping of str to str, optional
            Other labels for samples whose own are taken there.
        is_rehearsal : bool
            Tell what would come, and take nothing in.
        """
        crate = self.upload(path, project=project)
        body = {"dataset_id": crate.id, "codes": dict(codes or {}), "is_rehearsal": is_rehearsal}
        return dict(self.connection.post("/imports", body))

    def dataset(self, dataset_id: str) -> Dataset:
        """Return a dataset; its record is read when first used."""
        return Dataset(self.connection, f"/datasets/{dataset_id}")

    def datasets(self, **filters: Any) -> Iterator[Dataset]:
        """Walk the datasets you may see, newest first; ``sample_id=...`` or ``project_id=...`` narrow the walk."""
        for record in self.connection.pages("/datasets", **filters):
            yield Dataset(self.connection, f"/datasets/{record['id']}", record)

    def run(self, method: str, *inputs: Given, seed: int | None = None, **named: Any) -> Job:
        """
        Start a job.

        Parameters
        ----------
        method : str
            A method of ``GET /methods``, such as ``tomogram_sirt``.
        *inputs
            Datasets, arrays, results or references for the method's inputs in their order. Of a dataset, arrays that
            are called as free inputs go to those. An input that takes many has a list, or all that is left of them.
        seed : int, optional
            Seed of its random numbers.
        **named
            Inputs by port name, and parameters (units in their names).
        """
        filled, params = self._filled(method, self._ports("method", method), inputs, named)
        body: dict[str, Any] = {"method": method, "inputs": filled, "params": params}
        if seed is not None:
            body["seed"] = seed
        record = self.connection.post("/jobs", body)
        return Job(self.connection, f"/jobs/{record['id']}", record)

    def estimate(self, method: str, *inputs: Given, **named: Any) -> dict[str, Any]:
        """
        Tell what a job would need, from past runs; nothing is started.

        Parameters
        ----------
        method, *inputs, **named
            As for `run`.

        Returns
        -------
        record : dict
            ``time`` [s] and ``memory`` [bytes], each with ``value`` (None where unknown), the 90 % ``interval`` of
            single further runs, the number of ``runs`` it rests on, and the ``reason``.
        """
        filled, params = self._filled(method, self._ports("method", method), inputs, named)
        return dict(self.connection.post("/job-estimates", {"method": method, "inputs": filled, "params": params}))

    def estimate_over(self, method: str, datasets: Iterable[Dataset | str], **named: Any) -> dict[str, Any]:
        """
        Tell what one job for each of many datasets would need; nothing is started.

        Parameters
        ----------
        method, datasets, **named
            As for `run_over`.

        Returns
        -------
        record : dict
            ``time`` [s] of all, one after another: ``value`` (a lower bound where fewer of the ``runs`` are ``told``)
            and ``bounds``; ``estimates`` of each, as `estimate` gives them.
        """
        ports = self._ports("method", method)
        found = [self.estimate(method, **self._inputs_of(each, ports, named), **named) for each in datasets]
        times = [Estimate(**{name: told["time"][name] for name in ESTIMATED}) for told in found]
        return {"time": asdict(total(times)) | {"unit": "s"}, "estimates": found}

    def estimate_recipe(self, recipe: str, *inputs: Given, preset: str | None = None, **named: Any) -> dict[str, Any]:
        """
        Tell what a run of a recipe would do; nothing is started.

        Parameters
        ----------
        recipe, *inputs, preset, **named
            As for `run_recipe`.

        Returns
        -------
        record : dict
            ``time`` [s] of the ``steps`` that are to be computed, as `estimate_over` gives it; ``warnings`` are doubts
            about the inputs.
        """
        body = self._recipe_body(recipe, inputs, named) | ({"preset": preset} if preset else {})
        return dict(self.connection.post("/recipe-previews", body))

    def estimate_recipe_over(
        self, recipe: str, datasets: Iterable[Dataset | str], *, preset: str | None = None, **named: Any
    ) -> dict[str, Any]:
        """Tell what one run of a recipe for each of many datasets would take; returned as by `estimate_over`."""
        ports = self._ports("recipe", recipe)
        found = [
            self.estimate_recipe(recipe, preset=preset, **self._inputs_of(each, ports, named), **named)
            for each in datasets
        ]
        times = [Total(**{name: told["time"][name] for name in ADDED}) for told in found]
        return {"time": asdict(together(times)) | {"unit": "s"}, "estimates": found}

    def compare(self, first: Thing | str, second: Thing | str) -> dict[str, Any]:
        """Put two jobs or results side by side: parameters, numbers with their difference, maps to subtract."""
        both = [each if isinstance(each, str) else each.id for each in (first, second)]
        return dict(self.connection.get("/comparisons", of=both))

    def job(self, job_id: str) -> Job:
        """Return a job."""
        return Job(self.connection, f"/jobs/{job_id}", self.connection.get(f"/jobs/{job_id}"))

    def jobs(self, **filters: Any) -> Iterator[Job]:
        """Walk the jobs you may see, newest first."""
        for record in self.connection.pages("/jobs", **filters):
            yield Job(self.connection, f"/jobs/{record['id']}", record)

    def result(self, result_id: str) -> Result:
        """Return a result."""
        return Result(self.connection, f"/results/{result_id}", self.connection.get(f"/results/{result_id}"))

    def methods(self) -> list[dict[str, Any]]:
        """Return the methods the facility runs."""
        return list(self.connection.pages("/methods"))

    def recipes(self) -> list[dict[str, Any]]:
        """Return the recipes the facility runs: chains of methods with their parameters and presets."""
        return list(self.connection.pages("/recipes"))

    def run_recipe(
        self, recipe: str, *inputs: Given, preset: str | None = None, seed: int | None = None, **named: Any
    ) -> RecipeRun:
        """
        Run a recipe; steps that a finished job did in the same way are taken from it.

        Parameters
        ----------
        recipe : str
            A recipe of `recipes`, such as ``tilt_series_to_particle``.
        *inputs
            Datasets, arrays or references for the recipe's inputs in their order. A simultaneous series is given
            once: its arrays go to the inputs of their own names.
        preset : str, optional
            Says what the parameters do not say.
        seed : int, optional
            Seed of random numbers; 0 when left out, so that equal steps are equal.
        **named
            Inputs by name, and parameters (units in their names).
        """
        body = self._recipe_body(recipe, inputs, named) | ({"preset": preset} if preset else {})
        record = self.connection.post("/recipe-runs", body if seed is None else body | {"seed": seed})
        return RecipeRun(self.connection, f"/recipe-runs/{record['id']}", record)

    def run_recipe_over(
        self, recipe: str, datasets: Iterable[Dataset | str], *, preset: str | None = None, **named: Any
    ) -> list[RecipeRun]:
        """
        Run one recipe over many datasets, one run each.

        Arrays of a dataset go to the inputs of their own names; where no name agrees, the dataset is the first input.

        Parameters
        ----------
        recipe : str
            A recipe of `recipes`.
        datasets : iterable of Dataset or str
            What differs from run to run.
        preset : str, optional
            Says what the parameters do not say.
        **named
            Inputs and parameters that all runs share, and ``seed``.
        """
        ports = self._ports("recipe", recipe)
        return [
            self.run_recipe(recipe, preset=preset, **self._inputs_of(dataset, ports, named), **named)
            for dataset in datasets
        ]

    def run_over(self, method: str, datasets: Iterable[Dataset | str], **named: Any) -> list[Job]:
        """Run one method over many datasets, one job each; inputs are found as for `run_recipe_over`."""
        ports = self._ports("method", method)
        return [self.run(method, **self._inputs_of(dataset, ports, named), **named) for dataset in datasets]

    def _ports(self, what: str, name: str) -> list[dict[str, Any]]:
        """Return the inputs of a method or recipe."""
        try:
            return list(self.connection.get(f"/{what}s/{name}")["inputs"])
        except NotFound:
            known = ", ".join(sorted(each["id"] for each in self.connection.pages(f"/{what}s")))
            raise ClientError(f"no {what} is called {name}: there are {known}") from None

    def _inputs_of(self, dataset: Dataset | str, ports: list[dict[str, Any]], named: dict[str, Any]) -> dict[str, Any]:
        row = self.dataset(dataset) if isinstance(dataset, str) else dataset
        return inputs_from_dataset(row.id, list(row.arrays), ports=[port["name"] for port in ports], given=list(named))

    def preview_recipe(self, recipe: str, *inputs: Given, **named: Any) -> list[dict[str, Any]]:
        """Say of each step whether a run would take it from a finished job; nothing is started."""
        return list(self.connection.post("/recipe-previews", self._recipe_body(recipe, inputs, named))["steps"])

    def _recipe_body(self, recipe: str, inputs: tuple[Given, ...], named: dict[str, Any]) -> dict[str, Any]:
        filled, params = self._filled(recipe, self._ports("recipe", recipe), inputs, named)
        return {"recipe": recipe, "inputs": filled, "params": params}

    def _filled(
        self, what: str, ports: list[dict[str, Any]], inputs: tuple[Given, ...], named: dict[str, Any]
    ) -> tuple[dict[str, str | list[str]], dict[str, Any]]:
        """Return what each input gets, and the words that are parameters."""
        by_name, in_order = self._spread(ports, inputs, named)
        given = placed(what, ports, in_order, by_name | named)
        filled = {port["name"]: self._references(given[port["name"]], port) for port in ports if port["name"] in given}
        return filled, {name: value for name, value in named.items() if name not in given}

    def _spread(
        self, ports: list[dict[str, Any]], inputs: tuple[Given, ...], named: dict[str, Any]
    ) -> tuple[dict[str, str], list[Given]]:
        """Give arrays of datasets to the inputs of their own names; return those, and what is left to go in order."""
        found: dict[str, str] = {}
        left: list[Given] = []
        for given in inputs:
            row = self.dataset(given) if isinstance(given, str) and is_dataset(given) else given
            free = [port["name"] for port in ports if port["name"] not in {*found, *named}]
            by_name = inputs_by_name(row.id, list(row.arrays), ports=free) if isinstance(row, Dataset) else {}
            found |= by_name
            left += [] if by_name else [given]
        return found, left

    def _references(self, given: Given, port: dict[str, Any]) -> str | list[str]:
        found = [reference_of(self._whole(one), port) for one in each_of(given)]
        return found if port["many"] or isinstance(given, list | tuple) else found[0]

    def _whole(self, value: Any) -> Any:
        """Read a result that is named without one of its outputs, so that one can be chosen."""
        is_bare = isinstance(value, str) and value.startswith("res_") and "/" not in value
        return self.result(value) if is_bare else value

    def recipe_run(self, run_id: str) -> RecipeRun:
        """Return a run of a recipe."""
        return RecipeRun(self.connection, f"/recipe-runs/{run_id}", self.connection.get(f"/recipe-runs/{run_id}"))

    def recipe_runs(self, **filters: Any) -> Iterator[RecipeRun]:
        """Walk the runs of recipes you may see, newest first."""
        for record in self.connection.pages("/recipe-runs", **filters):
            yield RecipeRun(self.connection, f"/recipe-runs/{record['id']}", record)

    def lineage(self, thing: Thing | str, direction: str = "both") -> dict[str, Any]:
        """Return what something was made from, and what was made from it."""
        name = thing if isinstance(thing, str) else thing.id
        return dict(self.connection.get(f"/lineage/{name}", direction=direction))

    def _shown(self, progress: bool | None) -> bool:  # noqa: FBT001 - the caller's own keyword
        return self._progress if progress is None else progress
