"""
The service on its embedded default: time to healthy, reads at a steady rate beside an upload, submit to start.

Run as ``python -m benchmarks.bench_service``; prints a Markdown table.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np

from tests.live import LiveService, made, wait_for

STARTS = 5
RATE_PER_S = 100
SECONDS = 15
CONNECTIONS = 16
UPLOAD_MIB = 512
MIB = 1024 * 1024


def starts() -> list[float]:
    """Return the seconds from the command to the ready line, fresh folder and all."""
    times = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder, LiveService(Path(folder) / "data") as service:
            httpx.get(f"{service.url}/healthz").raise_for_status()
            times.append(service.ready_after_s)
    return times


async def steady_reads(url: str, key: str) -> list[float]:
    """GET one row at a steady rate over kept connections; latency counts from the moment a request was due."""
    address = urlsplit(url)
    request = f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: {key}\r\n\r\n".encode()
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection(address.hostname, address.port))
    latencies: list[float] = []

    async def one(due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reader, writer = await free.get()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        free.put_nowait((reader, writer))
        latencies.append(time.perf_counter() - due)

    begin = time.perf_counter() + 0.5
    await asyncio.gather(*(one(begin + number / RATE_PER_S) for number in range(RATE_PER_S * SECONDS)))
    while not free.empty():
        free.get_nowait()[1].close()
    return latencies


def upload_for_ever(url: str, key: str, project_id: str) -> None:
    """Upload one large file after another by tus, until killed."""
    piece = np.random.default_rng(0).bytes(MIB)
    tus = {"Tus-Resumable": "1.0.0"}
    client = httpx.Client(headers={"Authorization": key, **tus}, timeout=60)
    names = {"filename": "upload.raw", "project_id": project_id}
    metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in names.items())
    patch = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    while True:
        created = client.post(
            f"{url}/api/v1/uploads", headers={"Upload-Length": str(UPLOAD_MIB * MIB), "Upload-Metadata": metadata}
        )
        created.raise_for_status()
        location = url + created.headers["Location"]
        body = (piece for _ in range(UPLOAD_MIB - 1))  # one block short: never finished, so the store stays small
        client.patch(location, content=body, headers={**patch, "Content-Length": str((UPLOAD_MIB - 1) * MIB)})
        client.delete(location)


def percentile(values: list[float], share: float) -> float:
    """Return a percentile by rank."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Measure and print."""
    cold = starts()
    with tempfile.TemporaryDirectory() as folder, LiveService(Path(folder) / "data") as service:
        client = service.administrator()
        project_id = made(client, "/projects", {"code": "BENCH", "title": "Bench"})["id"]
        sample = made(client, "/samples", {"project_id": project_id, "name": "Row", "material": "nmc"})
        key, url = client.headers["Authorization"], f"{service.url}/api/v1/samples/{sample['id']}"
        idle = asyncio.run(steady_reads(url, key))
        command = [sys.executable, "-m", "benchmarks.bench_service", service.url, key, project_id]
        uploader = subprocess.Popen(command)
        wait_for(lambda: any((Path(folder) / "data" / "staging").rglob("upl_*")), seconds=20)
        busy = asyncio.run(steady_reads(url, key))
        uploader.kill()
        uploader.wait()
    print("| figure | median | p99 / worst | target |\n|---|---|---|---|")
    print(f"| command to healthy, {STARTS} starts | {statistics.median(cold):.2f} s | {max(cold):.2f} s | < 5 s |")
    for name, values in (("idle", idle), ("beside an upload", busy)):
        middle, late = statistics.median(values) * 1e3, percentile(values, 0.99) * 1e3
        print(f"| GET of a row at {RATE_PER_S}/s, {name} | {middle:.1f} ms | {late:.1f} ms | p99 < 50 ms |")


if __name__ == "__main__":
    upload_for_ever(*sys.argv[1:]) if sys.argv[1:] else main()
