"""The dry run: what every file would become, without sending or keeping anything."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lithoscope.client.collector.clock import SYSTEM
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link, NotNow
from lithoscope.client.collector.paths import long_path
from lithoscope.client.collector.placing import Placed, Placer
from lithoscope.client.collector.projects import Unowned
from lithoscope.client.collector.samples import Samples
from lithoscope.client.collector.settings import Settings
from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError
from lithoscope.simultaneous import MANIFEST


def plan(settings: Settings) -> Iterator[dict[str, Any]]:
    """
    Say of each file what it would become.

    Yields
    ------
    line : dict
        ``file``, ``outcome`` (send, held, unmatched, ignored), ``dataset`` (the key of its group), ``sample``,
        ``project``, ``kind``, ``why``.
    """
    placer = Placer(settings)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal")
        samples, connection = _samples(settings, journal)
        try:
            for watched in settings.folders:
                for path, is_series in _files(watched.path):
                    line = _line(path, placer.place(path, is_series=is_series), samples)
                    samples = samples if line.pop("is_answered") else None  # a service that is away is asked once
                    yield line
        finally:
            if connection is not None:
                connection.close()
            journal.close()


def _samples(settings: Settings, journal: Journal) -> tuple[Samples | None, Connection | None]:
    try:
        connection = Connection(settings.address, settings.find_key(), timeout_s=10.0)
    except ClientError:
        return None, None
    return Samples(Link(connection, journal, SYSTEM), journal, SYSTEM, project=settings.project), connection


def _files(root: Path) -> Iterator[tuple[str, bool]]:
    for folder, folders, names in os.walk(long_path(root)):
        folders.sort()
        below = Path(folder).relative_to(long_path(root)).as_posix()
        is_series = MANIFEST in names
        for name in sorted(names):
            if not Path(folder, name).is_symlink():
                yield (name if below == "." else f"{below}/{name}"), is_series


def _line(path: str, placed: Placed, samples: Samples | None) -> dict[str, Any]:
    line: dict[str, Any] = {"file": path, "dataset": placed.key, "sample": placed.sample, "project": placed.project}
    line |= {"kind": placed.kind, "why": placed.reason, "is_answered": True}
    if placed.state != "growing":
        return line | {"outcome": placed.state, "dataset": None}
    if samples is None:
        return line | {"outcome": "send", "why": f"{placed.reason}; the service was not asked", "is_answered": False}
    try:
        owner = samples.owner(placed.sample, placed.project)
    except Unowned as error:
        return line | {"outcome": "held", "why": f"{placed.reason}; {error}"}
    except (NotNow, ClientError):
        return line | {"outcome": "send", "why": f"{placed.reason}; the service does not answer", "is_answered": False}
    return line | {"outcome": "send", "project": owner.project_id}
