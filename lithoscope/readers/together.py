"""
Files that are one dataset together, told by their names: one supported file with its companions, the scans of one tilt
series, the numbered slices of a serial section, the series of one TIA acquisition, or an Eiger's master and its frames.

They came in one archive (`lithoscope.readers.zipped`), or lie beside each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.companions import SUFFIXES as SETTINGS
from lithoscope.readers.eiger_set import FORMAT as EIGER
from lithoscope.readers.eiger_set import inspect_frames, is_eiger_set, read_frames
from lithoscope.readers.limits import ArrayEntry, Limits, Manifest
from lithoscope.readers.scan_set import is_scan_set
from lithoscope.readers.ser_set import FORMAT as TIA
from lithoscope.readers.ser_set import inspect_series, is_ser_set, read_series, ser_set
from lithoscope.readers.slice_set import FORMAT as SLICES
from lithoscope.readers.slice_set import inspect_slices, is_slice_set, read_slices, slice_set
from lithoscope.simultaneous import LAYOUT, MANIFEST

_ARCHIVE = b"PK\x03\x04"
_MAP, _SPECTRUM = ".spd", ".spc"  # of EDAX: a spectrum is a companion beside its map


def layout(names: Sequence[str]) -> str:
    """Say what files are together by their names: ``scans``, ``slices``, ``acquisition``, ``frames`` or a ``file``."""
    found = "scans" if is_scan_set(names) else "slices" if is_slice_set(names) else "file"
    found = "acquisition" if found == "file" and is_ser_set(names) else found
    return "frames" if found == "file" and is_eiger_set(names) else found


def inspect(kind: str, files: Sequence[Path], limits: Limits) -> Manifest:
    """Inspect files of a `layout` as if each had been sent alone, and all together."""
    from lithoscope.readers import inspect as inspect_inner

    if kind != "file":
        name, entries = _INSPECT[kind](files, limits)
        return Manifest(name, entries, {"unpacked_files": len(files)})
    inner, companions = _sorted(files)
    manifest = inspect_inner(inner, limits=limits)
    details = {**manifest.details, "unpacked_from": inner.name, "companions": [one.name for one in companions]}
    return Manifest(manifest.format, manifest.arrays, details)


def read(kind: str, files: Sequence[Path], limits: Limits, *, keep: object = None) -> Reading:
    """
    Read files of a `layout` as one; arrays of scans are read from their files when they are asked for.

    Parameters
    ----------
    kind : str
        As `layout` says.
    files : sequence of Path
        All in one folder, under their own names.
    limits : Limits
        What they may claim.
    keep : object
        Held as long as arrays that are read later: what removes the files when it ends.

    Raises
    ------
    ReaderError
        As `lithoscope.readers.read`.
    """
    from lithoscope.readers import read as read_inner

    check_no_pickles([path.name for path in files])
    if kind == "scans":
        return _of_scans(files, limits, keep)
    if kind != "file":
        return _READ[kind](files, limits)
    inner, companions = _sorted(files)
    return read_inner(inner, limits=limits, companions=companions)


def check_no_pickles(names: Sequence[str]) -> None:
    """Refuse files that can run code when they are opened."""
    if any(name.casefold().endswith((".pkl", ".pickle")) for name in names):
        raise ReaderError("among the files are pickles (PyTorch): they can run code", code="unsupported-type")


def _of_scans(files: Sequence[Path], limits: Limits, keep: object) -> Reading:
    from lithoscope.readers.scan_archive import read_scans

    _inspected_scans(files, limits)
    return read_scans(files, limits, keep=keep)


def _of_acquisition(files: Sequence[Path], limits: Limits) -> Reading:
    from lithoscope.readers.companions import with_companions

    series, settings = ser_set(files)
    return with_companions(read_series(series, limits), settings)


_Entries = tuple[str, tuple[ArrayEntry, ...]]
_INSPECT: dict[str, Callable[[Sequence[Path], Limits], _Entries]] = {
    "scans": lambda files, limits: (LAYOUT, _inspected_scans(files, limits)),
    "slices": lambda files, limits: (SLICES, inspect_slices(slice_set(files), limits)),
    "acquisition": lambda files, limits: (TIA, inspect_series(ser_set(files)[0], limits)),
    "frames": lambda files, limits: (EIGER, inspect_frames(files, limits)),
}
_READ: dict[str, Callable[[Sequence[Path], Limits], Reading]] = {
    "slices": lambda files, limits: read_slices(slice_set(files), limits),
    "acquisition": _of_acquisition,
    "frames": read_frames,
}


def _inspected_scans(files: Sequence[Path], limits: Limits) -> tuple[ArrayEntry, ...]:
    """Inspect every file of a series as if it had been sent alone."""
    from lithoscope.readers import inspect as inspect_inner

    entries: list[ArrayEntry] = []
    for path in files:
        if path.name == MANIFEST:
            continue
        _check_no_archive(path)
        try:
            inner = inspect_inner(path, limits=limits)
        except ReaderError as error:
            raise ReaderError(f"{path.name}: {error}", code=error.code) from error
        entries += [replace(entry, name=f"{path.name}/{entry.name.strip('/')}") for entry in inner.arrays]
    return tuple(entries)


def _sorted(files: Sequence[Path]) -> tuple[Path, list[Path]]:
    maps = {one.stem.casefold() for one in files if one.suffix.lower() == _MAP}
    companions = [one for one in files if _is_companion(one, maps)]
    companions.sort(key=lambda one: (one.suffix.lower(), one.name))
    principals = [one for one in files if one not in companions]
    if len(principals) != 1:
        raise ReaderError(
            f"these are {len(principals)} data files that are no series together: send them one by one, each with its "
            f"companions, or as a series with {MANIFEST}",
            code="unsupported-type",
        )
    _check_no_archive(principals[0])
    return principals[0], companions


def _is_companion(path: Path, maps: set[str]) -> bool:
    suffix = path.suffix.lower()
    return suffix in SETTINGS and (suffix != _SPECTRUM or path.stem.casefold() in maps)


def _check_no_archive(path: Path) -> None:
    with path.open("rb") as stream:
        if stream.read(len(_ARCHIVE)) == _ARCHIVE:
            words = "an archive lies inside the archive: pack plain files again, or send them without an archive"
            raise ReaderError(words, code="unsafe-archive")
