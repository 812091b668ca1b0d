"""
The client's own costs: its import, pages of a search, opening a volume and reading one slice of it.

Run as ``python -m benchmarks.bench_client``; prints a Markdown table. ``--datasets 2000 --side 128`` for a look; the
figures to reach are those of 100,000 datasets and a volume of 1 GiB (``--side 645``, 32-bit values).
"""

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
from sqlalchemy import insert

from app.infra.clock import now
from app.infra.db.models import Blob, Dataset, ShownElement
from app.infra.house import House
from app.infra.ids import new_id
from app.settings import Settings
from lithoscope.client import Client
from lithoscope.client.listed import PAGE
from tests.live import LiveService, first_token, made

IMPORT = "import lithoscope, sys; lithoscope.Client('http://127.0.0.1:1', 't'); assert 'numpy' not in sys.modules"
REPEATS, AT_ONCE = 5, 5000


def took_s(act: Callable[[], object]) -> float:
    """Return the time of one act [s]."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def import_s() -> float:
    """Return the median time from start to end of a process that makes a client, over one that does nothing [s]."""
    times = {
        program: statistics.median(
            took_s(lambda program=program: subprocess.run([sys.executable, "-c", program], check=True))
            for _ in range(REPEATS)
        )
        for program in ("pass", IMPORT)
    }
    return times[IMPORT] - times["pass"]


def fill(folder: Path, model: str, count: int) -> None:
    """Put rows beside a dataset, each with its own identifier, name and digest; every tenth shows nickel."""
    house = House(Settings(data=folder))
    with house.database.writing() as session:
        first = session.get_one(Dataset, model)
        row = {column.name: getattr(first, column.name) for column in Dataset.__table__.columns}
        for begin in range(0, count, AT_ONCE):
            rows = [
                row | {"id": new_id("ds"), "filename": f"scan {number}.tif", "sha256": secrets.token_hex(32)}
                for number in range(begin, min(begin + AT_ONCE, count))
            ]
            blobs = [{"sha256": each["sha256"], "size_bytes": 1, "created_at": now()} for each in rows]
            shown = [{"element": "Ni", "object_id": each["id"], "by_id": each["id"]} for each in rows[::10]]
            for table, values in ((Blob, blobs), (Dataset, rows), (ShownElement, shown)):
                session.execute(insert(table), values)
    house.database.engine.dispose()


@contextmanager
def service(folder: Path) -> Iterator[tuple[Client, str]]:
    """Run a service with a project."""
    with LiveService(folder, workers=1) as live:
        token = first_token(live.url, live.setup_code)
        with live.client(token) as client:
            project = made(client, "/projects", {"code": "BENCH", "title": "Benchmark of the client"})
        with Client(live.url, token, progress=False) as client:
            yield client, project["id"]


def volume_lines(client: Client, project: str, folder: Path, side: int) -> Iterator[str]:
    """Send a volume, wait until it was read, and say what opening it and reading a slice take and fetch."""
    import mrcfile

    path = folder / "volume.mrc"
    with mrcfile.new_mmap(path, shape=(side, side, side), mrc_mode=2) as file:
        file.voxel_size = 10.0
        file.set_volume()
        for plane in range(side):
            file.data[plane] = np.random.default_rng(plane).random((side, side), np.float32)
        file.update_header_stats()
    dataset = client.upload(path, project=project).wait(3600)
    client.dataset(dataset.id).to_xarray()  # the modules of arrays are loaded once
    opened = statistics.median(took_s(lambda: client.dataset(dataset.id).to_xarray()) for _ in range(REPEATS))
    array = dataset.to_xarray()
    before = psutil.net_io_counters(pernic=True)["lo"].bytes_recv
    read = took_s(lambda: array.isel(z=side // 2).values)
    fetched = psutil.net_io_counters(pernic=True)["lo"].bytes_recv - before
    yield f"| `to_xarray` of {array.nbytes / 2**30:.3f} GiB | {opened:.3f} s |"
    yield f"| one slice of it ({fetched / 2**20:.1f} MiB over the loopback) | {read:.3f} s |"


def search_lines(client: Client, folder: Path, count: int) -> Iterator[str]:
    """Say what pages of a search among many datasets take."""
    newest = client.search().first()
    assert newest is not None
    fill(folder, newest.id, count)
    for words, found, there in (
        ("all", client.search(), count),
        ("a tenth by name", client.search("9.tif"), count // 10),
        ("a tenth by element", client.search(element="Ni"), count // 10),
    ):
        walk = iter(found)
        pages = [took_s(lambda walk=walk: list(islice(walk, PAGE))) for _ in range(max(min(20, there // PAGE), 1))]
        middle, worst = statistics.median(pages) * 1000, max(pages) * 1000
        yield f"| a page of {PAGE} of {count} datasets, {words} | {middle:.0f} ms, the slowest {worst:.0f} ms |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=100_000)
    parser.add_argument("--side", type=int, default=645)
    given = parser.parse_args()
    print(f"{now():%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n| | |\n|---|---|")
    print(f"| `import lithoscope; lithoscope.Client(...)`, without numpy | {import_s():.2f} s |", flush=True)
    with tempfile.TemporaryDirectory() as place, service(Path(place) / "data") as (client, project):
        for line in volume_lines(client, project, Path(place), given.side):
            print(line, flush=True)
        for line in search_lines(client, Path(place) / "data", given.datasets):
            print(line, flush=True)


if __name__ == "__main__":
    main()
