"""The collector: a large file against plain write + fsync + SHA-256, a kill in its middle, a start with many files."""

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

# what the service needs is imported where it is used: a collector's process measures its own memory
sys.path.insert(0, str(Path(__file__).parent.parent))
MIB = 2**20
NAMES_A_FOLDER = 500
KILLED_MIB = 256
ANYTHING = '[[rules]]\nmatch = "**"\nwithout_sample = true\n'


def settings(folder: Path, url: str, project: str, *, quiet_s: float = 0.2) -> Path:
    """Write the settings of a collector that does not wait long."""
    share = folder / "share"
    share.mkdir(exist_ok=True)
    path = folder / "collector.toml"
    head = f'url = "{url}"\nproject = "{project}"\nquiet_s = {quiet_s}\nhot_s = 0.1\nheartbeat_s = 3600\n'
    path.write_text(f'{head}[[folders]]\npath = "{share}"\ntier = "hot"\n{ANYTHING}')
    return path


def collect(path: Path) -> None:
    """Do rounds until something was sent; tell how long its round took. This runs in a process of its own."""
    from lithoscope.client.collector import Collector, Settings

    read = Settings.read(path)
    assert read.journal is not None
    collector = Collector(read, read.journal)
    own, began, cpu, sent = psutil.Process(), 0.0, 0.0, 0
    while True:
        if not sent:
            began, cpu = time.perf_counter(), sum(own.cpu_times()[:2])
        told = collector.step()
        sent += told.bytes_sent
        if told.sent:
            spent = {"s": time.perf_counter() - began, "cpu_s": sum(own.cpu_times()[:2]) - cpu}
            print(json.dumps({**spent, "bytes": sent, "peak_MiB": peak_MiB(own)}))
            return
        time.sleep(0.02)


def peak_MiB(process: psutil.Process) -> float:
    """Return the most memory a process held."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def rescan(path: Path) -> None:
    """Start, look through everything once, and tell how long that took. This runs in a process of its own."""
    began = time.perf_counter()
    from lithoscope.client.collector import Collector, Settings

    read = Settings.read(path)
    assert read.journal is not None
    told = Collector(read, read.journal).step()
    said = {"s": time.perf_counter() - began, "files": told.scanned, "changed": told.changed}
    print(json.dumps({**said, "peak_MiB": peak_MiB(psutil.Process())}))


def child(what: str, path: Path, key: str) -> subprocess.Popen[str]:
    """Start a collector."""
    return subprocess.Popen(
        [sys.executable, __file__, what, str(path)],
        env={**os.environ, "LITHOSCOPE_TOKEN": key},
        stdout=subprocess.PIPE,
        text=True,
    )


def told_by(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what a collector told at its end."""
    text, _ = process.communicate()
    assert process.returncode == 0
    answer: dict[str, Any] = json.loads(text)
    return answer


def write(path: Path, total: int) -> None:
    """Write a file of the size."""
    from benchmarks.bench_upload import blocks

    with path.open("wb") as file:
        for block in blocks(total):
            file.write(block)


def uploaded(folder: Path, total: int) -> dict[str, Any]:
    """Send one large file, the plain write before and after it."""
    from benchmarks.bench_upload import facility, plain_s
    from tests.app.uploads.api_process import ApiProcess

    project, key = facility(folder / "data")
    with ApiProcess(folder / "data", key, log=folder / "log") as api:
        path = settings(folder, api.base.removesuffix("/api/v1"), project)
        before = plain_s(folder, total)
        write(folder / "share" / "large.raw", total)
        told = told_by(child("collect", path, key))
        (folder / "share" / "large.raw").unlink()
        after = plain_s(folder, total)
    plain = (before + after) / 2
    return {
        "MiB": total // MIB,
        "plain_MB_per_s": [round(total / 1e6 / each) for each in (before, after)],
        "collector_MB_per_s": round(total / 1e6 / told["s"]),
        "ratio": round(plain / told["s"], 2),
        "client_cores": round(told["cpu_s"] / told["s"], 2),
        "client_peak_MiB": round(told["peak_MiB"]),
    }


def killed(folder: Path, total: int) -> dict[str, Any]:
    """Kill the collector in the middle of a file; count what went over the line."""
    from benchmarks.bench_upload import facility
    from tests.app.uploads.api_process import ApiProcess
    from tests.rehearsals.network import Network

    project, key = facility(folder / "data")
    with ApiProcess(folder / "data", key, log=folder / "log") as api:
        network = Network(api.base.removesuffix("/api/v1"))
        path = settings(folder, network.url, project)
        write(folder / "share" / "large.raw", total)
        first = child("collect", path, key)
        while network.bytes_sent < total // 2:
            time.sleep(0.001)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        told_by(child("collect", path, key))
        network.close()
    return {"sent_again_MiB": round((network.bytes_sent - total) / MIB, 2)}


def many(folder: Path, count: int) -> dict[str, Any]:
    """Start a collector that knows so many files, none of them changed."""
    path = settings(folder, "http://127.0.0.1:9", "prj_none", quiet_s=3600.0)
    for number in range(count):
        place = folder / "share" / f"{number // NAMES_A_FOLDER:04d}"
        place.mkdir(exist_ok=True)
        (place / f"scan_{number:06d}.tif").write_bytes(b"II*\0")
    first = told_by(child("rescan", path, "none"))
    with sqlite3.connect(folder / "collector.journal") as journal:
        journal.execute("UPDATE unit SET state = 'sent'")
    again = told_by(child("rescan", path, "none"))
    return {
        "known_files": count,
        "first_start_s": round(first["s"], 1),
        "next_start_s": round(again["s"], 1),
        "changed": again["changed"],
        "peak_MiB": round(again["peak_MiB"]),
    }


def main() -> None:
    """Measure and print a JSON line a part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=10.0)
    parser.add_argument("--files", type=int, default=200_000)
    arguments = parser.parse_args()
    for part, size in (
        (uploaded, int(arguments.gib * 1024) * MIB),
        (killed, KILLED_MIB * MIB),
        (many, arguments.files),
    ):
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(part(Path(folder), size)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in {"collect", "rescan"}:
        {"collect": collect, "rescan": rescan}[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
