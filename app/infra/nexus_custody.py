"""Custody as NeXus, written by a process of its own: TARGET on the command line, records on standard input."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.infra.exports import ExportFailed, admitted

_LIMIT_S = 120


def nexus_custody(records: Mapping[str, Any], folder: Path) -> bytes:
    """
    Return the NeXus file of what is on record; HDF5 stays out of this process.

    Parameters
    ----------
    records : mapping
        What is told of.
    folder : Path
        Where the file lies while it is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with admitted(), tempfile.TemporaryDirectory(dir=folder, prefix="making-") as room:
        target = Path(room) / "custody.nxs"
        try:
            done = subprocess.run(  # noqa: S603 - our own module, a path made by us
                [sys.executable, "-m", "app.infra.nexus_custody", str(target)],
                input=json.dumps(records).encode(),
                capture_output=True,
                timeout=_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ExportFailed(f"it takes longer than {_LIMIT_S} s") from error
        if done.returncode != 0:
            raise ExportFailed(done.stderr.decode(errors="replace")[-2000:])
        return target.read_bytes()


def main() -> None:
    """Write the file the command line names."""
    from lithoscope.writers.nexus_custody import write_custody_nexus

    write_custody_nexus(json.load(sys.stdin), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
