"""A registered file is looked at when somebody asks, in no transaction: a storage may be slow."""

from app.errors import NotFound
from app.infra.db.models import PlacedFile
from app.infra.house import House
from app.lab.access import Action, Actor
from app.lab.composition import Lab
from app.lab.datasets.repository import DatasetRepository
from app.lab.datasets.watching import found_of


def look(house: House, actor: Actor, dataset_id: str) -> PlacedFile:
    """
    Look at the size and time of a dataset's file on the facility's storage now, and keep what was found.

    Parameters
    ----------
    house : House
        Database and roots.
    actor : Actor
        Who may register files in the dataset's project.
    dataset_id : str
        A dataset that lies in place; one that the store holds has no such file.
    """
    with house.database.reading() as session:
        place = Lab(house, session).datasets.get(actor, dataset_id, need=Action.UPLOAD).place
    if place is None:
        raise NotFound
    found = found_of(house, place)
    with house.database.writing() as session:
        repository = DatasetRepository(session)
        repository.note_place(place, **found)
        places = repository.places_of([dataset_id])
    if not places:  # an upload brought it into the store meanwhile
        raise NotFound
    return places[0]
