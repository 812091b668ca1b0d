"""Acting by rules at intervals, by any process: the worker's sweeper calls `sweep`."""

from app.infra.house import House
from app.lab.rules.repository import RuleRepository
from app.lab.turns import AT_ONCE, take_turns


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
    return take_turns(house, waiting, lambda lab, dataset_id: lab.rule_engine.act_on(dataset_id))
