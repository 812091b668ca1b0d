"""
HDF5: the superblock says where the file ends, and whether a writer still has it open.

References
----------
HDF5 File Format Specification Version 3.0, "Superblock".
"""

import struct
from io import BufferedReader

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_OPEN_FOR_WRITING = 0x01
_SWMR = 0x04
_UNDEFINED = 2**64 - 1


def hdf5(file: BufferedReader, size: int) -> str | None:
    """Compare the end-of-file address with the length; a superblock that is open for writing is not finished."""
    at = _superblock(file, size)
    if at is None:
        return "it does not begin as an HDF5 file"
    file.seek(at + 8)
    head = file.read(120)
    version = head[0]
    if version < 2:
        width, start = head[5], 24 - 8 + (4 if version == 1 else 0)
        base, _free, end = _addresses(head, start, width, 3)
        flags = 0
    else:
        width, flags = head[1], head[3]
        base, _extension, end = _addresses(head, 4, width, 3)
    if version >= 3 and flags & (_OPEN_FOR_WRITING | _SWMR):
        return "its writer has not closed it"
    if end in {0, _UNDEFINED}:
        return "its writer has not said yet where it ends"
    needed = end + (at if base == at else 0)
    return None if size >= needed else f"{size} of {needed} bytes are there"


def _superblock(file: BufferedReader, size: int) -> int | None:
    at = 0
    while at + 8 <= size:
        file.seek(at)
        if file.read(8) == SIGNATURE:
            return at
        at = 512 if at == 0 else at * 2
    return None


def _addresses(head: bytes, start: int, width: int, count: int) -> tuple[int, ...]:
    if width not in {2, 4, 8} or len(head) < start + count * width:
        raise struct.error("the superblock is cut")
    return tuple(int.from_bytes(head[start + i * width : start + (i + 1) * width], "little") for i in range(count))
