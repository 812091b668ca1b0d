"""
Lineage among 100 000 events of 10 000 samples: voxel to disassembly, and disassembly to results, on both databases.

Run as ``python -m benchmarks.bench_lineage``; prints a Markdown table. `lineage_times` is for other measurements of the
same rows.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.infra.db.base import Base
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.settings import Settings
from benchmarks.custody_rows import Rows, seed
from tests.servers import PostgresCluster

ASKED = 200


def lineage_times(house: House, rows: Rows) -> dict[str, list[float]]:
    """
    Measure both directions through the service the API, portal and client share.

    Returns
    -------
    times : dict of list of float
        Seconds of each question, by what was asked.
    """
    chosen = random.Random(0).sample(rows.result_ids, min(ASKED, len(rows.result_ids)))
    back, on = [], []
    for number, result in enumerate(chosen):
        voxel = f"{number % 256},{number * 7 % 256},{number * 13 % 256}"
        back.append(_timed(house, lambda lab, r=result, v=voxel: _check_back(lab, rows, r, v)))
        on.append(_timed(house, lambda lab, r=result: _check_on(lab, rows, r)))
    return {"voxel to disassembly": back, "disassembly to results": on}


def _check_back(lab: Lab, rows: Rows, result: str, voxel: str) -> None:
    found = lab.provenance.of_number(SYSTEM, result, "volume", voxel=voxel)
    if rows.disassembly_of[result] not in {event.id for event in found.events} or found.value is None:
        raise RuntimeError(f"{result} did not lead back to the opening of its cell")


def _check_on(lab: Lab, rows: Rows, result: str) -> None:
    found = lab.provenance.results_after(SYSTEM, rows.disassembly_of[result])
    if [item.result_id for item in found.items] != [result]:
        raise RuntimeError(f"the opening of the cell did not lead on to {result} alone")


def _timed(house: House, ask: Callable[[Lab], None]) -> float:
    begin = time.perf_counter()
    with house.database.reading() as session:
        ask(Lab(house, session))
    return time.perf_counter() - begin


@contextmanager
def houses() -> Iterator[list[tuple[str, House]]]:
    """Give a fresh house on SQLite, and one on PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        found = [("SQLite", House(Settings(data=Path(folder) / "sqlite")))]
        cluster = None if PostgresCluster.missing() else PostgresCluster()
        if cluster is None:
            yield found
            return
        cluster.start()
        try:
            with cluster.database() as url:
                found.append(("PostgreSQL", House(Settings(data=Path(folder) / "postgres", database_url=url))))
                yield found
                for _, house in found:
                    house.database.dispose()
        finally:
            cluster.stop()


def main() -> None:
    """Measure and print."""
    print("| question | database | median | p95 | worst | target |\n|---|---|---|---|---|---|")
    with houses() as found:
        for name, house in found:
            Base.metadata.create_all(house.database.engine)
            rows = seed(house)
            for question, times in lineage_times(house, rows).items():
                middle, late = statistics.median(times) * 1e3, statistics.quantiles(times, n=20)[-1] * 1e3
                worst = max(times) * 1e3
                print(f"| {question} | {name} | {middle:.0f} ms | {late:.0f} ms | {worst:.0f} ms | < 300 ms |")


if __name__ == "__main__":
    main()
