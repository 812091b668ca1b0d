"""What a client finds in the service: by identifier, and walking lists."""

from collections.abc import Iterator
from typing import Any

from lithoscope.client.facility import Facility
from lithoscope.client.recipes import RecipeRun
from lithoscope.client.thing import Thing
from lithoscope.client.things import Dataset, Job, Result


class Finding(Facility):
    """What is there already; `Client` answers these."""

    def me(self) -> dict[str, Any]:
        """Return who you are to the service."""
        return dict(self.connection.get("/me"))

    def dataset(self, dataset_id: str) -> Dataset:
        """Return a dataset; its record is read when first used."""
        return Dataset(self.connection, f"/datasets/{dataset_id}")

    def datasets(self, **filters: Any) -> Iterator[Dataset]:
        """Walk the datasets you may see, newest first; ``sample_id=...`` or ``project_id=...`` narrow the walk."""
        for record in self.connection.pages("/datasets", **filters):
            yield Dataset(self.connection, f"/datasets/{record['id']}", record)

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

    def compare(self, first: Thing | str, second: Thing | str) -> dict[str, Any]:
        """Put two jobs or results side by side: parameters, numbers with their difference, maps to subtract."""
        both = [each if isinstance(each, str) else each.id for each in (first, second)]
        return dict(self.connection.get("/comparisons", of=both))
