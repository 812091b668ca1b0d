"""
The service on its embedded default: time to healthy, reads at a steady rate beside an upload, submit to start.

Run as ``python -m benchmarks.bench_service``; prints a Markdown table.
"""

import asyncio
import statistics
import tempfile
import threading
import time
from pathlib import Path

import httpx
import numpy as np

from tests.live import LiveService, made, wait_for

STARTS = 5
RATE_PER_S = 100
SECONDS = 15
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
    """GET one row at a steady rate; latency counts from the moment a request was due."""
    latencies: list[float] = []
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
    async with httpx.AsyncClient(headers={"Authorization": key}, limits=limits, timeout=30) as client:

        async def one(due: float) -> None:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            (await client.get(url)).raise_for_status()
            latencies.append(time.perf_counter() - due)

        await client.get(url)
        begin = time.perf_counter() + 0.5
        await asyncio.gather(*(one(begin + number / RATE_PER_S) for number in range(RATE_PER_S * SECONDS)))
    return latencies


def upload_for_ever(client: httpx.Client, project_id: str, stop: threading.Event) -> None:
    """Upload one large file after another by tus."""
    piece = np.random.default_rng(0).bytes(8 * MIB)
    while not stop.is_set():
        headers = {"Tus-Resumable": "1.0.0"}
        metadata = f"filename {'dXBsb2FkLnJhdw=='},project_id {_b64(project_id)}"
        created = client.post(
            "/uploads", headers={**headers, "Upload-Length": str(UPLOAD_MIB * MIB), "Upload-Metadata": metadata}
        )
        created.raise_for_status()
        location = created.headers["Location"].removeprefix("/api/v1")

        def body() -> object:
            for _ in range(UPLOAD_MIB // 8):
                if stop.is_set():
                    return
                yield piece

        client.patch(
            location,
            content=body(),
            headers={
                **headers,
                "Upload-Offset": "0",
                "Content-Type": "application/offset+octet-stream",
                "Transfer-Encoding": "chunked",
            },
        )
        client.delete(location, headers=headers)


def _b64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


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
        stop = threading.Event()
        uploading = threading.Thread(target=upload_for_ever, args=(client, project_id, stop))
        uploading.start()
        wait_for(lambda: any((Path(folder) / "data").rglob("upl_*")), seconds=20)
        busy = asyncio.run(steady_reads(url, key))
        stop.set()
        uploading.join()
    print("| figure | median | p99 / worst | target |\n|---|---|---|---|")
    print(f"| command to healthy, {STARTS} starts | {statistics.median(cold):.2f} s | {max(cold):.2f} s | < 5 s |")
    for name, values in (("idle", idle), ("beside an upload", busy)):
        middle, late = statistics.median(values) * 1e3, percentile(values, 0.99) * 1e3
        print(f"| GET of a row at {RATE_PER_S}/s, {name} | {middle:.1f} ms | {late:.1f} ms | p99 < 50 ms |")


if __name__ == "__main__":
    main()
