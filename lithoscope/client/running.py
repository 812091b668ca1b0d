"""Methods and recipes run from Python: one, or over many datasets; and what that would take."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from lithoscope.client.finding import Finding
from lithoscope.client.ports import Given, each_of, is_dataset, placed, reference_of
from lithoscope.client.problems import ClientError, NotFound
from lithoscope.client.recipes import RecipeRun
from lithoscope.client.things import Dataset, Job
from lithoscope.rules.run_estimates import Estimate, Total, together, total
from lithoscope.rules.series_inputs import inputs_by_name, inputs_from_dataset

ESTIMATED = tuple(field.name for field in fields(Estimate))
ADDED = tuple(field.name for field in fields(Total))


class Running(Finding):
    """Jobs and runs of recipes; `Client` starts them."""

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

    def run_over(self, method: str, datasets: Iterable[Dataset | str], **named: Any) -> list[Job]:
        """Run one method over many datasets, one job each; inputs are found as for `run_recipe_over`."""
        ports = self._ports("method", method)
        return [self.run(method, **self._inputs_of(dataset, ports, named), **named) for dataset in datasets]

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

    def preview_recipe(self, recipe: str, *inputs: Given, **named: Any) -> list[dict[str, Any]]:
        """Say of each step whether a run would take it from a finished job; nothing is started."""
        return list(self.connection.post("/recipe-previews", self._recipe_body(recipe, inputs, named))["steps"])

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
