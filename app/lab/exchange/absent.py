"""Files of an export that lie on the facility's own storage: found before a byte leaves, or said to be absent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.infra.db.models import PlacedFile
from app.infra.house import House
from app.infra.storage import Store
from app.lab.composition import Lab
from app.lab.datasets.places import SourceChanged, bytes_of
from app.lab.datasets.watching import note
from app.lab.exchange.records import Records
from app.lab.exchange.repository import ExchangeRepository
from lithoscope.wording import count

_MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Away:
    """A registered file that is missing or changed, and the refusal that says so."""

    dataset_id: str
    place: PlacedFile
    refusal: SourceChanged

    @property
    def where(self) -> str:
        """Name the file, or which files of a group."""
        files = self.refusal.found["problem_files"]
        return f"{self.place.root}:{self.place.path}{f' ({files})' if files else ''}"

    @property
    def problem(self) -> str:
        """Say which of both it is: ``missing`` or ``changed``."""
        return str(self.refusal.extra["problem"])


def found_elsewhere(house: House, records: Records) -> tuple[dict[str, tuple[Store, str]], list[Away]]:
    """
    Look at the registered files of an export; what is found of those that are away is kept for pages and lists.

    Returns
    -------
    there : dict of str to (Store, str)
        By dataset where to read, and under which key.
    away : list of Away
        The others.
    """
    with house.database.reading() as session:
        places = Lab(house, session).datasets.places_of([each.id for each in records.datasets])
        datasets = ExchangeRepository(session).datasets(places)
    there, away = {}, []
    for dataset in datasets:
        place = places[dataset.id]
        try:
            there[dataset.id] = bytes_of(house, dataset)
        except SourceChanged as refusal:
            note(house, dataset.id, place, refusal)
            away.append(Away(dataset.id, place, refusal))
    return there, away


def refusal_of(away: Sequence[Away]) -> SourceChanged:
    """Return the refusal of a crate, which names every file that is away and both ways out."""
    refusal = away[0].refusal
    refusal.errors = [
        {"pointer": f"/export/{each.dataset_id}", "detail": f"{each.where} is {each.problem}"}
        for each in away[:_MOST_NAMED]
    ]
    more = f" {count(len(away), 'file')} of the export are away, see errors." if len(away) > 1 else ""
    refusal.detail += (
        f"{more} Or ask for the crate without what is away: absent=leave-out, in a shell --without-absent."
    )
    return refusal


def without(records: Records, away: Sequence[Away]) -> Records:
    """Return records that say of their datasets which files are not in the crate, and why."""
    problems: Mapping[str, str] = {each.dataset_id: each.problem for each in away}
    told = [each.model_copy(update={"absent": problems.get(each.id)}) for each in records.datasets]
    return records.model_copy(update={"datasets": told})
