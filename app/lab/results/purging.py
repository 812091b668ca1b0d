"""Trees of deleted results leave the store; safe to repeat after a kill."""

from app.infra.house import House
from app.lab.composition import Lab


def purge(house: House) -> int:
    """Remove the trees nobody needs any more and return how many went."""
    with house.database.reading() as session:
        trees = Lab(house, session).results.deleted_trees()
    return sum(_purge_tree(house, key) for key in trees)


def _purge_tree(house: House, key: str) -> bool:
    with house.database.writing() as session:
        results = Lab(house, session).results
        results.hold_tree(key)
        if key not in results.deleted_trees():
            return False
        house.store.delete(key)
        results.forget_tree(key)
    return True
