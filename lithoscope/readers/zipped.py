"""
Zip archives, unpacked while counting: the wrapping of one supported file with its companions, of the scans of one tilt
series, of the numbered slices of a serial section, of the series of one TIA acquisition, or of an Eiger's master and
its frames.
"""

import shutil
import stat
import tempfile
import unicodedata
import weakref
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.numerics.common.series import SeriesOfTilts, as_values, is_stored
from lithoscope.readers import together
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import Limits, Manifest, Source
from lithoscope.stored_zip import unfit

SUFFIXES = (".zip",)
SMALLEST_HEADER_BYTES = 22
#: `read` inspects what it unpacks, so that nothing is unpacked twice.
READ_INSPECTS = True

_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_BLOCK = 1 << 20
_IGNORED = ("__MACOSX/",)
_MOST_MEMBERS = 1000
_MOST_SLICES = 10_000


def recognises(head: bytes) -> bool:
    """Tell a zip archive by its first record."""
    return head.startswith(_MARKS)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return any(mark.startswith(head[:4]) for mark in _MARKS)


def inspect(source: Source) -> Manifest:
    """Judge names and sizes, unpack under count, and inspect what is inside."""
    unpacked = _Unpacked(source)
    return together.inspect(unpacked.layout, unpacked.files, source.limits)


def read(source: Source) -> Reading:
    """Read what is inside as one; the scans of a series stay unpacked until it is gone."""
    unpacked = _Unpacked(source)
    reading = together.read(unpacked.layout, unpacked.files, source.limits, keep=unpacked)
    if unpacked.layout != "file":
        return reading
    return replace(reading, arrays=tuple(_kept(array, unpacked) for array in reading.arrays))


def _kept(array: LabelledArray, unpacked: "_Unpacked") -> LabelledArray:
    """Keep the unpacked file as long as an array that is read from it."""
    values: Any = array.values
    if not is_stored(values):
        return array

    def tilt(index: int, _kept: object = unpacked) -> Any:
        return values[index]

    return replace(array, values=as_values(SeriesOfTilts(tilt, shape=values.shape, dtype=values.dtype)))


class _Unpacked:
    """The files of an archive in a folder of their own, which goes when nobody needs them any longer."""

    def __init__(self, source: Source) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lithoscope-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        with _archive(source.path) as archive:
            members = _checked(archive)
            self.layout = _layout_of([PurePosixPath(member.filename).name for member in members])
            _unpack(archive, members, self._folder, _limits_of(source.limits, is_series=self.layout == "scans"))
        self.files: list[Path] = sorted(self._folder.iterdir())


def _layout_of(names: list[str]) -> str:
    found = together.layout(names)
    if len(names) > _MOST_MEMBERS and found != "slices":
        raise _too_many(_MOST_MEMBERS)
    return found


def _too_many(most: int) -> ReaderError:
    return ReaderError(f"the archive has more than {most} members", code="too-large")


def _limits_of(limits: Limits, *, is_series: bool) -> Limits:
    """Of a series no more than a tilt is in memory, so that only the disk bounds its files."""
    return replace(limits, total_bytes=limits.series_bytes) if is_series else limits


def _unpack(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, limits: Limits) -> None:
    _check_places(members, limits)
    if sum(member.file_size for member in members) > shutil.disk_usage(folder).free:
        raise ReaderError("the archive unpacks to more than the reader has room for: split it", code="too-large")
    written = 0
    for member in members:
        target = Path(folder, PurePosixPath(member.filename).name)
        most = min(limits.total_bytes - written, limits.ratio * member.compress_size + limits.ratio_floor_bytes)
        written += _extract(archive, member, target, most)


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ReaderError("the archive has no table of contents: copy it again", code="truncated-file") from error
    except (ValueError, NotImplementedError, OSError, OverflowError) as error:
        raise ReaderError("the archive is damaged: pack it again") from error


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > _MOST_SLICES:
        raise _too_many(_MOST_SLICES)
    for member in members:
        _check_name(member)
    files = [one for one in members if not one.is_dir() and not one.filename.startswith(_IGNORED)]
    names = [unicodedata.normalize("NFC", PurePosixPath(one.filename).name).casefold() for one in files]
    together.check_no_pickles(names)
    if len(set(names)) != len(names):
        raise _unsafe("two members have the same name")
    return files


def _check_name(member: zipfile.ZipInfo) -> None:
    if (why := unfit(member.orig_filename)) is not None:
        raise _unsafe(f"a member cannot be unpacked: {why}")
    mode = member.external_attr >> 16
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
        raise _unsafe("a member is a link or no plain file")
    if member.flag_bits & 1:
        raise _unsafe("a member is encrypted")


def _check_places(files: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Members may not share bytes, which is how small archives unpack into huge ones, nor promise too much."""
    end = -1
    for member in sorted(files, key=lambda one: one.header_offset):
        if member.header_offset < end:
            raise ReaderError("members of the archive overlap", code="compression-ratio")
        end = member.header_offset + 30 + member.compress_size
        if member.file_size > limits.ratio_floor_bytes and member.file_size > limits.ratio * member.compress_size:
            raise _bomb()
    if sum(member.file_size for member in files) > limits.total_bytes:
        raise ReaderError("the archive unpacks to more than is allowed", code="too-large")


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Unpack one member, counting what comes out rather than believing what it promised."""
    written = 0
    try:
        with archive.open(member) as source, target.open("wb") as sink:
            while block := source.read(_BLOCK):
                written += len(block)
                if written > most:
                    raise _bomb()
                sink.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ReaderError("a member of the archive is damaged or packed in an unknown way: pack it again") from error
    return written


def _unsafe(what: str) -> ReaderError:
    return ReaderError(f"{what}: pack plain files again, or send them without an archive", code="unsafe-archive")


def _bomb() -> ReaderError:
    return ReaderError("the archive unpacks to far more than it stores: send the file itself", code="compression-ratio")
