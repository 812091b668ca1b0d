"""A file is looked at before anything is written, in no transaction: a storage may be slow."""

from app.infra.house import House
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.registrations.finding import Found, find
from app.lab.registrations.schemas import NewRegistration


def looked_at(house: House, actor: Actor, new: NewRegistration) -> Found:
    """
    Find a file that is to be registered.

    Raises
    ------
    Invalid
        ``/body/root``, ``/body/path`` or ``/body/members``.
    """
    with house.database.reading() as session:
        root = Lab(house, session).registrations.root(actor, new)
    return find(root, new)
