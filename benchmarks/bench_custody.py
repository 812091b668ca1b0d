"""
Custody among 100 000 events of 10 000 samples: a timeline with its derived state, and the facility's deadlines.

Run as ``python -m benchmarks.bench_custody``; prints a Markdown table. Lineage among the same rows: `bench_lineage`.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from app.infra.db.base import Base
from app.infra.db.models import SampleClock
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.clocks.schemas import ClockOut, DeadlineOut
from app.lab.composition import Lab
from app.lab.custody.schemas import CustodyStateOut, EventOut, StayOut
from benchmarks.bench_lineage import houses
from benchmarks.custody_rows import GENERATIONS, Rows, seed

ASKED = 300
PAGES = 100
REPEATS = 5
TARGETS = {"timeline": "< 100 ms", "deadlines": "< 300 ms"}


def timeline(lab: Lab, sample_id: str) -> int:
    """Answer what a page shows of a sample: events, stays, state, clocks; returns the bytes of the answer."""
    found = lab.custody.timeline(SYSTEM, sample_id)
    answers = [EventOut.of(entry) for entry in found.entries]
    answers += [StayOut.model_validate(stay) for stay in found.stays]
    answers += [CustodyStateOut.of(sample_id, found.state)]
    answers += [ClockOut.model_validate(clock) for clock in lab.clocks.of_sample(SYSTEM, sample_id)]
    return sum(len(answer.model_dump_json()) for answer in answers)


def deadlines(lab: Lab, states: frozenset[str] | None = None, project_id: str | None = None) -> int:
    """Answer the first page of 500 deadlines; returns how many there are on it."""
    found = lab.clocks.deadlines(SYSTEM, states=states, project_id=project_id, limit=500)
    return sum(bool(DeadlineOut.of(deadline).model_dump_json()) for deadline in found)


def custody_times(house: House, rows: Rows) -> dict[str, list[float]]:
    """Return the seconds of each question, by what was asked; clocks must have been computed."""
    chosen = random.Random(0).sample(rows.sample_ids, ASKED)
    late, fresh = frozenset({"due", "overdue"}), frozenset({"fresh", "unknown"})
    return {
        "timeline with state": [_timed(house, lambda lab, s=sample: timeline(lab, s)) for sample in chosen],
        "deadlines": [_timed(house, deadlines) for _ in range(PAGES)],
        "deadlines that passed": [_timed(house, lambda lab: deadlines(lab, late)) for _ in range(PAGES)],
        "deadlines to come": [_timed(house, lambda lab: deadlines(lab, fresh)) for _ in range(PAGES)],
        "deadlines of a project": [
            _timed(house, lambda lab: deadlines(lab, project_id=rows.project_id)) for _ in range(PAGES)
        ],
        "deadlines counted by state": [
            _timed(house, lambda lab: sum(lab.clocks.counts(SYSTEM).values())) for _ in range(PAGES)
        ],
    }


def compute_clocks(house: House, rows: Rows) -> list[float]:
    """
    Compute the clocks of the first samples as an event does, and copy the rows to the others.

    The samples repeat from cell to cell, so that what is copied is what would be computed.

    Returns
    -------
    seconds : list of float
        To compute the clocks of each sample, those of what was split from it included.
    """
    family = rows.sample_ids[:GENERATIONS]
    seconds = [_timed_writing(house, sample_id) for sample_id in family for _ in range(REPEATS)]
    with house.database.writing() as session:
        table = SampleClock.__table__
        made = [dict(row) for row in session.execute(select(table)).mappings()]
        for first in range(GENERATIONS, len(rows.sample_ids), GENERATIONS):
            twins = dict(zip(family, rows.sample_ids[first : first + GENERATIONS], strict=True))
            later = timedelta(minutes=first // GENERATIONS)
            session.execute(insert(table), [_twin(row, twins[row["sample_id"]], later) for row in made])
    return seconds


def _twin(row: dict[str, Any], sample_id: str, later: timedelta) -> dict[str, Any]:
    moved = {name: value + later for name, value in row.items() if name.endswith("_at") and value is not None}
    return {**row, **moved, "sample_id": sample_id}


def _timed_writing(house: House, sample_id: str) -> float:
    begin = time.perf_counter()
    with house.database.writing() as session:
        lab = Lab(house, session)
        lab.clocks.refresh(lab.samples.get(SYSTEM, sample_id))
    return time.perf_counter() - begin


def _timed(house: House, ask: Callable[[Lab], int]) -> float:
    begin = time.perf_counter()
    with house.database.reading() as session:
        ask(Lab(house, session))
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    print("| question | database | median | p95 | worst | target |\n|---|---|---|---|---|---|")
    with houses() as found:
        for name, house in found:
            Base.metadata.create_all(house.database.engine)
            rows = seed(house)
            answers = {"clocks anew, with children": compute_clocks(house, rows), **custody_times(house, rows)}
            for question, times in answers.items():
                target = TARGETS.get(question.partition(" ")[0], "")
                middle, late = statistics.median(times) * 1e3, statistics.quantiles(times, n=20)[-1] * 1e3
                print(
                    f"| {question} | {name} | {middle:.1f} ms | {late:.1f} ms | {max(times) * 1e3:.0f} ms | {target} |"
                )


if __name__ == "__main__":
    main()
