"""The ledger of a simulated microscope against what the service holds: each file once, its bytes, its time."""

import hashlib
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lithoscope.client.simulator.ledger import Entry

_Key = tuple[str, str]  # SHA-256 and sample


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
    sample : str
        Name of its sample; empty without one.
    written_s : float or None
        When its file was written by its corrected time [s since 1970]; None if the service does not know.
    members : mapping of str to str
        Names and SHA-256 of the files of a group.
    or_s : tuple of float
        Further moments at which it may have been written: the PC's clock was set back and gave this time twice.
    """

    sha256: str
    name: str
    sample: str = ""
    written_s: float | None = None
    members: Mapping[str, str] | None = None
    or_s: tuple[float, ...] = ()

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


def held_by(record: Mapping[str, Any], samples: Mapping[str, str], packed: bytes | None = None) -> Held:
    """
    Take a dataset's record of the API as the check needs it.

    Parameters
    ----------
    record : mapping
        The dataset.
    samples : mapping of str to str
        Names of the samples by their identifiers.
    packed : bytes, optional
        The dataset itself when it is a group of files; see `is_group`.
    """
    said = record.get("attributes") or {}
    is_corrected = said.get("clock_offset_s") is not None
    return Held(
        str(record["sha256"]),
        str(record["filename"]),
        samples.get(record.get("sample_id") or "", ""),
        datetime.fromisoformat(said["modified_at"]).timestamp() if is_corrected else None,
        _members(packed) if packed is not None else None,
        tuple(datetime.fromisoformat(each).timestamp() for each in said.get("modified_at_or", [])),
    )


def is_group(record: Mapping[str, Any]) -> bool:
    """Tell whether a dataset is a group of files that the collector packed."""
    return "files" in (record.get("attributes") or {}) and str(record["filename"]).endswith(".zip")


def _members(packed: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


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
    truth: dict[_Key, list[Entry]] = defaultdict(list)
    never: dict[str, Entry] = {}
    for entry in entries:
        if entry.expected == "never":
            never[entry.sha256 or entry.name] = entry
        else:
            truth[entry.sha256, entry.sample].append(entry)
    arrived = list(held)
    found = [*_counted(truth, Counter((digest, each.sample) for each in arrived for digest in each.digests))]
    for each in arrived:
        found += [*_judged(each, truth, never), *_timed(each, truth, tolerance_s)]
    return found


def _counted(truth: Mapping[_Key, list[Entry]], counts: Mapping[_Key, int]) -> Iterator[Finding]:
    for key, same in truth.items():
        path, times = same[0].path, counts.get(key, 0)
        if times == 0 and any(entry.expected == "once" for entry in same):
            yield Finding("missing", path, f"did not arrive ({same[0].fault or 'no fault'})")
        if times > 1:
            yield Finding("twice", path, f"arrived {times} times ({same[0].fault or 'no fault'})")


def _judged(one: Held, truth: Mapping[_Key, list[Entry]], never: Mapping[str, Entry]) -> Iterator[Finding]:
    """Name what should not be there."""
    for digest in one.digests:
        if (digest, one.sample) in truth:
            continue
        entry = never.get(digest) or never.get(one.name)
        if entry is None:
            yield Finding("unexpected", one.name, f"arrived for {one.sample or 'no sample'} and is not in the ledger")
        else:
            yield Finding("half", entry.path, f"arrived, which {entry.fault} must not")


def _timed(one: Held, truth: Mapping[_Key, list[Entry]], tolerance_s: float) -> Iterator[Finding]:
    """Hold its time against the truth: of copies any, of a group the last; of possible moments one must be right."""
    times = [entry.true_s for digest in one.digests for entry in truth.get((digest, one.sample), [])]
    if not times:
        return
    if one.written_s is None:
        yield Finding("wrong-time", one.name, "has no corrected time")
        return
    written_s = one.written_s
    true_s = max(times) if one.members else min(times, key=lambda time: abs(time - written_s))
    if all(abs(each - true_s) > tolerance_s for each in (written_s, *one.or_s)):
        yield Finding("wrong-time", one.name, f"is dated {written_s - true_s:+.0f} s from the truth")
