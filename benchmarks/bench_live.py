"""
Live mode: from the moment the last part of a refresh is readable to the refreshed volume in the service's answer.

Run as ``python -m benchmarks.bench_live``; prints Markdown tables, one for each size of image. The tilts are those of
the HAADF series of the examples (64 pixels), drawn larger where ``--sides`` asks for it; each comes when the volume of
the ones before it is there, so that no refresh waits for another.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from scipy import ndimage

from lithoscope.arrays import LabelledArray
from lithoscope.client import Client
from lithoscope.readers import read
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from tests.live import LiveService, first_token, made

SOURCE = Path(__file__).parents[1] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
POLL_S, LONGEST_S = 0.02, 600.0


@dataclass(frozen=True)
class Refresh:
    """How long one refresh took [s], and what of it its jobs say that they computed."""

    parts: int
    whole_s: float
    stacking_s: float
    waiting_s: float
    method_s: float


def tilts_of(side: int, count: int) -> LabelledArray:
    """Return so many tilts of the example, evenly chosen, with images of so many pixels along a side."""
    series = read(SOURCE).arrays[0]
    chosen = np.linspace(0, series.values.shape[0] - 1, count).round().astype(int)
    times = side / series.values.shape[1]
    values = ndimage.zoom(series.values[chosen].astype(np.float32), (1, times, times), order=1)
    spacing = {axis: Quantity((step.value or 1.0) / times, step.unit, "user") for axis, step in series.spacing.items()}
    return replace(series, values=values, spacing=spacing, coordinates={"t": series.coordinates["t"][chosen]})


def parts_of(tilts: LabelledArray, folder: Path) -> list[Path]:
    """Write each tilt into a file of its own."""
    folder.mkdir()
    paths = [folder / f"tilt_{number}.h5" for number in range(1, tilts.values.shape[0] + 1)]
    for path, image in zip(paths, tilts.values, strict=True):
        write_hdf5(LabelledArray(image, "yx", tilts.spacing, tilts.unit, name=path.stem), path)
    return paths


class Bench:
    """Sends tilts to a series and looks when its volumes come."""

    def __init__(self, client: Client, http: httpx.Client, *, every: int, iterations: int) -> None:
        self._client = client
        self._http = http
        self._every = every
        project = made(http, "/projects", {"code": "LIVE", "title": "Live mode"})
        self._sample = client.samples.create("particle", project=project["id"], material="nmc")
        self._action = {"method": "tomogram_sirt", "parameters": {"iterations": iterations}}

    def measure(self, tilts: LabelledArray, files: Sequence[Path]) -> tuple[list[Refresh], float]:
        """Return what each refresh took, and from the closing to the last volume [s]."""
        side = tilts.values.shape[1]
        body = {"project_id": self._sample.project_id, "sample_id": self._sample.id, "name": f"{side} pixels"}
        more = {"kind": "tilt_series", "every": self._every, "action": self._action}
        path = f"/series/{made(self._http, '/series', {**body, **more})['id']}"
        numbered = list(enumerate(zip(files, tilts.coordinates["t"], strict=True), start=1))
        starts = range(0, len(numbered) - self._every + 1, self._every)
        found = [self._refresh(path, numbered[start : start + self._every]) for start in starts]
        begun = time.time()
        self._http.post(f"{path}/closing", json={"parts": found[-1].parts}).raise_for_status()
        self._until(path, lambda record: (record["newest_result"] or {}).get("is_final"))
        return found, time.time() - begun

    def _refresh(self, path: str, batch: Sequence[tuple[int, tuple[Path, float]]]) -> Refresh:
        for number, (file, tilt_deg) in batch:
            dataset = self._client.upload(file, sample=self._sample)
            made(self._http, f"{path}/parts", {"dataset_id": dataset.id, "number": number, "tilt_deg": float(tilt_deg)})
        record = self._until(path, lambda record: (record["newest_result"] or {}).get("parts") == number)
        seen = time.time()
        reading = self._get("/jobs", kind="ingest", limit=1)["items"][0]
        assembly, refresh = record["newest_assembly"], record["newest_result"]
        stacking, running = (self._get(f"/jobs/{job}") for job in (assembly["job_id"], refresh["job_id"]))
        return Refresh(
            parts=number,
            whole_s=seen - _moment(reading["finished_at"]),
            stacking_s=_moment(stacking["finished_at"]) - _moment(stacking["started_at"]),
            waiting_s=_moment(running["started_at"]) - _moment(stacking["finished_at"]),
            method_s=_moment(running["finished_at"]) - _moment(running["started_at"]),
        )

    def _until(self, path: str, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        deadline = time.monotonic() + LONGEST_S
        while time.monotonic() < deadline:
            if condition(record := self._get(path)):
                return record
            time.sleep(POLL_S)
        raise TimeoutError(f"no volume within {LONGEST_S:.0f} s")

    def _get(self, path: str, **query: Any) -> dict[str, Any]:
        return dict(self._http.get(path, params=query).raise_for_status().json())


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def show(side: int, found: Sequence[Refresh], last_s: float) -> None:
    """Print a table."""
    print(f"\n{side} x {side} pixels, {found[-1].parts} tilts\n")
    print("| parts | readable to volume [s] | stacking [s] | until its refresh starts [s] | refresh [s] |")
    print("|---|---|---|---|---|")
    for each in found:
        times = (each.whole_s, each.stacking_s, each.waiting_s, each.method_s)
        print(f"| {each.parts} | {' | '.join(f'{value:.2f}' for value in times)} |")
    whole = [each.whole_s for each in found]
    print(f"\nmedian {statistics.median(whole):.2f} s, longest {max(whole):.2f} s; closing to the last {last_s:.2f} s")


def main() -> None:
    """Measure each size with one service."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sides", type=int, nargs="+", default=[64, 256])
    options.add_argument("--tilts", type=int, default=30)
    options.add_argument("--every", type=int, default=3)
    options.add_argument("--iterations", type=int, default=10)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name, LiveService(Path(name) / "data", workers=2) as live:
        token = first_token(live.url, live.setup_code)
        with live.client(token) as http, Client(live.url, token, progress=False) as client:
            bench = Bench(client, http, every=given.every, iterations=given.iterations)
            for side in given.sides:
                tilts = tilts_of(side, given.tilts)
                show(side, *bench.measure(tilts, parts_of(tilts, Path(name) / str(side))))


if __name__ == "__main__":
    main()
