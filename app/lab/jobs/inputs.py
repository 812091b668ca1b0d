"""What a job works on: references in a request, checked against the ports they go to."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from app.errors import Invalid, NotFound
from app.infra.ids import prefix_of
from app.lab.access import Actor
from app.lab.dose.service import DoseService, NotARaster
from app.lab.jobs.doubts import doubts_of_dataset, doubts_of_result
from lithoscope.methods import Port, listed
from lithoscope.rules.series_inputs import array_for

Finder = Callable[[Actor, str], Any]
#: What each port gets: one reference, or a list of them where it takes many.
References = Mapping[str, str | list[str]]

_NOT_THERE = "No such dataset, result or exposure, or it is not yours to see."


@dataclass(frozen=True)
class Input:
    """
    One thing a job reads.

    Parameters
    ----------
    reference : str
        ``ds_...``, ``ds_.../name``, ``res_.../name`` or ``exp_...``.
    object_id, project_id, sample_id : str
        What it is part of.
    digest : str
        Of the folder or record, kept in the run record.
    store_key : str
        Folder in the store; empty for an exposure.
    summary : mapping
        The array's entry in its dataset or result.
    record : mapping
        An exposure's conditions.
    doubts : tuple of str
        What is doubtful about it, a code before each colon.
    """

    reference: str
    object_id: str
    project_id: str
    sample_id: str | None
    digest: str
    store_key: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What it is, in the words of ports."""
        return "exposure" if self.record else str(self.summary["kind"])

    @property
    def axes(self) -> str:
        """Axis letters; empty for what has none."""
        return "" if self.record else str(self.summary.get("axes", ""))

    @property
    def numbers(self) -> int:
        """How many numbers it holds, by which runs are told to be alike; 0 where it is not known."""
        return numbers_in(self.summary)


def numbers_in(summary: Mapping[str, Any]) -> int:
    """Return how many numbers an array, table or scalar holds; 0 where it is not known."""
    if summary.get("kind") == "scalar":
        return 1
    columns, rows = summary.get("columns"), summary.get("rows")
    if columns and rows:
        return len(columns) * int(rows)
    return math.prod(summary.get("shape") or (0,))


class Inputs:
    """
    Finds what references name, with the rights of who asks.

    Parameters
    ----------
    dataset, result : callable
        Other rooms' ``get(actor, id)``.
    dose : DoseService
        Knows exposures.
    check_place : callable
        Refuses a dataset whose file on the facility's storage is not the one that was registered.
    """

    def __init__(
        self, *, dataset: Finder, result: Finder, dose: DoseService, check_place: Callable[[Any], None]
    ) -> None:
        self._dataset = dataset
        self._check_place = check_place
        self._result = result
        self._dose = dose

    def check(self, actor: Actor, ports: Sequence[Port], references: References) -> "Found":
        """Find every input and hold it against its port; refusals name the field, of many its place in the list."""
        found: Found = {}
        for port in ports:
            pointer = f"/body/inputs/{port.name}"
            if port.name not in references:
                continue
            if port.many:
                found[port.name] = tuple(self._many(actor, port, listed(references[port.name]), pointer))
            else:
                found[port.name] = self._fitting(actor, port, references[port.name], pointer)
        _check_project(found)
        return found

    def _many(self, actor: Actor, port: Port, references: Sequence[str], pointer: str) -> Iterator[Input]:
        if not references:
            raise Invalid.field(pointer, "Give at least one.")
        for place, reference in enumerate(references):
            if reference in references[:place]:
                raise Invalid.field(f"{pointer}/{place}", "It stands in the list before: give each thing once.")
            yield self._fitting(actor, port, reference, f"{pointer}/{place}")

    def _fitting(self, actor: Actor, port: Port, reference: str | list[str], pointer: str) -> Input:
        if isinstance(reference, list):
            raise Invalid.field(pointer, "One thing is taken here, not a list.")
        given = self.find(actor, reference, pointer, port=port.name)
        _fits(port, given, pointer)
        return given

    def find(self, actor: Actor, reference: str, pointer: str, *, port: str = "") -> Input:
        """Find what a reference names; of a whole dataset, the array that is called as the port, else its first."""
        object_id, _, name = reference.partition("/")
        finders: dict[str, Callable[[Actor, str, str, str], Input]] = {
            "ds": partial(self._of_dataset, port=port),
            "res": self._of_result,
            "exp": self._of_exposure,
        }
        find = finders.get(prefix_of(object_id) or "")
        if find is None:
            raise Invalid.field(pointer, "Write an input as ds_..., ds_.../array, res_.../output or exp_... .")
        try:
            return find(actor, object_id, name, pointer)
        except NotFound:
            raise Invalid.field(pointer, _NOT_THERE) from None
        except NotARaster as refusal:
            raise Invalid.field(pointer, refusal.detail) from None

    def _of_dataset(self, actor: Actor, object_id: str, name: str, pointer: str, *, port: str) -> Input:
        row = self._dataset(actor, object_id)
        if row.state != "readable" or not row.arrays:
            raise Invalid.field(
                pointer, f"The dataset is {row.state}, not readable: wait for its ingest or send it anew."
            )
        self._check_place(row)
        name = name or array_for(port, [each["name"] for each in row.arrays])
        given = _array(row, row.arrays, name, pointer, digest=row.sha256)
        return replace(given, doubts=doubts_of_dataset(given.summary, row.calibration or {}))

    def _of_result(self, actor: Actor, object_id: str, name: str, pointer: str) -> Input:
        row = self._result(actor, object_id)
        if row.state != "available":
            raise Invalid.field(pointer, "The result has been deleted: run its job again.")
        if not name:
            raise Invalid.field(pointer, "Name the output: res_.../output.")
        given = _array(row, row.outputs, name, pointer, digest=row.digest)
        return replace(given, doubts=doubts_of_result(row.run_record or {}))

    def _of_exposure(self, actor: Actor, object_id: str, name: str, pointer: str) -> Input:
        if name:
            raise Invalid.field(pointer, "An exposure has no parts: write exp_... alone.")
        exposure = self._dose.get(actor, object_id).exposure
        record = self._dose.raster(exposure).to_json()
        project_id = self._dose.project_of(exposure)
        digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
        return Input(object_id, object_id, project_id, exposure.sample_id, digest, record=record)


#: What was found for each port.
Found = dict[str, Input | tuple[Input, ...]]


def each(found: Found) -> list[Input]:
    """Return everything that was found, in the order of the ports."""
    return [one for given in found.values() for one in listed(given)]


def doubted(found: Found) -> Iterator[tuple[str, str, str]]:
    """Give reference and kind of what was found with each doubt about it."""
    return ((given.reference, given.kind, doubt) for given in each(found) for doubt in given.doubts)


def references_of(found: Found) -> dict[str, str | list[str]]:
    """Write what was found as it is kept: names by port."""
    return {
        name: [one.reference for one in given] if isinstance(given, tuple) else given.reference
        for name, given in found.items()
    }


def objects_of(references: Mapping[str, Any]) -> list[str]:
    """Return the datasets, results and exposures that references name, each once."""
    names = (str(one).partition("/")[0] for given in references.values() for one in listed(given))
    return list(dict.fromkeys(names))


def _check_project(found: Found) -> None:
    """Refuse inputs of several projects; of a list the place is named where another begins."""
    first = next(iter(each(found)), None)
    for name, given in found.items():
        for place, one in enumerate(listed(given)):
            if first is not None and one.project_id != first.project_id:
                pointer = f"/body/inputs/{name}/{place}" if isinstance(given, tuple) else "/body/inputs"
                raise Invalid.field(pointer, "The inputs belong to different projects: a job works within one.")


def _array(row: Any, summaries: list[Any], name: str, pointer: str, *, digest: str) -> Input:
    summary = next((each for each in summaries if each["name"] == name), None)
    if summary is None:
        names = ", ".join(each["name"] for each in summaries)
        raise Invalid.field(pointer, f"It has no such part: it has {names}.")
    return Input(f"{row.id}/{name}", row.id, row.project_id, row.sample_id, digest, row.store_key or "", summary)


def _fits(port: Port, given: Input, pointer: str) -> None:
    layouts = [layout for layout in port.layouts if layout]
    if given.kind in port.kinds and (not layouts or given.axes in layouts):
        return
    wanted = " or ".join(port.kinds) + (f" with axes {' or '.join(layouts)}" if layouts else "")
    axes = f" with axes {given.axes}" if given.axes else ""
    raise Invalid.field(pointer, f"This is a {given.kind}{axes}; a {wanted} is taken here.")
