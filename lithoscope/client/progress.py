"""Bars that tell the truth and can be switched off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Advance(Protocol):
    """Moves a bar."""

    def __call__(self, done: float, total: float | None = None, note: str = "") -> None:
        """Say how much is done of how much."""


def _silent(done: float, total: float | None = None, note: str = "") -> None:
    """Show nothing."""


@contextmanager
def bar(title: str, *, shown: bool, unit: str = "") -> Iterator[Advance]:
    """
    Show a bar while the block runs.

    Parameters
    ----------
    title : str
        What is going on.
    shown : bool
        False shows nothing at all.
    unit : {"", "bytes"}
        Bytes are shown with their rate.
    """
    if not shown:
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

    amount = (
        (DownloadColumn(), TransferSpeedColumn()) if unit == "bytes" else (TextColumn("{task.percentage:>3.0f} %"),)
    )
    columns = ("[progress.description]{task.description}", BarColumn(), *amount, TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None, note="")

        def advance(done: float, total: float | None = None, note: str = "") -> None:
            progress.update(task, completed=done, total=total, note=note)

        yield advance
