"""
Readers: one file per format, each with an inspection that believes nothing and a reading that follows it.

`inspect` decides the format and refuses what must not be read; `read` inspects, then returns a `Reading`. Both are
plain functions to be run in a confined process, because the libraries underneath are written in C and the files by
strangers.
"""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lithoscope.errors import LithoscopeError, ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Limits, Manifest, Source
from lithoscope.readers.names import with_plain_names
from lithoscope.readers.soundness import sound

if TYPE_CHECKING:
    from types import ModuleType

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE})

__all__ = ["ArrayEntry", "Limits", "Manifest", "Reading", "inspect", "read", "read_together"]


def inspect(path: Path, *, name: str = "", limits: Limits | None = None) -> Manifest:
    """
    Say what a file is and holds, or refuse it; no array is read.

    Parameters
    ----------
    path : Path
        The bytes.
    name : str
        The file's own name when ``path`` is only where it is stored; its suffix is held against the bytes.
    limits : Limits, optional
        What the file may claim.

    Returns
    -------
    manifest : Manifest
        Format and arrays.

    Raises
    ------
    ReaderError
        With one of the codes ``empty-file``, ``truncated-file``, ``type-mismatch``, ``unsupported-type``,
        ``too-large``, ``compression-ratio``, ``chunk-too-large``, ``external-reference``, ``link-cycle``,
        ``unsupported-filter``, ``pickled-content``, ``unsafe-archive``, ``unsafe-xml`` or ``unreadable-file``.
    """
    source = Source(path, name or path.name, limits or Limits())
    module, format_name = _module(source)
    with _only_reader_errors(format_name):
        manifest: Manifest = module.inspect(source)
    return manifest


def read(path: Path, *, name: str = "", limits: Limits | None = None, companions: Sequence[Path] = ()) -> Reading:
    """
    Inspect a file and read it.

    Parameters
    ----------
    path, name, limits
        As for `inspect`.
    companions : sequence of Path
        Files that belong to it: ``.rawtlt``, ``.tlt`` or ``.mdoc`` of a tilt series.

    Returns
    -------
    reading : Reading
        Arrays, metadata and calibration, each number with its source.

    Raises
    ------
    ReaderError
        As `inspect`; ``bad-companion`` names the companion file and line. Of the scans of a tilt series also
        ``missing-tilt``, ``duplicate-tilt``, ``unknown-tilt``, ``mixed-sizes``, ``mixed-energies``,
        ``reversed-energy-axis`` and ``bad-manifest``, which name the file or line.
    """
    source = Source(path, name or path.name, limits or Limits())
    module, format_name = _module(source)
    with _only_reader_errors(format_name):
        found = format_name if getattr(module, "READ_INSPECTS", False) else module.inspect(source).format
        reading: Reading = sound(with_plain_names(module.read(source)))
    reading = replace(reading, format=reading.format or found)
    if companions:
        from lithoscope.readers.companions import with_companions

        reading = with_companions(reading, companions)
    return reading


def read_together(files: Sequence[Path], *, limits: Limits | None = None, companions: Sequence[Path] = ()) -> Reading:
    """
    Read files that are one dataset, where they lie; what they are together their names say.

    Parameters
    ----------
    files : sequence of Path
        All in one folder, under their own names.
    limits, companions
        As for `read`.

    Returns
    -------
    reading : Reading
        As of the same files in one archive.

    Raises
    ------
    ReaderError
        As `read`.
    """
    from lithoscope.readers import together

    allowed = limits or Limits()
    kind = together.layout([path.name for path in files])
    if sum(path.stat().st_size for path in files) > (allowed.series_bytes if kind == "scans" else allowed.total_bytes):
        raise ReaderError("the files together are larger than is allowed: send them apart", code="too-large")
    with _only_reader_errors(kind):
        reading = sound(with_plain_names(together.read(kind, sorted(files), allowed)))
    if companions:
        from lithoscope.readers.companions import with_companions

        reading = with_companions(reading, companions)
    return reading


def _module(source: Source) -> "tuple[ModuleType, str]":
    from lithoscope.readers.sniff import FORMATS, sniff

    format_name = sniff(source)
    return FORMATS[format_name], format_name


@contextmanager
def _only_reader_errors(format_name: str) -> Iterator[None]:
    """A damaged file may make a parser raise anything; what leaves here is a `ReaderError` with the cause chained."""
    try:
        yield
    except (LithoscopeError, MemoryError, ImportError, NameError):  # a refusal, our limits, our own fault
        raise
    except OSError as error:
        if error.errno in _OF_THE_DISK:  # of this machine, not of the file
            raise
        raise _unreadable(format_name, error) from error
    except Exception as error:
        raise _unreadable(format_name, error) from error


def _unreadable(format_name: str, error: Exception) -> ReaderError:
    return ReaderError(
        f"the {format_name} file cannot be read ({type(error).__name__}): it is damaged or of an unknown kind"
    )
