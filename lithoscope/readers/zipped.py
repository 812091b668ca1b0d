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
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.numerics.common.series import SeriesOfTilts, as_values, is_stored
from lithoscope.readers.base import Reading
from lithoscope.readers.companions import SUFFIXES as SETTINGS
from lithoscope.readers.eiger_set import FORMAT as EIGER
from lithoscope.readers.eiger_set import inspect_frames, is_eiger_set, read_frames
from lithoscope.readers.limits import ArrayEntry, Limits, Manifest, Source
from lithoscope.readers.scan_set import is_scan_set
from lithoscope.readers.ser_set import FORMAT as TIA
from lithoscope.readers.ser_set import inspect_series, is_ser_set, read_series, ser_set
from lithoscope.readers.slice_set import FORMAT as SLICES
from lithoscope.readers.slice_set import inspect_slices, is_slice_set, read_slices, slice_set
from lithoscope.simultaneous import LAYOUT, MANIFEST

SUFFIXES = (".zip",)
SMALLEST_HEADER_BYTES = 22
#: `read` inspects what it unpacks, so that nothing is unpacked twice.
READ_INSPECTS = True

_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_BLOCK = 1 << 20
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{i}" for name in ("com", "lpt") for i in range(1, 10))}
_MAP, _SPECTRUM = ".spd", ".spc"  # of EDAX: a spectrum is a companion beside its map
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
    from lithoscope.readers import inspect as inspect_inner

    unpacked = _Unpacked(source)
    if unpacked.layout != "file":
        name, entries = _INSPECT[unpacked.layout](unpacked, source.limits)
        return Manifest(name, entries, {"unpacked_files": len(unpacked.files)})
    inner, companions = _sorted(unpacked.files)
    manifest = inspect_inner(inner, limits=source.limits)
    details = {**manifest.details, "unpacked_from": inner.name, "companions": [one.name for one in companions]}
    return Manifest(manifest.format, manifest.arrays, details)


def read(source: Source) -> Reading:
    """Read what is inside as one; the scans of a series stay unpacked until it is gone."""
    from lithoscope.readers import read as read_inner

    unpacked = _Unpacked(source)
    if unpacked.layout != "file":
        return _READ[unpacked.layout](unpacked, source.limits)
    inner, companions = _sorted(unpacked.files)
    reading = read_inner(inner, limits=source.limits, companions=companions)
    return replace(reading, arrays=tuple(_kept(array, unpacked) for array in reading.arrays))


def _of_scans(unpacked: "_Unpacked", limits: Limits) -> Reading:
    from lithoscope.readers.scan_archive import read_scans

    _inspected_scans(unpacked, limits)
    return read_scans(unpacked.files, limits, keep=unpacked)


def _of_slices(unpacked: "_Unpacked", limits: Limits) -> Reading:
    return read_slices(slice_set(unpacked.files), limits)


def _of_acquisition(unpacked: "_Unpacked", limits: Limits) -> Reading:
    from lithoscope.readers.companions import with_companions

    series, settings = ser_set(unpacked.files)
    return with_companions(read_series(series, limits), settings)


_Entries = tuple[str, tuple[ArrayEntry, ...]]
_INSPECT: dict[str, Callable[["_Unpacked", Limits], _Entries]] = {
    "scans": lambda unpacked, limits: (LAYOUT, _inspected_scans(unpacked, limits)),
    "slices": lambda unpacked, limits: (SLICES, inspect_slices(slice_set(unpacked.files), limits)),
    "acquisition": lambda unpacked, limits: (TIA, inspect_series(ser_set(unpacked.files)[0], limits)),
    "frames": lambda unpacked, limits: (EIGER, inspect_frames(unpacked.files, limits)),
}
_READ: dict[str, Callable[["_Unpacked", Limits], Reading]] = {
    "scans": _of_scans,
    "slices": _of_slices,
    "acquisition": _of_acquisition,
    "frames": lambda unpacked, limits: read_frames(unpacked.files, limits),
}


def _inspected_scans(unpacked: "_Unpacked", limits: Limits) -> tuple[ArrayEntry, ...]:
    """Inspect every file of a series as if it had been sent alone."""
    from lithoscope.readers import inspect as inspect_inner

    entries: list[ArrayEntry] = []
    for path in unpacked.files:
        if path.name == MANIFEST:
            continue
        _check_no_archive(path)
        try:
            inner = inspect_inner(path, limits=limits)
        except ReaderError as error:
            raise ReaderError(f"{path.name}: {error}", code=error.code) from error
        entries += [replace(entry, name=f"{path.name}/{entry.name.strip('/')}") for entry in inner.arrays]
    return tuple(entries)


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
            self.layout = _layout([PurePosixPath(member.filename).name for member in members])
            _unpack(archive, members, self._folder, _limits_of(source.limits, is_series=self.layout == "scans"))
        self.files: list[Path] = sorted(self._folder.iterdir())


def _layout(names: list[str]) -> str:
    """Say what files are together by their names: ``scans``, ``slices``, ``acquisition``, ``frames`` or a ``file``."""
    found = "scans" if is_scan_set(names) else "slices" if is_slice_set(names) else "file"
    found = "acquisition" if found == "file" and is_ser_set(names) else found
    found = "frames" if found == "file" and is_eiger_set(names) else found
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
    if any(name.endswith((".pkl", ".pickle")) for name in names):
        raise ReaderError("the archive holds pickles (PyTorch): they can run code", code="unsupported-type")
    if len(set(names)) != len(names):
        raise _unsafe("two members have the same name")
    return files


def _check_name(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename
    pure = PureWindowsPath(name)
    if not name or "\0" in name or "\\" in name or pure.drive or pure.root or name.startswith("/"):
        raise _unsafe("a member has an absolute, drive or empty name")
    if ".." in pure.parts:
        raise _unsafe("a member's name leads out of the archive")
    if any(part.split(".")[0].strip().casefold() in _DEVICES for part in pure.parts):
        raise _unsafe("a member is named like a device")
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


def _sorted(files: list[Path]) -> tuple[Path, list[Path]]:
    maps = {one.stem.casefold() for one in files if one.suffix.lower() == _MAP}
    companions = [one for one in files if _is_companion(one, maps)]
    companions.sort(key=lambda one: (one.suffix.lower(), one.name))
    principals = [one for one in files if one not in companions]
    if len(principals) != 1:
        raise ReaderError(
            f"the archive holds {len(principals)} data files that are no series together: send them one by one, each "
            f"with its companions, or as a series with {MANIFEST}",
            code="unsupported-type",
        )
    _check_no_archive(principals[0])
    return principals[0], companions


def _is_companion(path: Path, maps: set[str]) -> bool:
    suffix = path.suffix.lower()
    return suffix in SETTINGS and (suffix != _SPECTRUM or path.stem.casefold() in maps)


def _check_no_archive(path: Path) -> None:
    with path.open("rb") as stream:
        if recognises(stream.read(4)):
            raise _unsafe("an archive lies inside the archive")


def _unsafe(what: str) -> ReaderError:
    return ReaderError(f"{what}: pack plain files again, or send them without an archive", code="unsafe-archive")


def _bomb() -> ReaderError:
    return ReaderError("the archive unpacks to far more than it stores: send the file itself", code="compression-ratio")
