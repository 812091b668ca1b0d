"""The ledger's growing series against those of the service: each tilt the part of its number, once, at its angle."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lithoscope.client.simulator.checking import Finding
from lithoscope.client.simulator.ledger import Entry

SAME_DEG = 0.01


@dataclass(frozen=True, slots=True)
class HeldPart:
    """SHA-256 and tilt [deg] of a part as the service has it; None where it knows no tilt."""

    sha256: str
    tilt_deg: float | None


@dataclass(frozen=True, slots=True)
class HeldSeries:
    """
    A series as the service has it.

    Parameters
    ----------
    name : str
        As the collector called it: its folder.
    state : str
        Open, closing, sealed or failed.
    parts : mapping of int to HeldPart
        Its parts by number.
    """

    name: str
    state: str
    parts: Mapping[int, HeldPart]


def compare_series(entries: Iterable[Entry], held: Iterable[HeldSeries]) -> list[Finding]:
    """
    Compare the series that were written with those that arrived.

    Returns
    -------
    findings : list of Finding
        Nothing when each is there once, closed, with every tilt once.
    """
    truth: dict[str, dict[int, Entry]] = defaultdict(dict)
    for entry in entries:
        if entry.number is not None:
            truth[entry.group][entry.number] = entry
    arrived = defaultdict(list)
    for each in held:
        arrived[each.name].append(each)
    found = []
    for group, tilts in truth.items():
        same = arrived.get(group, [])
        if len(same) != 1:
            found.append(Finding("series", group, f"is {len(same)} series of the service"))
        for each in same:
            found += _judged(each, tilts)
    return found


def _judged(one: HeldSeries, tilts: Mapping[int, Entry]) -> Iterator[Finding]:
    if one.state not in {"closing", "sealed"}:
        yield Finding("series", one.name, f"is {one.state}")
    for number in sorted(tilts.keys() | one.parts.keys()):
        entry, part = tilts.get(number), one.parts.get(number)
        if entry is None:
            yield Finding("part", one.name, f"has a part {number} nobody wrote")
        elif part is None:
            yield Finding("part", entry.path, f"is no part of its series ({entry.fault or 'no fault'})")
        elif part.sha256 != entry.sha256:
            yield Finding("part", entry.path, "is another dataset in its series")
        elif part.tilt_deg is None or abs(part.tilt_deg - (entry.tilt_deg or 0.0)) > SAME_DEG:
            yield Finding("part", entry.path, f"lies at {part.tilt_deg} deg instead of {entry.tilt_deg}")
