"""What waits is taken one by one, by any process, each in a transaction of its own."""

from collections.abc import Callable, Sequence

from app.infra.house import House
from app.infra.log import get_logger
from app.lab.composition import Lab

#: How many that wait are taken at a time.
AT_ONCE = 50

log = get_logger(__name__)


def take_turns(house: House, waiting: Sequence[str], act: Callable[[Lab, str], int]) -> int:
    """
    Act on each that waits, and wake the workers if anything was done.

    Parameters
    ----------
    house : House
        The service's resources.
    waiting : sequence of str
        Identifiers of what waits.
    act : callable
        Acts on one and returns how much it did. Where it raises, that one waits on and holds up no other.

    Returns
    -------
    done : int
        The sum of what was done.
    """
    done = 0
    for identifier in waiting:
        try:
            with house.database.writing() as session:
                done += act(Lab(house, session), identifier)
        except Exception:
            log.exception("put off", waiting=identifier)
    if done:
        house.queue.poke()
    return done
