"""The 1024-byte header of an MRC file, whose stamp is often missing and whose fields are often zero."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError

HEADER_BYTES = 1024
_MODES = {0: "i1", 1: "i2", 2: "f4", 4: "c8", 6: "u2", 12: "f2"}
_NAMED_MODES = {3: "complex 16-bit integers", 16: "colour", 101: "4-bit"}
_IMOD_STAMP = 1146047817
_LONGEST_PLAUSIBLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of an MRC header we use; lengths in angstrom as written."""

    order: str
    shape: tuple[int, int, int]
    mode: int
    dtype: str
    cell: tuple[float, ...]
    sampling: tuple[int, ...]
    mapping: tuple[int, ...]
    extended_bytes: int
    extended_kind: str
    extended_counts: tuple[int, ...]
    signed_known: bool
    labels: tuple[str, ...]

    @property
    def data_offset(self) -> int:
        """Where the pixels begin [bytes]."""
        return HEADER_BYTES + self.extended_bytes


def recognises(head: bytes) -> bool:
    """Tell MRC by its map word, or, of older files without one, by a header that makes sense as a whole."""
    if len(head) < HEADER_BYTES:
        return False
    if head[208:211] == b"MAP":
        return True
    return any(_is_plausible(head, order) for order in "<>")


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one: small positive lengths."""
    fields = np.frombuffer(head[: len(head) // 4 * 4][:12], "<i4")
    return bool(((fields > 0) & (fields < _LONGEST_PLAUSIBLE)).all())


def read_header(path: Path) -> Header:
    """
    Parse a header in whichever byte order makes sense.

    Raises
    ------
    ReaderError
        ``truncated-file``, or ``unreadable-file`` for pixels we do not read.
    """
    with path.open("rb") as stream:
        raw = stream.read(HEADER_BYTES)
    if len(raw) < HEADER_BYTES:
        raise ReaderError("the file ends inside its MRC header: copy it again", code="truncated-file")
    order = _order(raw)
    words = np.frombuffer(raw, order + "i4")
    reals = np.frombuffer(raw, order + "f4")
    mode = int(words[3])
    if mode not in _MODES:
        described = _NAMED_MODES.get(mode, f"mode {mode}")
        raise ReaderError(f"the pixels are {described}, which we do not read: convert to integers or real numbers")
    nx, ny, nz = (int(n) for n in words[:3])
    if min(nx, ny, nz) < 1 or int(words[23]) < 0:
        raise ReaderError("the MRC header claims an empty or negative size: it is damaged")
    signed_known, dtype = _byte_kind(words, mode)
    kind = raw[104:108]
    return Header(
        order=order,
        shape=(nz, ny, nx),
        mode=mode,
        dtype=order + dtype,
        cell=tuple(float(value) for value in reals[10:13]),
        sampling=tuple(int(value) for value in words[7:10]),
        mapping=tuple(int(value) for value in words[16:19]),
        extended_bytes=int(words[23]),
        extended_kind=kind.decode("latin-1") if kind.isalnum() else "",
        extended_counts=tuple(int(value) for value in np.frombuffer(raw[128:132], order + "i2")),
        signed_known=signed_known,
        labels=_labels(raw, int(words[55])),
    )


def _order(raw: bytes) -> str:
    """Believe the machine stamp if it makes sense, else the order in which mode and lengths are small."""
    stamped = {b"\x44": "<", b"\x11": ">"}.get(raw[212:213])
    if stamped and _is_sane(raw, stamped):
        return stamped
    return next((order for order in "<>" if _is_sane(raw, order)), stamped or "<")


def _is_sane(raw: bytes, order: str) -> bool:
    nx, ny, nz, mode = np.frombuffer(raw[:16], order + "i4").tolist()
    return (mode in _MODES or mode in _NAMED_MODES) and all(0 < n < _LONGEST_PLAUSIBLE for n in (nx, ny, nz))


def _is_plausible(raw: bytes, order: str) -> bool:
    words = np.frombuffer(raw[:HEADER_BYTES], order + "i4")
    axes_are_named = sorted(words[16:19].tolist()) in ([0, 0, 0], [1, 2, 3])
    return _is_sane(raw, order) and axes_are_named and 0 <= int(words[23]) < 1 << 27 and 0 <= int(words[55]) <= 10


def _byte_kind(words: NDArray[Any], mode: int) -> tuple[bool, str]:
    """Mode 0 is signed by the 2014 standard; IMOD says by a flag which of both it wrote."""
    if mode != 0 or int(words[38]) != _IMOD_STAMP:
        return mode != 0, _MODES[mode]
    return True, "i1" if int(words[39]) & 1 else "u1"


def _labels(raw: bytes, count: int) -> tuple[str, ...]:
    lines = [raw[224 + 80 * i : 304 + 80 * i].decode("latin-1").strip("\0 ") for i in range(min(max(count, 0), 10))]
    return tuple(line for line in lines if line)
