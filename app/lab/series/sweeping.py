"""Looking at series that have grown, by any process: workers do after each job, their sweeper at intervals."""

from app.infra.house import House
from app.infra.log import get_logger
from app.lab.composition import Lab
from app.lab.series.repository import SeriesRepository

AT_ONCE = 50

log = get_logger(__name__)


def sweep(house: House) -> int:
    """
    Look at the series that changed, each in a transaction of its own.

    Returns
    -------
    looked_at : int
        How many there were.
    """
    with house.database.reading() as session:
        waiting = SeriesRepository(session).candidates(AT_ONCE)
    looked_at = 0
    for series_id in waiting:
        try:
            with house.database.writing() as session:
                looked_at += Lab(house, session).series_engine.look_at(series_id)
        except Exception:
            log.exception("series put off", series_id=series_id)  # it waits on, and holds up no other
    if looked_at:
        house.queue.poke()
    return looked_at
