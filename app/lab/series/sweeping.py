"""Looking at series that have grown, by any process: workers do after each job, their sweeper at intervals."""

from app.infra.house import House
from app.lab.series.repository import SeriesRepository
from app.lab.series.room import is_waiting
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


def call_back(house: House) -> int:
    """
    Have the series looked at that wait for room of their project and may now have it.

    Room is made by whoever deletes anything, gives up an upload or raises a quota: none of them knows of series.

    Returns
    -------
    called : int
        How many there were.
    """
    with house.database.reading() as session:
        series = SeriesRepository(session)
        waiting = [row for row in series.with_problem() if is_waiting(row)]
        room = {project_id: series.room_in(project_id) for project_id in {row.project_id for row in waiting}}
        called = [row.id for row in waiting if row.problem and row.problem["needed_bytes"] <= room[row.project_id]]
    if called:
        with house.database.writing() as session:
            SeriesRepository(session).note(called)
    return len(called)
