"""Which format a file is: its first bytes decide, its name may only agree."""

from pathlib import Path, PurePath

from lithoscope.errors import ReaderError
from lithoscope.readers import (
    apt,
    bruker,
    delimited,
    digitalmicrograph,
    edax,
    emsa,
    epos,
    hdf5,
    mrc,
    npy,
    pos,
    tia,
    tiff,
    zipped,
)
from lithoscope.readers.limits import Source

#: Formats in the order in which they are tried; MRC, which has a weak mark, late; tables, which have none, last.
FORMATS = {
    "digitalmicrograph": digitalmicrograph,
    "tiff": tiff,
    "tia": tia,
    "npy": npy,
    "zip": zipped,
    "hdf5": hdf5,
    "emsa": emsa,
    "bruker": bruker,
    "apt": apt,
    "edax": edax,
    "mrc": mrc,
    "csv": delimited,
    "epos": epos,
    "pos": pos,
}
#: Formats without any mark, known by their names alone; bytes that happen to look like those of a weak mark are theirs.
_BY_NAME, _WEAK = ("epos", "pos"), ("mrc", "csv")
_PROGRAMS = (
    b"\x80\x02",
    b"\x80\x03",
    b"\x80\x04",
    b"\x80\x05",
    b"MATLAB ",
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"x\x9c",
    b"x\x01",
    b"x\xda",
)
_HEAD_BYTES = 1 << 16


def sniff(source: Source) -> str:
    """
    Decide the format.

    Parameters
    ----------
    source : Source
        The file; the suffix of its name is held against its bytes.

    Returns
    -------
    format : str
        A key of `FORMATS`.

    Raises
    ------
    ReaderError
        ``empty-file``, ``type-mismatch``, ``unsupported-type`` or ``truncated-file``.
    """
    if source.size == 0:
        raise ReaderError("the file is empty: send it again", code="empty-file")
    with source.path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    promised = _promised(source.name)
    if head.startswith(_PROGRAMS) and not head.startswith(b"MATLAB 7.3"):
        raise ReaderError(_NO_PROGRAMS, code="unsupported-type")
    found = _found(source.path, head)
    if promised in _BY_NAME and found in (None, *_WEAK):
        return promised
    if found is None:
        _check_text(head)
        raise _unrecognised(head, promised, source.size)
    if promised not in (None, found):
        raise ReaderError(f"the file is called {promised} and begins as {found}: rename it", code="type-mismatch")
    return found


_NO_PROGRAMS = (
    "pickles, joblib, PyTorch and MATLAB files are not read, because opening them can run code: export arrays"
)


def _promised(name: str) -> str | None:
    suffix = PurePath(name).suffix.lower()
    return next((key for key, module in FORMATS.items() if suffix in module.SUFFIXES), None)


def _found(path: Path, head: bytes) -> str | None:
    if hdf5.signature_offset(path) is not None:  # behind a user block the first bytes are anything
        return "hdf5"
    return next((key for key, module in FORMATS.items() if key != "hdf5" and module.recognises(head)), None)


def _check_text(head: bytes) -> None:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        from lithoscope.readers.xml_guard import check_xml

        check_xml(head)
        raise ReaderError("XML alone is no data file: send the file it belongs to", code="unsupported-type")


def _unrecognised(head: bytes, promised: str | None, size: int) -> ReaderError:
    if promised is None:
        return ReaderError("the file is of no type this facility reads", code="unsupported-type")
    if size < FORMATS[promised].SMALLEST_HEADER_BYTES and FORMATS[promised].may_begin(head):
        return ReaderError(f"the file ends inside its {promised} header: copy it again", code="truncated-file")
    return ReaderError(f"the file is called {promised} and does not begin as such: rename it", code="type-mismatch")
