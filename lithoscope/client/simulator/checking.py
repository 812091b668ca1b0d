"""The ledger of a simulated microscope against what the service holds: each file once, its bytes, its time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lithoscope.client.simulator.ledger import Entry


@dataclass(frozen=True, slots=True)
class Held:
    """
    A dataset as the service has it.

    Parameters
    ----------
    sha256 : str
        Of its bytes.
    name : str
        Its file name.
    written_s : float or None
        When its file was written by its corrected time [s since 1970]; None if the service does not know.
    members : mapping of str to str
        Names and SHA-256 of the files of a group.
    """

    sha256: str
    name: str
    written_s: float | None = None
    members: Mapping[str, str] | None = None

    @property
    def digests(self) -> list[str]:
        """Return the SHA-256 of the file, or of each file of a group."""
        return [self.sha256] if not self.members else list(self.members.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the ledger says: ``missing``, ``twice``, ``unexpected``, ``half`` or ``wrong-time``."""

    what: str
    path: str
    words: str


def held_by(record: Mapping[str, Any]) -> Held:
    """Take a dataset's record of the API as the check needs it."""
    said = record.get("attributes") or {}
    members = {each["path"]: each["sha256"] for each in said.get("members") or []}
    moment = said.get("corrected_at")
    return Held(
        str(record["sha256"]),
        str(record["filename"]),
        datetime.fromisoformat(moment).timestamp() if moment else None,
        members or None,
    )


def compare(entries: Iterable[Entry], held: Iterable[Held], *, tolerance_s: float = 5.0) -> list[Finding]:
    """
    Compare the truth with what arrived.

    Parameters
    ----------
    entries : iterable of Entry
        The ledger.
    held : iterable of Held
        Every dataset of the project.
    tolerance_s : float
        How far a corrected time may lie from the true one [s].

    Returns
    -------
    findings : list of Finding
        Nothing when every file arrived exactly once, whole, and at its time.
    """
    by_digest: dict[str, list[Entry]] = defaultdict(list)
    never: dict[str, Entry] = {}
    for entry in entries:
        if entry.expected == "never":
            never[entry.sha256 or entry.name] = entry
        else:
            by_digest[entry.sha256].append(entry)
    arrived = list(held)
    found = [*_counted(by_digest, Counter(digest for each in arrived for digest in each.digests))]
    for each in arrived:
        found += _judged(each, by_digest, never, tolerance_s)
    return found


def _counted(by_digest: Mapping[str, list[Entry]], counts: Mapping[str, int]) -> Iterator[Finding]:
    for digest, same in by_digest.items():
        path, times = same[0].path, counts.get(digest, 0)
        if times == 0 and any(entry.expected == "once" for entry in same):
            yield Finding("missing", path, f"did not arrive ({same[0].fault or 'no fault'})")
        if times > 1:
            yield Finding("twice", path, f"arrived {times} times ({same[0].fault or 'no fault'})")


def _judged(
    one: Held, by_digest: Mapping[str, list[Entry]], never: Mapping[str, Entry], tolerance_s: float
) -> Iterator[Finding]:
    for digest in one.digests:
        known = by_digest.get(digest)
        if known is None:
            entry = never.get(digest) or never.get(one.name)
            what = "half" if entry else "unexpected"
            yield Finding(
                what, entry.path if entry else one.name, f"arrived ({entry.fault if entry else 'not written'})"
            )
    times = [entry.true_s for digest in one.digests for entry in by_digest.get(digest, [])]
    if not times:
        return
    if one.written_s is None:
        yield Finding("wrong-time", one.name, "has no corrected time")
        return
    last = max(times) if one.members else min(times, key=lambda time: abs(time - (one.written_s or 0.0)))
    if abs(one.written_s - last) > tolerance_s:
        yield Finding("wrong-time", one.name, f"is dated {one.written_s - last:+.0f} s from the truth")
