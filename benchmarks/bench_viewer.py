"""
The viewer on its embedded default: first slice, three planes, moving; pieces of arrays against a bare route.

Run as ``python -m benchmarks.bench_viewer``; needs Debian's chromium, which draws by software, and prints Markdown
tables. ``python -m benchmarks.bench_viewer 256`` leaves the large volume out.
"""

import asyncio
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Browser

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from tests.journeys.portal import Visitor, browser
from tests.journeys.volumes import published
from tests.live import wait_for
from tests.servers import free_port
from workers import trees

PIECE = 64**3 * 2
CONNECTIONS, EACH, ROUNDS = 6, 60, 5
STEPS, LOOKS = 120, 3
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

def piece(request):
    first, last = request.headers["range"].removeprefix("bytes=").split("-")
    with open(sys.argv[1], "rb") as file:
        file.seek(int(first))
        return Response(file.read(int(last) - int(first) + 1), 206)

uvicorn.run(Starlette(routes=[Route("/piece", piece)]), port=int(sys.argv[2]), access_log=False, log_level="error")
"""


def volume(side: int) -> LabelledArray:
    """Return a tomogram of smooth blobs with noise, made plane by plane."""
    noise, steps = np.random.default_rng(0), dict.fromkeys("zyx", Quantity(2.0, "nm", "header"))
    values = np.empty((side, side, side), np.float32)
    wave = np.sin(np.arange(side) / side * 20).astype(np.float32)
    for z in range(side):
        values[z] = wave[z] + wave[:, None] * wave + 0.1 * noise.standard_normal((side, side), np.float32)
    return LabelledArray(values, "zyx", steps, "counts", kind="volume", name="volume")


async def rate(url: str, headers: str) -> float:
    """Read pieces over six connections, as a browser does; return how many came each second."""
    address = urlsplit(url)

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2 * PIECE)
        for turn in range(EACH):
            first = ((turn * 7 + number) % 60) * PIECE
            line = f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n{headers}"
            writer.write(f"{line}Range: bytes={first}-{first + PIECE - 1}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 206"):
                raise RuntimeError(head.decode())
            length = next(each for each in head.split(b"\r\n") if each.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    return CONNECTIONS * EACH / (time.perf_counter() - began)


def _answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def _apart(url: str, headers: str) -> float:
    """Measure in a thread of its own: the browser's driver has the loop of this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, rate(url, headers)).result()


def pieces(visitor: Visitor, result: str, file: Path) -> None:
    """Measure the route of pieces and a bare one in turns, and print the rates."""
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in visitor.context.cookies())
    ours = f"{visitor.url}/api/v1/results/{result}/outputs/volume/display/0/c/0/0/0"
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", BARE, str(file), str(port)])
    try:
        wait_for(lambda: _answers(port))
        bare, headers = f"http://127.0.0.1:{port}/piece", f"Cookie: {cookie}\r\n"
        turns = [(_apart(bare, headers), _apart(ours, headers)) for _ in range(ROUNDS + 1)]
    finally:
        server.terminate()
        server.wait()
    found = turns[1:]  # the first warms both
    middle = statistics.median(own / other for other, own in found)
    print("| pieces of 512 KiB each second | bare route | ours | ratio, median | target |\n|---|---|---|---|---|")
    rates = [f"{statistics.median(each):.0f}" for each in zip(*found, strict=True)]
    print(f"| {ROUNDS} rounds, {CONNECTIONS} connections | {' | '.join(rates)} | {middle:.2f} | >= 0.5 |\n")


MARKED = "(name) => performance.getEntriesByName(name)[0]?.startTime"
FINEST = "(event) => event.detail.levels.flat().every((level) => level === 0)"
WATCH = f"""addEventListener('painted', (event) => {{
  if (({FINEST})(event)) performance.mark('viewer-finest');
}}, true)"""
#: Each step waits until all planes are painted at the level wanted; the first round brings what moving passes.
MOVING = """async (steps) => {
  const viewer = document.querySelector('.viewer'), slider = viewer.querySelector('input[type=range]');
  const first = Number(slider.value);
  const go = (to) => new Promise((resolve) => {
    viewer.addEventListener('painted', resolve, { once: true });
    slider.value = to;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  });
  for (let k = 1; k <= 32; k += 1) await go(first - k);
  const began = performance.now();
  for (let k = 0; k < steps; k += 1) await go(first - 1 - (k % 32));
  return steps / ((performance.now() - began) / 1000);
}"""


def look(chromium: Browser, visitor: Visitor, result: str) -> tuple[float, float, float]:
    """Open the viewer in a browser that has nothing yet; return seconds to one slice and to three, steps a second."""
    context = chromium.new_context(storage_state=visitor.context.storage_state())
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{visitor.url}/viewer?show={result}/volume#full=1")
    page.wait_for_function(f"() => ({MARKED})('viewer-finest')", timeout=120_000)
    first, three = (page.evaluate(MARKED, name) / 1000 for name in ("viewer-first", "viewer-finest"))
    moving: float = page.evaluate(MOVING, STEPS)
    context.close()
    return first, three, moving


def looks(chromium: Browser, visitor: Visitor, results: dict[int, str]) -> None:
    """Print how the viewer opens volumes of each side."""
    print("| volume | first slice | three planes at full resolution | moving, steps a second |\n|---|---|---|---|")
    for side, result in results.items():
        found = [look(chromium, visitor, result) for _ in range(LOOKS)]
        first, three, moving = (statistics.median(each) for each in zip(*found, strict=True))
        print(f"| {side}³ | {first:.2f} s | {three:.2f} s | {moving:.0f} |")
    print()


def main(sides: list[int]) -> None:
    """Publish volumes, measure and print."""
    with browser() as chromium, tempfile.TemporaryDirectory() as folder:
        _measure(chromium, Path(folder), sides)


def _measure(chromium: Browser, folder: Path, sides: list[int]) -> None:
    writers = [partial(write, side=side) for side in sides]
    with published(chromium, folder, writers) as (visitor, results):
        looks(chromium, visitor, dict(zip(sides, results, strict=True)))
        shard = next((folder / "data" / "store").rglob("volume.display/0/c/0/0/0"))
        pieces(visitor, results[0], shard)


def write(tree: Path, *, side: int) -> list[dict[str, Any]]:
    """Write a result's tree when its turn comes, so that no two volumes stand in memory."""
    return trees.write(tree, {"volume": volume(side)}, {})


if __name__ == "__main__":
    main([int(side) for side in sys.argv[1:]] or [256, 1024])
