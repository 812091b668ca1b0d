"""A zip of somebody else's making, opened with distrust: nothing is read before its list of members was judged."""

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.errors import LabError
from app.infra.storage.digests import BLOCK
from app.lab.doors import strict_json
from app.lab.exchange.directory import check_directory
from app.lab.exchange.refusals import BadCrate
from lithoscope.writers.rocrate import METADATA

MIB = 1024 * 1024
MOST_MEMBERS = 200_000
MOST_JSON_BYTES = 64 * MIB
MOST_JSON_VALUES = 8_000_000
MOST_EXPANSION, EXPANSION_FREE_BYTES = 20, 64 * MIB
_KNOWN_PACKING = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1


class Archive:
    """
    The members of a crate by their paths within it, whether or not all lies in one root folder (`.eln`).

    Parameters
    ----------
    zipped : ZipFile
        Open for reading.
    size_bytes : int
        Of the zip: what it may expand to follows from that.
    """

    def __init__(self, zipped: zipfile.ZipFile, size_bytes: int) -> None:
        self._zipped = zipped
        self.size_bytes = size_bytes
        members = [member for member in zipped.infolist() if not member.is_dir()]
        _check_amount(members, size_bytes)
        seen = {_checked_name(member): member for member in members}
        if len(seen) != len(members):
            raise BadCrate.at("archive", "Two members have the same name: pack the crate again.")
        root = _root_of(seen)
        outside = [name for name in seen if not name.startswith(root)]
        if outside:
            raise BadCrate.at(outside[0], "It lies outside the crate's root folder: pack the crate again.")
        self._members = {name.removeprefix(root): member for name, member in seen.items()}

    @property
    def names(self) -> list[str]:
        """Return the paths of all members, in their order."""
        return list(self._members)

    def size(self, name: str) -> int | None:
        """Return the bytes a member says it has; None when there is no such member."""
        member = self._members.get(name)
        return None if member is None else member.file_size

    def json(self, name: str) -> Any:
        """Read a member as strict JSON of bounded size and depth."""
        return parsed(self.content(name), name)

    def content(self, name: str) -> bytes:
        """Read a small member whole."""
        if (self.size(name) or 0) > MOST_JSON_BYTES:
            raise BadCrate.at(name, f"It has more than {MOST_JSON_BYTES // MIB} MiB: export parts of it one by one.")
        return b"".join(self._pieces(name))

    def copy(self, name: str, target: Path, sha256: str) -> None:
        """Unpack a member into a new file; other bytes than those of its digest refuse the crate."""
        digest = hashlib.sha256()
        with target.open("xb") as file:
            for piece in self._pieces(name):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != sha256:
            raise BadCrate.at(name, "Its bytes are not those of its SHA-256: fetch or export the crate again.")

    def digest(self, name: str) -> str:
        """Hash a member."""
        digest = hashlib.sha256()
        for piece in self._pieces(name):
            digest.update(piece)
        return digest.hexdigest()

    def _pieces(self, name: str) -> Iterator[bytes]:
        member = self._members.get(name)
        if member is None:
            raise BadCrate.at(name, "The crate names this file and does not hold it: fetch or export it again.")
        try:
            with self._zipped.open(member) as source:
                while piece := source.read(BLOCK):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise BadCrate.at(name, "It cannot be unpacked: fetch the crate again.") from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a crate; what is no zip, or a zip nobody should unpack, is refused."""
    check_directory(path, MOST_MEMBERS)
    try:
        zipped = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadCrate.at("archive", "The file is not a zip: send the crate as zip or .eln.") from error
    with zipped:
        yield Archive(zipped, path.stat().st_size)


def parsed(content: bytes, name: str) -> Any:
    """Parse a JSON document of a crate; nesting without end, doubled names and NaN are refused."""
    if sum(map(content.count, (b",", b"[", b"{"))) > MOST_JSON_VALUES:  # each takes far more memory than its letters
        raise BadCrate.at(name, f"It holds more than {MOST_JSON_VALUES} values: export parts of it one by one.")
    try:
        return strict_json.parse(content)
    except LabError as error:
        raise BadCrate.at(name, f"{error.detail} Export the crate again.") from None


def _check_amount(members: list[zipfile.ZipInfo], size_bytes: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise BadCrate.at("archive", f"It has more than {MOST_MEMBERS} members: export parts of it one by one.")
    total = sum(member.file_size for member in members)
    if total > MOST_EXPANSION * size_bytes + EXPANSION_FREE_BYTES:
        raise BadCrate.at("archive", "It would grow far beyond its size: pack it with less compression.")


def _checked_name(member: zipfile.ZipInfo) -> str:
    """Pass a member whose name leads nowhere else, and that is a plain file."""
    name = member.filename
    parts = name.split("/")
    is_plain = "\\" not in name and ":" not in parts[0] and not any(ord(mark) < 32 for mark in name)
    if not is_plain or {"", ".", ".."} & set(parts) or len(name) > 1000:
        raise BadCrate.at(name, "Its name leads out of the crate: pack the crate again with relative names.")
    mode = member.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise BadCrate.at(name, "It is a link or device, not a file: pack the crate again with plain files.")
    if member.flag_bits & _ENCRYPTED:
        raise BadCrate.at(name, "It is encrypted: pack the crate again without a password.")
    if member.compress_type not in _KNOWN_PACKING:
        raise BadCrate.at(name, "It is packed in a way that is not read here: pack the crate with deflate or none.")
    return name


def _root_of(names: dict[str, zipfile.ZipInfo]) -> str:
    """Return the folder everything lies in, with its slash; empty when the metadata lies at the top."""
    if METADATA in names:
        return ""
    found = [name for name in names if name.endswith(f"/{METADATA}") and name.count("/") == 1]
    if len(found) != 1:
        raise BadCrate.at(METADATA, "The zip holds no RO-Crate: it needs this file at its top or in its one folder.")
    return found[0].removesuffix(METADATA)
