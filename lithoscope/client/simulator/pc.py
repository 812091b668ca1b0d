"""The instrument's PC: it writes files, its clock is wrong, and its share comes and goes."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from lithoscope.client.simulator.ledger import Entry, Expected, Ledger
from lithoscope.client.simulator.products import Product

_locking: ModuleType
try:
    import fcntl as _locking

    def _lock(handle: BinaryIO) -> None:
        _locking.flock(handle, _locking.LOCK_EX | _locking.LOCK_NB)

except ModuleNotFoundError:  # Windows
    import msvcrt as _locking

    def _lock(handle: BinaryIO) -> None:
        _locking.locking(handle.fileno(), _locking.LK_NBLCK, 1)


class InstrumentPC:
    """
    Writes below one folder and notes the truth in a ledger.

    Parameters
    ----------
    folder : Path
        The watched folder; while the share is gone it stands beside itself under another name.
    ledger : Ledger
        Where the truth is kept.
    now_s : callable
        The true time [s since 1970].

    Attributes
    ----------
    is_away : bool
        Whether the share is gone.
    """

    def __init__(self, folder: Path, ledger: Ledger, now_s: Callable[[], float]) -> None:
        self.folder = folder
        self._error_s = 0.0
        self.is_away = False
        self._ledger = ledger
        self._told: list[str] = []
        self._now_s = now_s
        self._written_s: dict[str, float] = {}
        self._hidden = folder.with_name(f"{folder.name} (gone)")
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def wall_s(self) -> float:
        """Return what the PC believes the time is [s since 1970]."""
        return self._now_s() + self._error_s

    @property
    def error_s(self) -> float:
        """Return how far the PC's clock is ahead of the truth [s]."""
        return self._error_s

    def set_clock(self, error_s: float) -> None:
        """Let the PC's clock jump."""
        self._error_s = error_s
        self._tell(f"set the clock {error_s:+.0f} s from the truth")

    def told(self) -> list[str]:
        """Return what was done since the last question, a line each."""
        told, self._told = self._told, []
        return told

    def _tell(self, line: str) -> None:
        self._told.append(line)

    def write(self, path: str, content: bytes, *, keep: bool = False) -> None:
        """Write a file; with ``keep`` behind what it holds."""
        place = self._made(path)
        with place.open("ab" if keep else "wb") as file:
            file.write(content)
        self._written_s[path] = self._now_s()
        self._stamp(place)
        self._tell(f"{'added' if keep else 'wrote'} {len(content)} bytes {'to' if keep else 'as'} {path}")

    def rename(self, path: str, to: str) -> None:
        """Rename a file; its time of change stays."""
        self._place(path).rename(self._made(to))
        self._written_s[to] = self._written_s.pop(path)
        self._tell(f"renamed {path} to {to}")
        self._stamp_folders(self._place(to))

    def copy(self, path: str, to: str) -> None:
        """Copy a file with its time of change, as file managers do."""
        shutil.copy2(self._place(path), self._made(to))
        self._written_s[to] = self._written_s[path]
        self._tell(f"copied {path} to {to}")
        self._stamp_folders(self._place(to))

    def lock(self, path: str) -> BinaryIO:
        """Lock a file until the handle is closed."""
        handle = self._place(path).open("r+b")
        _lock(handle)
        self._tell(f"locked {path}")
        return handle

    def drop_share(self) -> None:
        """Let the watched folder disappear."""
        self.folder.rename(self._hidden)
        self.is_away = True
        self._tell("the share is gone")

    def restore_share(self) -> None:
        """Bring it back."""
        self._hidden.rename(self.folder)
        self.is_away = False
        self._tell("the share is back")

    def note(self, product: Product, *, fault: str = "", expected: Expected = "once") -> None:
        """Enter the files of a product into the ledger as they are now."""
        for path, content in product.files.items():
            self._ledger.add(
                Entry(
                    path=path,
                    sha256=hashlib.sha256(content).hexdigest() if expected != "never" or fault == "rewritten" else "",
                    size=len(content),
                    true_s=self._written_s[path],
                    pc_s=self._place(path).stat().st_mtime,
                    sample=product.sample,
                    kind=product.kind,
                    group=product.group,
                    fault=fault,
                    expected=expected,
                    number=product.number,
                    tilt_deg=product.tilt_deg,
                )
            )

    def _place(self, path: str) -> Path:
        return self.folder.joinpath(*path.split("/"))

    def _made(self, path: str) -> Path:
        place = self._place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _stamp(self, place: Path) -> None:
        os.utime(place, (self.wall_s, self.wall_s))
        self._stamp_folders(place)

    def _stamp_folders(self, place: Path) -> None:
        for folder in place.parents:
            os.utime(folder, (self.wall_s, self.wall_s))
            if folder == self.folder:
                break
