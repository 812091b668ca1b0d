"""What is to be registered is found on the storage; outside of any transaction, since a storage may be slow."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.errors import Invalid
from app.infra.storage.groups import (
    MOST_FILES,
    Member,
    MemberUnplaceable,
    is_folder,
    look_at,
    names_in,
    stamp_together,
)
from app.infra.storage.places import FileAway, Root, Stamp, Unplaceable, stamp_of
from app.lab.registrations.schemas import NewRegistration
from app.lab.uploads.refusals import EmptyFile
from lithoscope.stored_zip import unfit

_LONGEST_TITLE_BYTES = 240
#: The folder is listed for each of them.
_MOST_PATTERNS = 100


@dataclass(frozen=True, slots=True)
class Found:
    """
    What was found: its path with links resolved, and how it stands.

    Parameters
    ----------
    path : str
        Of the file, or of the folder of several.
    stamp : Stamp
        Size and time; of several files those of the archive they are read as.
    title : str
        What the dataset is called.
    members : sequence of Member
        The files of a group, by name; none for a single file.
    """

    path: str
    stamp: Stamp
    title: str
    members: Sequence[Member] = ()

    @property
    def names(self) -> list[str] | None:
        """The names of the files of a group; None for a single file."""
        return [member.name for member in self.members] or None


def find(root: Root, new: NewRegistration) -> Found:
    """
    Look at a file, or at the files of a group, on the storage.

    Raises
    ------
    Invalid
        ``/body/path``: it leads out of the root, to nothing, or to what is neither a plain file nor a folder of such.
        ``/body/members``: one of them is no plain file there, or cannot be in one dataset with the others.
    EmptyFile
        It has no bytes.
    """
    try:
        place = root.resolved(new.path)
        if is_folder(root, place):
            names = names_in(root, place) if new.members is None else _named(root, place, new.members)
            return _group(root, place, names, title=place, given=new.members)
        if new.members is None:
            return _file(root, root.find(new.path))
        root.open(place).close()
        main = PurePosixPath(place)
        beside = _named(root, main.parent.as_posix(), new.members)
        names = beside if main.name in beside else [main.name, *beside]
        return _group(root, main.parent.as_posix(), names, title=place, given=new.members)
    except Unplaceable as error:
        raise Invalid.field("/body/path", str(error)) from None
    except FileAway:
        raise Invalid.field("/body/path", "There is no such file below the root.") from None


def _named(root: Root, place: str, members: Sequence[str]) -> list[str]:
    """Return the files of a folder by their names, or by what they are called."""
    names: list[str] = []
    patterns = 0
    for index, name in enumerate(members):
        is_pattern = not {"*", "?"}.isdisjoint(name)
        patterns += is_pattern
        if patterns > _MOST_PATTERNS or len(names) > MOST_FILES:
            words = f"at most {_MOST_PATTERNS} names with * or ? are given, and {MOST_FILES} files found by them"
            raise Invalid.field(f"/body/members/{index}", f"{name}: {words}. Give fewer.")
        try:
            names += names_in(root, place, name) if is_pattern else [name]
        except Unplaceable as error:
            raise Invalid.field(f"/body/members/{index}", f"{name}: {error}") from None
    return names


def _file(root: Root, path: str) -> Found:
    with root.open(path) as file:
        stamp = stamp_of(file)
    if stamp.size_bytes == 0:
        raise EmptyFile
    return Found(path, stamp, PurePosixPath(path).name)


def _group(root: Root, place: str, names: Sequence[str], *, title: str, given: Sequence[str] | None) -> Found:
    """Find files of one folder; a refusal is of the member that was named, or of the folder whose files are listed."""
    ordered = sorted(names)
    if len(ordered) > MOST_FILES:
        raise Unplaceable(f"A group has at most {MOST_FILES} files: name those that belong together, or send them.")
    try:
        _check_names(ordered)
        members = look_at(root, place, ordered)
    except MemberUnplaceable as error:
        pointer = f"/body/members/{given.index(error.name)}" if given and error.name in given else "/body/path"
        raise Invalid.field(pointer, str(error)) from None
    name = (PurePosixPath(title).name or root.path.name).encode()[:_LONGEST_TITLE_BYTES].decode(errors="ignore")
    return Found(place, stamp_together(members), f"{name}.zip", members)


def _check_names(names: Sequence[str]) -> None:
    """Refuse names that no archive of the files could hold: a group is downloaded and handed on as one."""
    known: dict[str, str] = {}
    for name in names:
        if any("\ud800" <= mark <= "\udfff" for mark in name):
            raise MemberUnplaceable(ascii(name), "Its name is no UTF-8: rename it.")
        if "/" in name or (why := unfit(name)) is not None:
            what = "it lies in another folder" if "/" in name else why
            raise MemberUnplaceable(name, f"{what}: name files of one folder, or rename it.")
        plain = unicodedata.normalize("NFC", name).casefold()
        if plain in known:
            twin = known[plain]
            what = "It is named twice" if twin == name else f"It differs from {twin} in the case of letters only"
            raise MemberUnplaceable(name, f"{what}: leave one out.")
        known[plain] = name
