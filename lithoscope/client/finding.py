"""What a client finds in the service: by identifier, and walking lists."""

from typing import Any

from lithoscope.client.facility import Facility
from lithoscope.client.listed import Listed
from lithoscope.client.recipes import RecipeRun
from lithoscope.client.sample import Sample
from lithoscope.client.samples import Samples
from lithoscope.client.thing import Thing
from lithoscope.client.things import Dataset, Job, Result


class Finding(Facility):
    """What is there already; `Client` answers these."""

    samples: Samples

    def me(self) -> dict[str, Any]:
        """Return who you are to the service."""
        return dict(self.connection.get("/me"))

    def dataset(self, dataset_id: str) -> Dataset:
        """Return a dataset; its record is read when first used."""
        return Dataset(self.connection, f"/datasets/{dataset_id}")

    def datasets(self, *, limit: int | None = None, **filters: Any) -> Listed[Dataset]:
        """List the datasets you may see, newest first; ``sample_id=...`` or ``project_id=...`` narrow the list."""
        return Listed(self.connection, "/datasets", Dataset, limit=limit, filters=filters)

    def search(
        self,
        text: str | None = None,
        *,
        sample: Sample | str | None = None,
        project: str | None = None,
        element: str | None = None,
        technique: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> Listed[Dataset]:
        """
        Find datasets that answer to all of these, newest first: ``for d in c.search(element="Ni", technique="EELS")``.

        Parameters
        ----------
        text : str, optional
            Within the file name or SHA-256; capitals do not matter.
        sample : Sample or str, optional
            The sample they show: an object, an identifier or a label.
        project : str, optional
            Identifier of their project.
        element : str, optional
            Symbol of one that was mapped or quantified: their own maps are named by it, or a map or composition of it
            was made of them. `results` takes the same word for what holds it.
        technique : str, optional
            Of the instrument they came from, such as ``"eels"``, ``"eds"``, ``"stem"``; capitals do not matter.
        kind : str, optional
            What was read from them: ``tilt_series``, ``image``, ``spectra`` ...
        tag : str, optional
            A tag they carry.
        state : str, optional
            ``received``, ``verified``, ``readable``, ``rejected`` or ``deleted``.
        limit : int, optional
            How many at most.

        Returns
        -------
        found : Listed
            Walk it, ``.count()`` it, or take it ``.to_pandas()``; pages are fetched as far as one walks.
        """
        if isinstance(sample, str) and not sample.startswith("smp_"):
            sample = self.samples.get(sample)
        return self.datasets(
            limit=limit,
            q=text,
            sample_id=sample.id if isinstance(sample, Sample) else sample,
            project_id=project,
            element=element.strip().capitalize() if element else None,
            technique=technique.strip().lower() if technique else None,
            kind=kind,
            tag=tag.strip().lower() if tag else None,
            state=state,
        )

    def job(self, job_id: str) -> Job:
        """Return a job."""
        return Job(self.connection, f"/jobs/{job_id}", self.connection.get(f"/jobs/{job_id}"))

    def jobs(self, *, limit: int | None = None, **filters: Any) -> Listed[Job]:
        """List the jobs you may see, newest first; ``method=...``, ``state=...``, ``sample_id=...`` narrow the list."""
        return Listed(self.connection, "/jobs", Job, limit=limit, filters=filters)

    def result(self, result_id: str) -> Result:
        """Return a result."""
        return Result(self.connection, f"/results/{result_id}", self.connection.get(f"/results/{result_id}"))

    def results(self, *, limit: int | None = None, **filters: Any) -> Listed[Result]:
        """List the results you may see, newest first; ``method=``, ``element=``, ``tag=``, ``sample_id=`` narrow it."""
        return Listed(self.connection, "/results", Result, limit=limit, filters=filters)

    def methods(self) -> list[dict[str, Any]]:
        """Return the methods the facility runs."""
        return list(self.connection.pages("/methods"))

    def recipes(self) -> list[dict[str, Any]]:
        """Return the recipes the facility runs: chains of methods with their parameters and presets."""
        return list(self.connection.pages("/recipes"))

    def recipe_run(self, run_id: str) -> RecipeRun:
        """Return a run of a recipe."""
        return RecipeRun(self.connection, f"/recipe-runs/{run_id}", self.connection.get(f"/recipe-runs/{run_id}"))

    def recipe_runs(self, *, limit: int | None = None, **filters: Any) -> Listed[RecipeRun]:
        """List the runs of recipes you may see, newest first."""
        return Listed(self.connection, "/recipe-runs", RecipeRun, limit=limit, filters=filters)

    def lineage(self, thing: Thing | str, direction: str = "both") -> dict[str, Any]:
        """Return what something was made from, and what was made from it."""
        name = thing if isinstance(thing, str) else thing.id
        return dict(self.connection.get(f"/lineage/{name}", direction=direction))

    def compare(self, first: Thing | str, second: Thing | str) -> dict[str, Any]:
        """Put two jobs or results side by side: parameters, numbers with their difference, maps to subtract."""
        both = [each if isinstance(each, str) else each.id for each in (first, second)]
        return dict(self.connection.get("/comparisons", of=both))
