"""What a simulated microscope is to do: how long, how much, and which faults how often."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from lithoscope.client.problems import ClientError

#: Faults of single files and of the PC, each with what it does.
FAULTS: dict[str, str] = {
    "slow": "is written in bursts with pauses longer than the quiet time",
    "temporary_name": "is written under a temporary name and renamed at its end",
    "renamed": "is renamed after it was finished",
    "locked": "stays locked after its last byte",
    "rewritten": "is finished, emptied and written anew",
    "changed_later": "is replaced by another acquisition of the same name",
    "copied": "is copied beside itself",
    "second_sample": "lies in the folders of two samples",
    "long_name": "has a path of more than 300 characters",
    "unmatched": "lies where no rule looks",
    "empty": "stays without a byte",
    "unsettled": "grows as long as the microscope runs",
    "restart": "is left half when the PC restarts",
    "clock_jump": "the PC's clock jumps by minutes",
    "share_gone": "the share disappears and comes back",
}
OF_THE_PC = frozenset({"clock_jump", "share_gone"})


class BadScenario(ClientError):
    """The scenario asks for what cannot be done; the message names the field."""

    exit_code = 2


@dataclass(frozen=True)
class Scenario:
    """
    A stretch of a microscope's life.

    Parameters
    ----------
    files : int
        Acquisitions, those with faults included; a group of files is one.
    span_s : float
        How long it works.
    sessions : int
        Into how many stretches of work the acquisitions fall, with rest between them.
    faults : mapping of str to int
        How often each fault of `FAULTS` happens.
    groups : int
        Acquisitions that are folders of tilts or of slices, or a stack with its text.
    live : int
        Acquisitions that are tilt series written tilt by tilt, with faults, to be processed while they grow.
    samples : tuple of str
        Names of samples, each a folder.
    quiet_s : float
        The collector's quiet time, which pauses are measured by.
    largest_side_px : int
        Longest side of a frame.
    seed : int
        Everything that is drawn follows from it.
    """

    files: int = 60
    span_s: float = 600.0
    sessions: int = 1
    faults: Mapping[str, int] = field(default_factory=dict)
    groups: int = 0
    live: int = 0
    samples: tuple[str, ...] = ("sample-1", "sample-2")
    quiet_s: float = 60.0
    largest_side_px: int = 48
    seed: int = 1

    def __post_init__(self) -> None:
        unknown = sorted(set(self.faults) - set(FAULTS))
        if unknown:
            raise BadScenario(f"faults: {unknown[0]} is none of {', '.join(FAULTS)}")
        of_files = sum(count for name, count in self.faults.items() if name not in OF_THE_PC)
        together = self.groups + self.live
        if of_files + together > self.files:
            raise BadScenario(f"files: {self.files} are too few for {of_files} faulty ones and {together} groups")
        if min(self.files, self.span_s, self.sessions, self.quiet_s, *self.faults.values(), 1) < 0 or not self.samples:
            raise BadScenario("files, span_s, sessions, quiet_s and faults are not below zero; there is a sample")
        if "second_sample" in self.faults and self.faults["second_sample"] and len(self.samples) < 2:
            raise BadScenario("samples: second_sample needs two of them")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a TOML file with the fields of a scenario."""
        try:
            document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadScenario(f"the scenario {path} cannot be read: {error}") from None
        unknown = sorted(set(document) - {each.name for each in fields(cls)})
        if unknown:
            raise BadScenario(f"{path}: a scenario has no {unknown[0]}")
        if "samples" in document:
            document["samples"] = tuple(document["samples"])
        try:
            return cls(**document)
        except TypeError as error:
            raise BadScenario(f"{path}: a field has the wrong type ({error})") from None

    @staticmethod
    def counts(text: str) -> dict[str, int]:
        """Read ``3`` (each fault three times), ``none``, or ``locked=2,empty=1``."""
        if text == "none":
            return {}
        if text.isdecimal():
            return dict.fromkeys(FAULTS, int(text))
        found: dict[str, int] = {}
        for part in text.split(","):
            name, equals, count = part.strip().partition("=")
            if name not in FAULTS or (equals and not count.isdecimal()):
                raise BadScenario(f"faults: {name} is none of {', '.join(FAULTS)}, as in locked=2,empty=1")
            found[name] = int(count or 1)
        return found
