"""
Files of one folder on the facility's storage that are one dataset together, read as the archive that would be sent.

They stay as they are: the archive (`lithoscope.stored_zip`) is put together while it is read, so that a group has one
digest, the same as if it had been sent, and is served, exported and recognised as one file.
"""

import fnmatch
import hashlib
import io
import os
import re
import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, BinaryIO, NoReturn

from app.infra.storage.digests import BLOCK
from app.infra.storage.places import FileAway, Placed, Root, Stamp, Unplaceable, open_in, stamp_of
from lithoscope.stored_zip import Entry, StoredZip, end_of, head_of, size_of

#: Each of them is open while they are read together.
MOST_FILES = 4000
LITTER = frozenset({"thumbs.db", "desktop.ini"})


class MemberUnplaceable(Unplaceable):
    """
    Why a file cannot be registered in a group.

    Parameters
    ----------
    name : str
        Of the file.
    why : str
        A sentence about it.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why[:1].lower()}{why[1:]}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Member:
    """
    One file of a group, as it stood when it was looked at.

    Parameters
    ----------
    name : str
        In the folder.
    size_bytes, mtime_ns : int
        Its stamp.
    sha256 : str
        Of its bytes; empty until it was hashed.
    crc32 : int
        Check sum of its bytes.
    """

    name: str
    size_bytes: int
    mtime_ns: int
    sha256: str = ""
    crc32: int = 0

    @property
    def stamp(self) -> Stamp:
        """Its size and time."""
        return Stamp(self.size_bytes, self.mtime_ns)

    @property
    def entry(self) -> Entry:
        """It as a file of the archive."""
        return Entry(self.name, self.size_bytes, self.crc32)

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        return asdict(self)


def stamp_together(members: Sequence[Member]) -> Stamp:
    """Return the length of the archive of a group, and the newest time."""
    length = size_of([(member.name, member.size_bytes) for member in members])
    return Stamp(length, max(member.mtime_ns for member in members))


def is_folder(root: Root, place: str) -> bool:
    """Say whether a place below a root is a folder."""
    try:
        with root.folder(place):
            return True
    except Unplaceable:
        return False


def names_in(root: Root, place: str, pattern: str = "*") -> list[str]:
    """
    List the files of a folder but hidden ones, the system's own, and folders in it.

    Parameters
    ----------
    root, place
        The folder.
    pattern : str
        What they are called: ``*`` stands for any characters, ``?`` for one; a file called so itself is that one.

    Raises
    ------
    Unplaceable
        There are none, or more than a group may have.
    """
    wanted = re.compile(fnmatch.translate(pattern.replace("[", "[[]")))  # never tries twice, however many ``*``
    names: list[str] = []
    with root.folder(place) as folder, _listed(folder) as found:
        for each in found:
            if each.name.startswith(".") or each.name.lower() in LITTER or each.is_dir(follow_symlinks=False):
                continue
            if each.name == pattern:
                return [each.name]
            if wanted.fullmatch(each.name) and len(names) <= MOST_FILES:
                names.append(each.name)
    if len(names) > MOST_FILES:
        raise Unplaceable(
            f"It holds more than {MOST_FILES} such files, the most that are one dataset: name those that belong "
            "together, or send them."
        )
    if not names:
        raise Unplaceable("The folder holds no such file.")
    return sorted(names)


@contextmanager
def _listed(folder: int) -> "Iterator[Iterator[os.DirEntry[str]]]":
    try:
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        raise Unplaceable("The service may not list it: give its account the right to.") from None
    try:
        with os.scandir(readable) as found:
            yield found
    finally:
        os.close(readable)


def look_at(root: Root, place: str, names: Sequence[str]) -> list[Member]:
    """
    Look at files of a folder without reading them.

    Raises
    ------
    Unplaceable
        The folder is not there.
    MemberUnplaceable
        One of them is no plain file there, may not be read, or has no bytes.
    """
    found = []
    with root.folder(place) as folder:
        for name in names:
            with _member(folder, name) as file:
                stamp = stamp_of(file)
            if stamp.size_bytes == 0:
                raise MemberUnplaceable(name, "It has no bytes: register it when it is written.")
            found.append(Member(name, stamp.size_bytes, stamp.mtime_ns))
    return found


@contextmanager
def _member(folder: int, name: str) -> Iterator[BinaryIO]:
    try:
        file = open_in(folder, name)
    except Unplaceable as error:
        raise MemberUnplaceable(name, str(error)) from None
    with file:
        yield file


def hash_together(
    root: Root, place: str, names: Sequence[str], *, tell: Callable[[int], None] = lambda _: None
) -> tuple[str, list[Member]]:
    """
    Read every file of a group, for its own digest and for that of all as one archive.

    A file is read twice, for its check sum stands before its bytes; the second time it mostly is still in memory.

    Parameters
    ----------
    root, place, names
        The folder and its files.
    tell : callable
        Told after every MiB how far it is [bytes of the files].

    Returns
    -------
    sha256 : str
        Of the archive.
    members : list of Member
        With their digests.

    Raises
    ------
    FileAway
        Some changed while they were read.
    Unplaceable, MemberUnplaceable
        As `look_at`.
    """
    whole, members = hashlib.sha256(), list[Member]()
    done = 0
    for name in names:
        with root.folder(place) as folder, _member(folder, name) as file:
            member = _hashed(file, name, partial(_half, tell, done))
            whole.update(head_of(member.entry))
            file.seek(0)
            while block := file.read(BLOCK):
                whole.update(block)
                tell(done + (member.size_bytes + file.tell()) // 2)
            if stamp_of(file) != member.stamp or file.tell() != member.size_bytes:
                raise FileAway("changed", [name])
        done += member.size_bytes
        members.append(member)
    whole.update(end_of([member.entry for member in members]))
    return whole.hexdigest(), members


def _half(tell: Callable[[int], None], done: int, length: int) -> None:
    tell(done + length // 2)


def _hashed(file: BinaryIO, name: str, tell: Callable[[int], None]) -> Member:
    stamp, digest, check = stamp_of(file), hashlib.sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        check = zlib.crc32(block, check)
        tell(file.tell())
    return Member(name, stamp.size_bytes, stamp.mtime_ns, digest.hexdigest(), check)


class PlacedGroup(Placed):
    """
    The registered files of a folder as a store of one key, their archive, which looks at them before every use.

    Parameters
    ----------
    root : Root
        Where they lie.
    place : str
        Path of their folder below the root, which is also the key.
    members : sequence of Member
        The files as they were hashed, in the order of the archive.
    """

    def __init__(self, root: Root, place: str, members: Sequence[Member]) -> None:
        super().__init__(root, place, stamp_together(members))
        self.members = tuple(members)

    def state(self) -> Hashable:
        """Say how the files stand on the disk now, for knowing them again."""
        folder = self.path(self.place)
        found = [(folder / member.name).stat() for member in self.members]
        return str(folder), tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in found)

    def check(self) -> None:
        """Raise `FileAway`, naming the files, unless all stand as they were hashed."""
        away: dict[str, list[str]] = {"missing": [], "changed": []}
        try:
            with self.root.folder(self.place) as folder:
                for member in self.members:
                    if problem := _problem_of(folder, member):
                        away[problem].append(member.name)
        except Unplaceable:
            raise FileAway("missing", [member.name for member in self.members]) from None
        for problem, names in away.items():
            if names:
                raise FileAway(problem, names)

    def open(self, key: str) -> BinaryIO:  # noqa: ARG002 - the one key it has
        """Open the archive; `FileAway` unless all files stand as they were hashed, and when one changes meanwhile."""
        self.check()
        entries = [member.entry for member in self.members]
        archive: Any = io.BufferedReader(StoredZip(entries, self._piece), BLOCK)
        opened: BinaryIO = archive
        return opened

    def _piece(self, number: int, within: int, length: int) -> bytes:
        member = self.members[number]
        try:
            with self.root.folder(self.place) as folder, open_in(folder, member.name) as file:
                file.seek(within)
                found = file.read(length)
                is_same = stamp_of(file) == member.stamp and len(found) == length
        except Unplaceable:
            raise FileAway("missing", [member.name]) from None
        if not is_same:
            raise FileAway("changed", [member.name])
        return found

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of the archive."""
        with self.open(key) as archive:
            archive.seek(start)
            return archive.read(-1 if length is None else length)

    def local(self, key: str) -> NoReturn:
        """Refuse: several files are no one path, and are lent one by one."""
        raise io.UnsupportedOperation(key)


def _problem_of(folder: int, member: Member) -> str | None:
    try:
        with open_in(folder, member.name) as file:
            return None if stamp_of(file) == member.stamp else "changed"
    except Unplaceable:
        return "missing"
