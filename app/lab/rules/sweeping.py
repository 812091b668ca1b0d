"""Acting by rules at intervals, by any process: the worker's sweeper calls `sweep`."""

from app.infra.house import House
from app.infra.log import get_logger
from app.lab.composition import Lab
from app.lab.rules.repository import RuleRepository

AT_ONCE = 50

log = get_logger(__name__)


def sweep(house: House) -> int:
    """
    Let rules look at the datasets that became readable, each in a transaction of its own.

    Returns
    -------
    started : int
        Jobs and runs that were started.
    """
    with house.database.reading() as session:
        waiting = RuleRepository(session).candidates(AT_ONCE)
    started = 0
    for dataset_id in waiting:
        try:
            with house.database.writing() as session:
                started += Lab(house, session).rule_engine.act_on(dataset_id)
        except Exception:
            log.exception("rules put off", dataset_id=dataset_id)  # it waits on, and holds up no other
    if started:
        house.queue.poke()
    return started
