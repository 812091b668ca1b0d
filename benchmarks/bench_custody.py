"""
Custody among 100 000 events of 10 000 samples: a timeline with its derived state, and the facility's deadlines.

Run as ``python -m benchmarks.bench_custody``; prints a Markdown table. Lineage among the same rows: `bench_lineage`.
"""

import random
import statistics
import time
from collections.abc import Callable

from app.infra.db.base import Base
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.clocks.schemas import ClockOut, DeadlineOut
from app.lab.clocks.sweeping import refresh_stale
from app.lab.composition import Lab
from app.lab.custody.schemas import CustodyStateOut, EventOut, StayOut
from benchmarks.bench_lineage import houses
from benchmarks.custody_rows import Rows, seed

ASKED = 300
PAGES = 30


def timeline(lab: Lab, sample_id: str) -> int:
    """Answer what a page shows of a sample: events, stays, state, clocks; returns the bytes of the answer."""
    answers = [EventOut.of(entry) for entry in lab.custody.history(SYSTEM, sample_id)]
    answers += [StayOut.model_validate(stay) for stay in lab.custody.stays(SYSTEM, sample_id)]
    answers += [CustodyStateOut.of(sample_id, lab.custody.state(SYSTEM, sample_id))]
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
    }


def compute_clocks(house: House, samples: int) -> float:
    """Compute the clocks of every sample as the sweeper does; returns the seconds a sample took."""
    begin = time.perf_counter()
    while refresh_stale(house):
        pass
    return (time.perf_counter() - begin) / samples


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
            each_s = compute_clocks(house, len(rows.sample_ids))
            for question, times in custody_times(house, rows).items():
                target = "< 100 ms" if question.startswith("timeline") else "< 300 ms"
                middle, late = statistics.median(times) * 1e3, statistics.quantiles(times, n=20)[-1] * 1e3
                print(
                    f"| {question} | {name} | {middle:.1f} ms | {late:.1f} ms | {max(times) * 1e3:.0f} ms | {target} |"
                )
            print(f"| clocks of one sample, anew | {name} | {each_s * 1e3:.1f} ms | | | |")


if __name__ == "__main__":
    main()
