"""What the simulated microscope truly wrote and when: one JSON line a file, to hold the service's datasets against."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TextIO

from lithoscope.client.problems import ClientError

Expected = Literal["once", "either", "never"]


class BadLedger(ClientError):
    """The file is no ledger of a simulated microscope."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One file in the state in which it was left.

    Parameters
    ----------
    path : str
        Below the watched folder, with ``/``.
    sha256 : str
        Of its bytes; empty where they never became a whole file.
    size : int
        Of its bytes [bytes].
    true_s : float
        When its last byte was written, by a clock that is right [s since 1970].
    pc_s : float
        The same by the clock of the instrument's PC, as its time of change says [s since 1970].
    sample : str
        Name of its sample; empty where no rule gives one.
    kind : str
        Format or group.
    group : str
        Folder or stem of the files that belong together; empty for single files.
    fault : str
        What went wrong while it was written; empty for nothing.
    expected : {"once", "either", "never"}
        Whether the service must have it exactly once, may have it, or must not.
    number : int or None
        Which part of the group it is, where the group is a series that grows.
    tilt_deg : float or None
        Tilt of that part [deg].
    """

    path: str
    sha256: str
    size: int
    true_s: float
    pc_s: float
    sample: str
    kind: str
    group: str = ""
    fault: str = ""
    expected: Expected = "once"
    number: int | None = None
    tilt_deg: float | None = None

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.path.rpartition("/")[2]


class Ledger:
    """
    Appends entries; each is on its way to the disk before the next act.

    Parameters
    ----------
    path : Path
        The file; entries are added to one that is there.
    """

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("a", encoding="utf-8")

    def add(self, entry: Entry) -> None:
        """Write one line."""
        self._file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_ledger(path: Path) -> list[Entry]:
    """Read a ledger; `BadLedger` names the line that is none."""
    return list(_entries(path))


def _entries(path: Path) -> Iterator[Entry]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadLedger(f"the ledger {path} cannot be read ({error}): name the file that simulate left") from None
    for number, line in enumerate(lines, 1):
        try:
            yield Entry(**json.loads(line))
        except (TypeError, ValueError):
            raise BadLedger(f"{path}, line {number}: is no entry of a ledger") from None
