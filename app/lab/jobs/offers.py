"""What an input of a method or recipe may be: fitting arrays of datasets and results, and exposures, newest first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from app.errors import NotFound
from app.lab.access import Actor
from app.lab.datasets.service import DatasetService
from app.lab.dose.service import DoseService
from app.lab.results.service import ResultService
from lithoscope.methods import Method, Port
from lithoscope.recipes import Recipe

MOST = 40
Rows = Callable[[str | None], Sequence["Stored"]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A dataset or result as far as its arrays are offered: `method` is empty for a dataset."""

    id: str
    project_id: str
    sample_id: str | None
    sample: str | None
    created_at: datetime
    arrays: Sequence[Mapping[str, Any]]
    filename: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """
    One thing an input may be.

    Parameters
    ----------
    reference : str
        What a request names it by.
    stored : Stored
        What it is part of; an exposure has no arrays.
    summary : mapping
        Of the array, or an exposure's mode and frames.
    """

    reference: str
    stored: Stored
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What offers are narrowed to: words of a file, sample, method or identifier; sample; project; how many."""

    text: str = ""
    sample_id: str | None = None
    project_id: str | None = None
    limit: int = MOST


@dataclass(frozen=True, slots=True)
class Offers:
    """The first of what fits, and whether there is more."""

    items: list[Offer] = field(default_factory=list)
    has_more: bool = False


class OfferService:
    """Finds what fits an input among all the actor may read, without reading all of it."""

    def __init__(
        self,
        *,
        datasets: DatasetService,
        results: ResultService,
        dose: DoseService,
        methods: Mapping[str, Method],
    ) -> None:
        self._datasets = datasets
        self._results = results
        self._dose = dose
        self._methods = methods

    def of(self, actor: Actor, thing: Method | Recipe, name: str, wanted: Wanted | None = None) -> Offers:
        """Return what fits one input of a method or recipe; an input it has not is not found."""
        port = next((port for port in thing.inputs if port.name == name), None)
        if port is None:
            raise NotFound
        return self.fitting(actor, port, wanted or Wanted())

    def fitting(self, actor: Actor, port: Port, wanted: Wanted) -> Offers:
        """Return what fits a port: first what is called as the port is, then the newest."""
        if "exposure" in port.kinds:
            found = list(self._exposures(actor, wanted))
        else:
            found = [*self._of_datasets(actor, port, wanted), *self._of_results(actor, port, wanted)]
            found.sort(key=lambda each: each.stored.id.partition("_")[2], reverse=True)
            found.sort(key=lambda each: _strangeness(port, each))
        return Offers(found[: wanted.limit], len(found) > wanted.limit)

    def datasets(self, actor: Actor, ports: Sequence[Port], wanted: Wanted) -> list[Stored]:
        """Return the datasets with an array that fits any of some ports, newest first, one more than asked for."""
        found = {offer.stored.id: offer.stored for port in ports for offer in self._of_datasets(actor, port, wanted)}
        return sorted(found.values(), key=lambda each: each.id, reverse=True)[: wanted.limit + 1]

    def _of_datasets(self, actor: Actor, port: Port, wanted: Wanted) -> Iterator[Offer]:
        def rows(before: str | None) -> list[Stored]:
            found = self._datasets.with_arrays(
                actor,
                _wanted(port),
                text=wanted.text,
                sample_id=wanted.sample_id,
                project_id=wanted.project_id,
                before=before,
                limit=wanted.limit + 1,
            )
            return [Stored(**row) for row in found]

        return islice(_fitting(port, rows), wanted.limit + 1)

    def _of_results(self, actor: Actor, port: Port, wanted: Wanted) -> Iterator[Offer]:
        text = wanted.text.lower()
        titled = [method.id for method in self._methods.values() if text and text in method.title.lower()]

        def rows(before: str | None) -> list[Stored]:
            found = self._results.with_outputs(
                actor,
                _wanted(port),
                text=wanted.text,
                methods=titled,
                sample_id=wanted.sample_id,
                project_id=wanted.project_id,
                before=before,
                limit=wanted.limit + 1,
            )
            return [Stored(**row) for row in found]

        return islice(_fitting(port, rows), wanted.limit + 1)

    def _exposures(self, actor: Actor, wanted: Wanted) -> Iterator[Offer]:
        found = self._dose.newest(
            actor,
            text=wanted.text,
            sample_id=wanted.sample_id,
            project_id=wanted.project_id,
            limit=wanted.limit + 1,
        )
        for exposure, sample in found:
            about = {"kind": "exposure", "mode": exposure.mode, "frames": exposure.frames, "name": ""}
            stored = Stored(exposure.id, sample.project_id, sample.id, sample.name, exposure.occurred_at, ())
            yield Offer(exposure.id, stored, about)


def fits(port: Port, summary: Mapping[str, Any]) -> bool:
    """Say whether an array is of a kind and layout the port takes."""
    layouts = [layout for layout in port.layouts if layout]
    return summary["kind"] in port.kinds and (not layouts or summary.get("axes", "") in layouts)


def _wanted(port: Port) -> Callable[[str], bool]:
    """Return what tells of a kind and layout, ``volume/zyx``, whether the port takes it."""

    def is_wanted(written: str) -> bool:
        kind, _, axes = written.partition("/")
        return fits(port, {"kind": kind, "axes": axes})

    return is_wanted


def _fitting(port: Port, rows: Rows) -> Iterator[Offer]:
    """Walk things newest first and give the arrays that fit."""
    before: str | None = None
    while found := rows(before):
        for row in found:
            for summary in row.arrays:
                if fits(port, summary):
                    yield Offer(f"{row.id}/{summary['name']}", row, summary)
        before = found[-1].id


def _strangeness(port: Port, offer: Offer) -> tuple[bool, bool]:
    """Sort what is called as the port is before the rest: of all tables a comparison reads but few."""
    return port.name != offer.summary["name"], not offer.stored.method.endswith(f"_{port.name}")
