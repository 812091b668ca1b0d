"""Recipes from Python: run a chain of methods, follow it, take what it gave."""

from collections.abc import Mapping
from typing import Any

from lithoscope.client.events import FINAL, follow
from lithoscope.client.named import Named
from lithoscope.client.outputs import Array
from lithoscope.client.problems import ClientError, JobFailed
from lithoscope.client.progress import bar
from lithoscope.client.thing import Thing
from lithoscope.client.things import Job, Result


class RecipeRun(Thing):
    """One run of a recipe."""

    @property
    def is_over(self) -> bool:
        """Say whether it has ended, as last read."""
        return self.record["state"] in FINAL

    @property
    def steps(self) -> Mapping[str, Mapping[str, Any]]:
        """Return its steps by name, each with state, job and result."""
        return {step["name"]: step for step in self.record["steps"]}

    def job(self, step: str) -> Job:
        """Return the job that a step is."""
        job_id = self._step(step)["job_id"]
        if job_id is None:
            raise ClientError(f"step {step} of {self.id} has no job: it is {self._step(step)['state']}")
        return Job(self._connection, f"/jobs/{job_id}")

    def result(self, step: str) -> Result:
        """Return what a step gave."""
        result_id = self._step(step)["result_id"]
        if result_id is None:
            raise ClientError(f"step {step} of {self.id} has no result: it is {self._step(step)['state']}")
        return Result(self._connection, f"/results/{result_id}")

    def _step(self, name: str) -> Mapping[str, Any]:
        if name not in self.steps:
            raise ClientError(f"run {self.id} has the steps {', '.join(self.steps)}")
        return self.steps[name]

    @property
    def outputs(self) -> Mapping[str, Array]:
        """Return the recipe's outputs by name, as far as their steps have ended."""
        found: Named[Array] = Named()
        for output in self.record["outputs"]:
            step, _, port = output["source"].partition(".")
            if output["reference"]:
                found[output["name"]] = self.result(step).outputs[port]
        return found

    def paragraph(self) -> str:
        """Return what the run did in sentences for a methods section, made of its record alone."""
        return str(self._connection.get(f"{self._path}/paragraph")["text"])

    def wait(self, *, progress: bool | None = None) -> "RecipeRun":
        """Wait until it has ended, with a live bar; raises `JobFailed` naming the step that failed."""
        with bar(str(self.record["recipe"]), shown=self._connection.shows(progress)) as advance:
            for event in follow(self._connection, f"{self._path}/events"):
                if event.type == "run":
                    steps = event.payload["steps"]
                    at_work = ", ".join(step["name"] for step in steps if step["state"] == "running")
                    advance(sum(step["state"] == "succeeded" for step in steps), len(steps), at_work)
        self.refresh()
        if self.record["state"] != "succeeded":
            raise JobFailed(self.id, self.record["state"], self.record.get("problem") or {}, [])
        return self

    def cancel(self) -> None:
        """Ask that it stop; finished steps keep their results."""
        self._record = self._connection.post(f"{self._path}/cancellation")

    def restart(self) -> None:
        """Go on with a run that failed or was cancelled: finished steps are kept, all others tried again."""
        self._record = self._connection.post(f"{self._path}/restarts")
