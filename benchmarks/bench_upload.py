"""Upload through the API against a plain write + fsync + SHA-256 of the same bytes, in the same run."""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))
from datetime import timedelta

from app.infra import tokens
from app.infra.clock import now
from app.infra.db.base import Base
from app.infra.db.models import AccessKey, Instrument, Project
from app.infra.house import House
from app.infra.ids import new_id
from app.settings import Settings
from tests.app.uploads.api_process import ApiProcess

MIB = 2**20
TUS = {"Tus-Resumable": "1.0.0"}


def blocks(total: int) -> Iterator[bytes]:
    """Give random-looking bytes without spending the time of the measurement on making them."""
    block = os.urandom(MIB)
    for number in range(total // MIB):
        yield number.to_bytes(8, "big") + block[8:]


def plain_s(folder: Path, total: int) -> float:
    """Write, hash and sync the bytes in one thread."""
    began = time.perf_counter()
    digest = hashlib.sha256()
    with (folder / "plain").open("wb", buffering=0) as file:
        for block in blocks(total):
            digest.update(block)
            file.write(block)
        os.fsync(file.fileno())
    seconds = time.perf_counter() - began
    (folder / "plain").unlink()
    return seconds


class Memory:
    """The largest resident memory of a process while the block runs."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.idle = self.peak = process.memory_info().rss
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, self._process.memory_info().rss)

    def __enter__(self) -> "Memory":
        self.idle = self._process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def growth_mib(self) -> float:
        """Return the growth over idle."""
        return (self.peak - self.idle) / MIB


def sent_s(url: str, key: str, project_id: str, total: int) -> float:
    """Send the bytes by tus in one PATCH from a process of its own, and return the seconds until the 204."""
    command = [sys.executable, __file__, "--send", url, "--project", project_id, "--mib", str(total // MIB)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, "UPLOAD_KEY": key})
    return float(answer.stdout)


def send(url: str, project_id: str, total: int) -> float:
    """Send by tus; only the PATCH is timed."""
    import base64

    with httpx.Client(base_url=f"{url}/api/v1", timeout=300) as client:
        client.headers["Authorization"] = f"Bearer {os.environ['UPLOAD_KEY']}"
        said = {"filename": f"{time.time_ns()}.bin", "project_id": project_id}
        metadata = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in said.items())
        headers = {**TUS, "Upload-Length": str(total), "Upload-Metadata": metadata, "Idempotency-Key": said["filename"]}
        location = client.post("/uploads", headers=headers).raise_for_status().headers["Location"]
        began = time.perf_counter()
        headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        headers["Content-Length"] = str(total)
        client.patch(f"{url}{location}", content=blocks(total), headers=headers).raise_for_status()
        return time.perf_counter() - began


def facility(data: Path) -> tuple[str, str]:
    """Lay out a fresh facility with one project and one device; return the project and the key."""
    house = House(Settings(data=data))
    Base.metadata.create_all(house.database.engine)
    secret = tokens.new_secret()
    instrument = Instrument(id=new_id("ins"), code="bench", name="Bench", technique="stem", created_at=now())
    project = Project(
        id=new_id("prj"), code="BENCH", title="Bench", quota_bytes=2**50, created_by="system", created_at=now()
    )
    key = AccessKey(
        id=new_id("key"),
        kind="device",
        name="bench",
        secret_digest=tokens.digest(secret),
        instrument_id=instrument.id,
        scopes=["uploads:write"],
        created_at=now(),
        expires_at=now() + timedelta(days=1),
    )
    with house.database.writing() as session:
        session.add_all([instrument, project])
        session.flush()
        session.add(key)
    house.database.dispose()
    return project.id, tokens.key_text(key.id, secret)


def measured(api: ApiProcess, key: str, project: str, folder: Path, total: int, count: int) -> list[dict[str, float]]:
    """Take plain and uploaded bytes by turns, after a first small upload."""
    sent_s(api.base, key, project, 16 * MIB)
    assert api.process is not None
    rounds = []
    for _ in range(count):
        plain = plain_s(folder, total)
        with Memory(psutil.Process(api.process.pid)) as memory:
            through = sent_s(api.base, key, project, total)
        rounds.append({"plain_s": plain, "through_s": through, "ratio": plain / through, "growth": memory.growth_mib})
    return rounds


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--send")
    parser.add_argument("--project", default="")
    arguments = parser.parse_args()
    total = arguments.mib * MIB
    if arguments.send:
        print(send(arguments.send, arguments.project, total))
        return
    with tempfile.TemporaryDirectory() as folder:
        project, key = facility(Path(folder) / "data")
        with ApiProcess(Path(folder) / "data", key, log=Path(folder) / "log") as api:
            rounds = measured(api, key, project, Path(folder), total, arguments.rounds)
    print(
        json.dumps(
            {
                "MiB": arguments.mib,
                "plain_MB_per_s": round(total / 1e6 / statistics.median(r["plain_s"] for r in rounds)),
                "through_the_API_MB_per_s": round(total / 1e6 / statistics.median(r["through_s"] for r in rounds)),
                "ratios": [round(r["ratio"], 2) for r in rounds],
                "memory_growth_MiB": [round(r["growth"], 1) for r in rounds],
            }
        )
    )


if __name__ == "__main__":
    main()
