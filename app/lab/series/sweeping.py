"""Looking at series that have grown, by any process: workers do after each job, their sweeper at intervals."""

from app.infra.house import House
from app.lab.series.repository import SeriesRepository
from app.lab.turns import AT_ONCE, take_turns


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
    return take_turns(house, waiting, lambda lab, series_id: lab.series_engine.look_at(series_id))
