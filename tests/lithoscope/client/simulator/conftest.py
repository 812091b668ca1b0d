"""A rehearsal in compressed time: the hour of the test jumps from act to act."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lithoscope.client.simulator import Entry, Ledger, Microscope, Scenario, read_ledger

BEGIN_S = 1_800_000_000.0


@dataclass
class Rehearsal:
    """A microscope whose time is moved by hand."""

    folder: Path
    now_s: float = BEGIN_S

    def run(
        self, scenario: Scenario, each: Callable[[Microscope], None] = lambda _: None, **given: object
    ) -> list[str]:
        """Play a scenario to its end, with a look after each moment; return what was told."""
        ledger = Ledger(self.folder / "ledger.jsonl")
        microscope = Microscope(self.share, ledger, scenario, now_s=lambda: self.now_s, **given)  # type: ignore[arg-type]
        told: list[str] = []
        while (next_s := microscope.next_s) is not None:
            self.now_s = max(self.now_s, next_s)
            told += microscope.advance()
            each(microscope)
        ledger.close()
        return told

    @property
    def share(self) -> Path:
        return self.folder / "share"

    @property
    def entries(self) -> list[Entry]:
        return read_ledger(self.folder / "ledger.jsonl")


@pytest.fixture
def rehearsal(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path)
